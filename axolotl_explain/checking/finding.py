"""A finding, and how those with one code in many rows become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from axolotl_explain.checking.codes import CODES, SEVERITIES, Severity
from axolotl_explain.memory import Estimate

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    code: str
    where: str
    """A key path of the recipe, or the data file."""
    message: str
    """What is wrong; for several rows, in the first of them."""
    rows: tuple[int, ...] = ()
    """The first few row numbers, from 1; empty where no row is meant."""
    num_rows: int = 0
    """Of all rows it was seen in."""

    @property
    def severity(self) -> Severity:
        """As its code says."""
        return CODES[self.code].severity

    @property
    def remedy(self) -> str:
        """What to do."""
        return CODES[self.code].remedy

    @property
    def rows_text(self) -> str:
        """The rows in words.

        >>> Finding("test-in-train", "t.jsonl", "", (1, 4), 12).rows_text
        'rows 1, 4 and 10 more'
        """
        if not self.rows:
            return ""
        numbers = ", ".join(f"{row:,}" for row in self.rows)
        more = self.num_rows - len(self.rows)
        noun = "row" if self.num_rows == 1 else "rows"
        return f"{noun} {numbers}" + (f" and {more:,} more" if more else "")

    def to_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where,
            "message": self.message,
            "rows": list(self.rows),
            "num_rows": self.num_rows,
            "remedy": self.remedy,
        }


class RowFinding(NamedTuple):
    """What a check saw in one row."""

    code: str
    message: str
    topic: str = ""
    """What keeps findings of one code apart, such as the field."""


@dataclass(slots=True)
class _Group:
    message: str
    rows: list[int] = field(default_factory=list)
    num_rows: int = 0
    last: int | None = None


class FindingCollector:
    """Collects findings; those of one code, place and topic become one."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str, str], _Group] = {}

    def add(
        self,
        code: str,
        where: str,
        message: str = "",
        row: int | None = None,
        topic: str = "",
    ) -> None:
        """Add one; for a row, rows of a dataset come in ascending order.

        Args:
            row: its number, from 1; None where no row is meant.
            topic: what else keeps findings of one code and place apart.
        """
        if code not in CODES:
            raise KeyError(code)
        key = (code, where, topic or ("" if row is not None else message))
        group = self._groups.setdefault(key, _Group(message))
        if row is not None and row != group.last:
            group.last = row
            group.num_rows += 1
            if len(group.rows) < SHOWN_ROWS:
                group.rows.append(row)

    def extend(self, found: Iterable[Finding]) -> None:
        """Add findings on the recipe, which have no rows."""
        for one in found:
            self.add(one.code, one.where, one.message)

    def has(self, *codes: str) -> bool:
        """Whether one of these codes was found."""
        return any(code in codes for code, _, _ in self._groups)

    def places(self, code: str) -> set[str]:
        """Where a code was found."""
        return {where for one, where, _ in self._groups if one == code}

    def list(self) -> list[Finding]:
        """All, the gravest first, otherwise in the order they were found."""
        found = [
            Finding(code, where, group.message, tuple(group.rows), group.num_rows)
            for (code, where, _), group in self._groups.items()
        ]
        return sorted(found, key=lambda one: SEVERITIES.index(one.severity))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Attributes:
        machine: cpu or gpu, what the recipe was checked for.
        rows: data file -> number of its rows that were looked at.
        memory: what training takes, where a card was named and the model is known.
    """

    findings: list[Finding]
    machine: str
    rows: dict[str, int] = field(default_factory=dict)
    memory: Estimate | None = None


def split_place(message: str, otherwise: str) -> tuple[str, str]:
    """An error message in two parts: the place that it names first, and the rest.

    Args:
        otherwise: the place of a message that begins with none.

    >>> split_place("explain.level: 'x' is not allowed.", "recipe")
    ('explain.level', "'x' is not allowed.")
    """
    place, colon, rest = message.partition(": ")
    if colon and " " not in place:
        return place, rest
    return otherwise, message


def exit_code(findings: Iterable[Finding], strict: bool) -> int:
    """1 if there is an error, or with `strict` a warning; else 0."""
    fatal = ("error", "warning") if strict else ("error",)
    return int(any(one.severity in fatal for one in findings))
