"""Write generated problems into a folder: one file per split and a manifest.

`manifest.json`, written last, says what made the files and what they are:

    {"task": "listops", "options": {"max_value": 9, …}, "sizes": {"train": 10000, …},
     "seed": 0, "drawing": 2, "version": "0.1.0",
     "kept_apart": "up to the order of arguments", "too_few_to_keep_apart": {},
     "too_few_for_equal_lengths": {},
     "files": {"train.jsonl": {"rows": 10000, "rows_of_a_length": [322, 323],
                               "sha256": "…"}, …}}

`drawing` and what it keeps apart: `tasks.drawing`. `too_few_to_keep_apart` has lengths
and how many problems there are of them up to order; `too_few_for_equal_lengths` has
lengths by split, and the rows that they have; `rows_of_a_length` is the fewest and the
most. A file of test problems also has the number of its rows that are `unlike`: that
differ by more than the order of arguments.

There are no times or paths in it: the same command gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.whole_file import digest_file
from axolotl_explain.support.whole_output import whole_folder
from axolotl_explain.tasks.dataset_plan import DatasetPlan
from axolotl_explain.tasks.draw_splits import draw_splits
from axolotl_explain.tasks.kept_apart import KeptApart
from axolotl_explain.tasks.task import SPLITS, OptionsT, Split
from axolotl_explain.tasks.write_jsonl import SplitSummary, write_jsonl

MANIFEST = "manifest.json"


def write_dataset(
    plan: DatasetPlan[OptionsT],
    out: Path,
    overwrite: bool = False,
    on_row: Callable[[], object] = lambda: None,
) -> dict[Split, SplitSummary] | None:
    """Fill a folder, as a whole or not at all; None where it holds just this already.

    Raises:
        ExplainError: if the options allow too few problems, or if `out` holds something
            else (see `is_already_written`).
    """
    made_of = plan.as_json()
    if is_already_written(out, made_of, overwrite):
        return None
    with whole_folder(out) as draft:
        drawn = {
            split: write_jsonl(
                draft / f"{split}.jsonl",
                examples,
                on_row,
                None if split == "train" else plan.task.key_of,
            )
            for split, examples in draw_splits(plan)
        }
        summaries = {split: drawn[split] for split in SPLITS if split in drawn}
        files = {f"{split}.jsonl": one.as_json() for split, one in summaries.items()}
        told = KeptApart.of(plan, summaries).as_json()
        manifest = json.dumps({**made_of, **told, "files": files}, indent=2)
        (draft / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    return summaries


def is_already_written(out: Path, made_of: dict[str, Any], overwrite: bool) -> bool:
    """Whether a folder holds what would be generated; False where it can be written.

    Raises:
        ExplainError: if it holds files that no generation has written; or, unless it
            may be overwritten, a generation with other options or changed files.
    """
    if not out.exists():
        return False
    if not out.is_dir():
        raise ExplainError(f"--out {out}: this is a file; name a folder.")
    manifest = _read_manifest(out)
    files = manifest.get("files", {})
    own = {MANIFEST, *files} if manifest else set()
    strangers = sorted(path.name for path in out.iterdir() if path.name not in own)
    if strangers:
        raise ExplainError(
            f"--out {out}: the folder holds {strangers[0]!r}, which no generation has "
            "written; name a new or empty folder."
        )
    if not manifest:
        return False
    flaws = [
        f"differs in its {key}" for key in made_of if made_of[key] != manifest[key]
    ]
    flaws += [
        f"has a {name} that was changed since"
        for name, entry in files.items()
        if not (out / name).is_file() or digest_file(out / name) != entry["sha256"]
    ]
    if not flaws:
        return True
    if overwrite:
        return False
    raise ExplainError(
        f"--out {out}: the folder holds an earlier generation, which {flaws[0]}; name "
        "another folder, or pass --overwrite to replace it."
    )


def _read_manifest(out: Path) -> dict[str, Any]:
    """The folder's manifest; empty where there is none that was written here."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    keys = ("task", "options", "sizes", "seed", "version", "files")
    if not isinstance(manifest, dict) or not all(key in manifest for key in keys):
        return {}
    files = manifest["files"]
    known = isinstance(files, dict) and all(
        isinstance(entry, dict) and "sha256" in entry for entry in files.values()
    )
    # Before there were several drawings, there was the first.
    return {"drawing": 1, **manifest} if known else {}
