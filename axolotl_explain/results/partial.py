"""The completions of an evaluation under way, kept batch by batch.

They stand in a hidden file whose name holds the fingerprint of the evaluation, so that
the same one, started again after whatever ended it, goes on where it was, and another
one begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axolotl_explain.results.completion import Completion, to_line
from axolotl_explain.support.resumable import (
    LineFormat,
    ResumableFile,
    resumable_file,
)

Key = tuple[str, str | None, str, int]
"""(data, model, level, row)."""

PartialEvaluation = ResumableFile[Key, Completion]


def key_of(one: Completion) -> Key:
    """What tells a completion from all others of its evaluation."""
    return one.data, one.model, one.level, one.row


LINES = LineFormat(key_of, to_line, Completion.from_dict)


def rows_done(
    partial: PartialEvaluation, data: str, model: str | None, level: str
) -> set[int]:
    """The rows of these that are completed already."""
    return {key[3] for key in partial.items if key[:3] == (data, model, level)}


@contextmanager
def partial_evaluation(
    folder: Path | None, fingerprint: str
) -> Iterator[PartialEvaluation]:
    """Go on with an evaluation, or begin it; keep it in memory alone without a folder.

    When the block ends well, the file goes, and so do those that others left in the
    folder, whose results would take the place of these; otherwise it stays.

    Raises:
        ExplainError: if another process is at the same evaluation.
    """
    if folder is None:
        yield PartialEvaluation(LINES)
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".completions.{fingerprint[:16]}.partial.jsonl"
    busy = (
        f"--out {folder}: another process is at this very evaluation; wait for it, "
        "or name another folder."
    )
    with resumable_file(path, LINES, busy) as partial:
        yield partial
        discard_partials(folder)


def discard_partials(folder: Path) -> None:
    """Remove what evaluations that never ended have left in a folder."""
    for path in folder.glob(".completions.*.partial.*"):
        path.unlink(missing_ok=True)
