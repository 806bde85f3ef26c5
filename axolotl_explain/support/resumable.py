"""A JSONL file of finished work, which a command goes on with after whatever ended it.

Lines are only ever added. What was added is on the disk when `add` returns; a last line
that was cut off goes when the file is opened again. One process at a time has the file
open: the lock beside it is free as soon as its process ends, even by SIGKILL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from filelock import FileLock, Timeout

from axolotl_explain.core.errors import ExplainError

KeyT = TypeVar("KeyT")
ItemT = TypeVar("ItemT")

BLOCK = 1 << 20
"""Bytes that are looked at, at once, for the end of the last whole line."""


@dataclass(frozen=True, slots=True)
class LineFormat(Generic[KeyT, ItemT]):
    """How items stand in a JSONL file.

    Attributes:
        key_of: what tells an item from all others of the file.
        to_line: an item as one line of JSON with its line feed.
        from_json: an item from such a line, parsed.
    """

    key_of: Callable[[ItemT], KeyT]
    to_line: Callable[[ItemT], str]
    from_json: Callable[[Any], ItemT]


@dataclass(slots=True)
class ResumableFile(Generic[KeyT, ItemT]):
    """The items that are finished, by key; kept in memory alone without a file."""

    lines: LineFormat[KeyT, ItemT]
    items: dict[KeyT, ItemT] = field(default_factory=dict)
    file: IO[bytes] | None = None

    def add(self, batch: Iterable[ItemT]) -> None:
        """Keep a batch; it is on the disk when this returns."""
        batch = list(batch)
        self.items.update((self.lines.key_of(item), item) for item in batch)
        if self.file is not None:
            text = "".join(self.lines.to_line(item) for item in batch)
            self.file.write(text.encode("utf-8"))
            self.file.flush()
            os.fsync(self.file.fileno())


@contextmanager
def resumable_file(
    path: Path, lines: LineFormat[KeyT, ItemT], busy: str
) -> Iterator[ResumableFile[KeyT, ItemT]]:
    """Go on with a file, or begin it. It stays; its lock goes.

    Args:
        busy: the message where another process has the file open.

    Raises:
        ExplainError: if one has.
    """
    with locked(path, busy), path.open("a+b") as file:
        items = {lines.key_of(item): item for item in _whole_lines(file, lines)}
        yield ResumableFile(lines, items, file)


def lock_path(path: Path) -> Path:
    """Where the lock of a resumable file is: beside it."""
    return path.with_suffix(".lock")


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Keep a file for this process.

    Args:
        busy: the message where another process has it.

    Raises:
        ExplainError: if one has.
    """
    lock = FileLock(lock_path(path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ExplainError(busy) from None
    try:
        yield
    finally:
        lock_path(path).unlink(missing_ok=True)
        lock.release()


def mend_end(file: IO[bytes]) -> None:
    """Remove a last line that was cut off, and go to the beginning of the file."""
    end = place = file.seek(0, os.SEEK_END)
    while place:
        place = max(0, place - BLOCK)
        file.seek(place)
        found = file.read(end - place).rfind(b"\n")
        if found >= 0:
            file.truncate(place + found + 1)
            break
        end = place
    else:
        file.truncate(0)
    file.seek(0)


def _whole_lines(file: IO[bytes], lines: LineFormat[KeyT, ItemT]) -> Iterator[ItemT]:
    """The items of a file; a last line that was cut off is removed from it."""
    mend_end(file)
    for line in file:
        yield lines.from_json(json.loads(line))
