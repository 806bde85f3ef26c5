"""The completions of an evaluation under way, kept batch by batch.

They stand in a hidden file whose name holds the fingerprint of the evaluation, so that
the same one, started again after whatever ended it, goes on where it was, and another
one begins anew.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.completion import Completion

Key = tuple[str, str | None, str, int]
"""(data, model, level, row)."""


def key_of(one: Completion) -> Key:
    """What tells a completion from all others of its evaluation."""
    return one.data, one.model, one.level, one.row


def line_of(one: Completion, **more: Any) -> str:
    """A completion, and what else is known of it, as a line of a JSONL file."""
    line = json.dumps({**one.to_dict(), **more}, ensure_ascii=False, default=str)
    return f"{line}\n"


@dataclass(slots=True)
class Partial:
    """Completions by their key, and the open file that holds them; None without one."""

    found: dict[Key, Completion] = field(default_factory=dict)
    file: IO[bytes] | None = None

    def add(self, batch: Iterable[Completion]) -> None:
        """Keep a batch; it is on the disk when this returns."""
        batch = list(batch)
        self.found.update((key_of(one), one) for one in batch)
        if self.file is not None:
            self.file.write("".join(map(line_of, batch)).encode("utf-8"))
            self.file.flush()
            os.fsync(self.file.fileno())

    def done(self, data: str, model: str | None, level: str) -> set[int]:
        """The rows of these that are there already."""
        return {key[3] for key in self.found if key[:3] == (data, model, level)}


@contextmanager
def partial(folder: Path | None, fingerprint: str) -> Iterator[Partial]:
    """Go on with an evaluation, or begin it; keep it in memory alone without a folder.

    When the block ends well, the file goes, and so do those that others left in the
    folder, whose results would take the place of these; otherwise it stays.

    Raises:
        ExplainError: if another process is at the same evaluation.
    """
    if folder is None:
        yield Partial()
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".completions.{fingerprint[:16]}.partial.jsonl"
    with path.open("a+b") as file:
        _lock(file, folder)
        yield Partial(dict(_read(file)), file)
        discard_partials(folder)


def discard_partials(folder: Path) -> None:
    """Remove what evaluations that never ended have left in a folder."""
    for path in folder.glob(".completions.*.partial.jsonl"):
        path.unlink(missing_ok=True)


def _lock(file: IO[bytes], folder: Path) -> None:
    """The lock goes with the process that holds it, however that ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ExplainError(
            f"--out {folder}: another process is at this very evaluation; wait for it, "
            "or name another folder."
        ) from None


def _read(file: IO[bytes]) -> Iterator[tuple[Key, Completion]]:
    """All whole lines; a last one that was cut off is removed from the file."""
    file.seek(0)
    content = file.read()
    end = content.rfind(b"\n") + 1
    file.truncate(end)
    for line in content[:end].split(b"\n")[:-1]:
        one = Completion.from_dict(json.loads(line))
        yield key_of(one), one
