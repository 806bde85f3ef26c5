"""The ledger: every reply of a teacher, kept or rejected, in a JSONL file.

A line is written at once and never changed. What was asked is known by its key, so that
nothing is paid for twice; what is kept is judged anew whenever rows are written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.support.resumable import locked, mend_end
from axolotl_explain.teacher.key_index import KeyIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One reply; fields as in the file.

    Attributes:
        row: its number in the source, from 1.
        reason: why it was rejected when it came; None where it was kept.
        tokens, cost: as they were counted: at their most where a server does not tell.
        malformed: the beginning of a reply that could not be read.
    """

    key: str
    row: int
    id: str
    ask: str
    level: str
    turn: int
    reason: str | None
    model: str
    text: str = ""
    thought: str = ""
    finish: str = ""
    refusal: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0
    malformed: str | None = None

    def to_line(self) -> bytes:
        """The line of the file; what is empty is left out."""
        kept = {
            name: value
            for name in self.__slots__
            if (value := getattr(self, name)) not in (None, "")
        }
        # ASCII alone: half a surrogate pair, which JSON can hold, is no UTF-8.
        return json.dumps(kept, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Entry:
        """From a parsed line; unknown fields are left out."""
        known = {name: found[name] for name in cls.__slots__ if name in found}
        return cls(**{"id": "", "reason": None, **known})

    @property
    def reply(self) -> ServerReply | None:
        """What the server has said; None where that could not be read."""
        if self.malformed is not None:
            return None
        return ServerReply(
            self.text,
            self.thought,
            self.finish,
            self.refusal,
            self.prompt_tokens,
            self.completion_tokens,
        )


@dataclass(slots=True)
class Totals:
    """What stands in a ledger, summed up."""

    replies: int = 0
    tokens: int = 0
    cost: float = 0.0
    unpriced: list[int] = field(default_factory=lambda: [0, 0])
    """Prompt and completion tokens of replies that were taken without a price."""

    def add(self, entry: Entry) -> None:
        """Count one more."""
        self.replies += 1
        self.tokens += entry.tokens
        if entry.cost is not None:
            self.cost += entry.cost
        else:
            self.unpriced[0] += entry.prompt_tokens or 0
            self.unpriced[1] += entry.completion_tokens or 0


class Ledger:
    """A ledger that is open, by this process alone.

    Args:
        lines: the file, to be read.
        ends: the same file, to be written at its end, without a buffer.
    """

    def __init__(self, path: Path, lines: IO[bytes], ends: IO[bytes]) -> None:
        self.path = path
        self.lines = lines
        self.ends = ends
        self.index = KeyIndex()
        self.totals = Totals()
        self.end = 0
        for number, line in enumerate(lines, 1):
            entry = self._entry(line, number)
            self.index.add(entry.key, self.end)
            self.totals.add(entry)
            self.end += len(line)

    def __len__(self) -> int:
        return len(self.index)

    def find(self, key: str) -> Entry | None:
        """The reply to a request; None where there is none yet."""
        for offset in self.index.offsets(key):
            self.lines.seek(offset)
            entry = Entry.from_dict(json.loads(self.lines.readline()))
            if entry.key == key:
                return entry
        return None

    def add(self, entry: Entry) -> None:
        """Write a reply; it survives the end of this process when this returns."""
        line = entry.to_line()
        written = self.ends.write(line)
        if written < len(line):
            # What is under way may still be written, and must not follow half a line.
            os.ftruncate(self.ends.fileno(), self.end)
            raise ExplainError(
                f"{self.path}: the disk is full; make room and start again to go on."
            )
        self.index.add(entry.key, self.end)
        self.totals.add(entry)
        self.end += written

    def sync(self) -> None:
        """Have all of it on the disk, so that it survives the end of the machine."""
        os.fsync(self.ends.fileno())

    def _entry(self, line: bytes, number: int) -> Entry:
        try:
            return Entry.from_dict(json.loads(line))
        except (ValueError, TypeError) as error:
            raise ExplainError(
                f"{self.path}, line {number}: {quoted(line[:80])} is no reply of a "
                f"teacher ({error}); remove the line, or name another --ledger."
            ) from None


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Go on with a ledger, or begin it; a last line that was cut off is removed.

    One without any reply does not stay.

    Raises:
        ExplainError: if another process has it open, or it is no ledger.
    """
    busy = (
        f"--ledger {path}: another process is writing it; wait until that one has "
        "ended, or name another ledger."
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path, busy), path.open("ab", buffering=0) as ends:
        with path.open("r+b") as torn:
            mend_end(torn)
        try:
            with path.open("rb") as lines:
                ledger = Ledger(path, lines, ends)
                yield ledger
                ledger.sync()
        finally:
            if not path.stat().st_size:
                path.unlink()
