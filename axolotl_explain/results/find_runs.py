"""Where the results of runs lie below the folders that the user names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.step_files import FOLDER, step_files
from axolotl_explain.results.store import COMPLETIONS, METRICS

DEPTH = 3
"""So many folders below a named one are looked into."""

SKIPPED = ("checkpoint-", "prepared", FOLDER, ".")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A training folder, an evaluation folder, or one with the other inside."""

    folder: Path
    """The one that names the run."""
    evaluation: Path | None = None
    training: Path | None = None


def find_run_folders(folders: Iterable[Path]) -> list[RunFolder]:
    """All results below the folders, each once, in order.

    Raises:
        ExplainError: naming the folder that does not exist or has no results.
    """
    runs: dict[RunFolder, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ExplainError(f"{folder}: there is no such folder.")
        found = list(_below(folder, _training_above(folder), DEPTH))
        if not found:
            raise ExplainError(
                f"{folder}: no results here or up to {DEPTH} folders below: neither "
                f"{METRICS} with {COMPLETIONS}, as `axolotl explain eval --out` keeps "
                f"them, nor {FOLDER}/step-*.jsonl, as training with explain.evaluation "
                "does. Evaluate the model first."
            )
        runs.update(dict.fromkeys(found))
    return list(runs)


def trainer_state(folder: Path) -> Path | None:
    """The newest trainer_state.json of a training folder."""
    states = [*folder.glob("checkpoint-*/trainer_state.json")]
    states.sort(key=lambda path: (len(path.parent.name), path.parent.name))
    whole = folder / "trainer_state.json"
    return whole if whole.is_file() else states[-1] if states else None


def _below(folder: Path, training: Path | None, depth: int) -> Iterator[RunFolder]:
    if _is_training(folder):
        training = folder
    found: list[RunFolder] = []
    if _is_evaluation(folder):
        found.append(RunFolder(training or folder, folder, training))
    if depth:
        for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
            if not inner.name.startswith(SKIPPED):
                found += _below(inner, training, depth - 1)
    own = any(run.training == folder for run in found)
    if training == folder and not own and step_files(folder):
        yield RunFolder(folder, None, folder)
    yield from found


def _is_evaluation(folder: Path) -> bool:
    metrics = folder / METRICS
    if (folder / COMPLETIONS).is_file():
        return True
    if not metrics.is_file():
        return False
    try:
        found = json.loads(metrics.read_text("utf-8", "replace"))
    except ValueError:
        return False
    return isinstance(found, dict) and ("evaluations" in found or "recipe" in found)


def _is_training(folder: Path) -> bool:
    return bool(trainer_state(folder) or step_files(folder))


def _training_above(folder: Path) -> Path | None:
    """The training folder that an evaluation folder lies in."""
    above = folder.resolve().parent
    return above if _is_evaluation(folder) and _is_training(above) else None
