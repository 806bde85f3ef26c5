"""The folder of the stage that is kept: an ordinary one, which needs nothing of ours.

It is a copy of the stage's output folder without checkpoints and logs, with `kept.json`
in it, and beside it a recipe that names it. A better one that is there already stays;
any other moves to the archive.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.internalisation.chain import Chain
from axolotl_explain.internalisation.stage_result import KeptStage
from axolotl_explain.results.chain_record import KEPT
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.archive import archive_run
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_file import RUN_FILE
from axolotl_explain.sweep.run_fingerprint import file_digests

KEPT_FILE = "kept.json"
LEFT_OUT = (
    *("checkpoint-*", "evaluation", "explain_evaluation", "*.log", RUN_FILE),
    *(".lock", ".outcome.json", "runs", KEPT_FILE, ".progress.json"),
)
"""What a stage's folder has besides a model."""


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """Where the kept stage lies.

    Attributes:
        better: words on the folder of before, where that one is better and stays.
        unchanged: whether it is there already.
    """

    folder: Path
    recipe: Path
    better: str = ""
    unchanged: bool = False


def keep(chain: Chain, kept: KeptStage) -> KeptFolder:
    """Copy the stage to `OUT/kept`, unless what is there is better."""
    run = chain.runs[kept.result.stage].run
    found = KeptFolder(chain.out / KEPT, chain.out / f"{KEPT}.yml")
    content = _content(chain, kept, run)
    before = _before(found.folder)
    if before is not None and _same(before, content):
        _write_recipe(found, run)
        return KeptFolder(found.folder, found.recipe, unchanged=True)
    if before is not None and (why := _is_better(before, content)):
        return KeptFolder(found.folder, found.recipe, better=why)
    draft = found.folder.with_name(f".{KEPT}.writing")
    shutil.rmtree(draft, ignore_errors=True)
    source = run.given or run.folder
    shutil.copytree(source, draft, ignore=shutil.ignore_patterns(*LEFT_OUT))
    write_whole(draft / KEPT_FILE, json.dumps(content, indent=2) + "\n")
    if found.folder.exists():
        archive_run(found.folder, run.archive)
    os.rename(draft, found.folder)
    _write_recipe(found, run)
    return found


def _content(chain: Chain, kept: KeptStage, run: SweepRun) -> dict[str, Any]:
    """What `kept.json` says: which stage, how good, on which rows."""
    return {
        "stage": kept.result.stage,
        "training": run.training_fingerprint,
        "why": kept.why,
        "tolerance": chain.options.tolerance,
        "held_out": kept.result.held_out.to_dict(),
        "rows": _rows(chain.held_out),
    }


def _rows(data: Sequence[str]) -> list[str]:
    """Digests of the files of held-out rows; of a hub dataset, its name."""
    return sorted(
        digest
        for path in data
        for digest in (file_digests(path) or {path: path}).values()
    )


def _before(folder: Path) -> dict[str, Any] | None:
    """What is kept there; None where nothing is, or nobody can tell."""
    try:
        found = json.loads((folder / KEPT_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _same(before: dict[str, Any], now: dict[str, Any]) -> bool:
    names = ("training", "stage", "held_out", "rows")
    return all(before.get(name) == now[name] for name in names)


def _is_better(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Why what is there is better, on the very same rows; empty where it is not.

    Better is whoever answers right more often with as few tokens, or as often with
    fewer.
    """
    if before.get("rows") != now["rows"]:
        return ""
    old, new = before["held_out"], now["held_out"]
    right = old["exact_match"] - new["exact_match"]
    tokens = old["tokens_per_completion"] - new["tokens_per_completion"]
    if right < 0 or tokens > 0 or (right == 0 and tokens == 0):
        return ""
    return (
        f"the one of before (stage {before['stage']}) answers {old['exact_match']:.1%} "
        f"right at {old['tokens_per_completion']:.1f} tokens, this one "
        f"{new['exact_match']:.1%} at {new['tokens_per_completion']:.1f}"
    )


def _write_recipe(found: KeptFolder, run: SweepRun) -> None:
    """The recipe by which the folder is evaluated, merged and asked."""
    recipe = {**run.recipe, "output_dir": found.folder.as_posix()}
    recipe.pop("lora_model_dir", None)
    write_whole(found.recipe, yaml.safe_dump(recipe, sort_keys=False))
