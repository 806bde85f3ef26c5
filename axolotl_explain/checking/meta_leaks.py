"""Does a template show a field of `meta` that is the answer, or holds the explanation?

A count in `meta` may be the answer of a row by chance. So an answer is one that leaks
where the field is the answer of at least half of the rows that have it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.checking.leaks import LEAST_WORDS
from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.grading.answer_kinds import MARKS
from axolotl_explain.tokens.formatter import TextFormatter

CHANCE = 0.5
ANOTHER = "\0"
"""In the place of a value: what reads it writes another prompt."""


class MetaLeaks:
    """Takes the training rows of one dataset with their prompts."""

    def __init__(self, findings: FindingCollector, where: str) -> None:
        self.findings = findings
        self.where = where
        self._rows: Counter[str] = Counter()
        self._leaks: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._shown: dict[str, bool] = {}

    def add(
        self, number: int, row: TrainingRow, prompt: str, formatter: TextFormatter
    ) -> None:
        """Compare the fields of a row's `meta` with its answer and explanation."""
        meta = row.example.meta
        if not meta or "meta" not in formatter.names:
            return
        gold = row.example.answer.strip(MARKS).casefold()
        for key, text in _fields(meta):
            self._rows[key] += 1
            is_answer = text.strip(MARKS).casefold() == gold
            long = row.explanation.count(" ") + 1 >= LEAST_WORDS
            explains = long and row.explanation in text
            if not (is_answer or explains):
                continue
            if key not in self._shown:
                self._shown[key] = _is_shown(key, row, prompt, formatter)
            if self._shown[key] and is_answer:
                self._leaks[key].append((number, text))
            elif self._shown[key]:
                message = f"meta.{key}: {quoted(text)}"
                self.findings.add("explanation-in-prompt", self.where, message, number)

    def finish(self) -> None:
        """Report the fields that are the answer."""
        for key, leaks in self._leaks.items():
            if len(leaks) >= CHANCE * self._rows[key]:
                for number, text in leaks:
                    message = f"the template shows meta.{key}, {quoted(text)}"
                    self.findings.add(
                        "answer-in-prompt", self.where, message, number, key
                    )


def _fields(meta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each field that is a text or a number, inner ones by path."""
    for key, value in meta.items():
        if isinstance(value, list | tuple):
            yield from ((str(key), str(one)) for one in value if not _is_deep(one))
        elif isinstance(value, Mapping):
            yield from ((f"{key}.{name}", text) for name, text in _fields(value))
        elif isinstance(value, str | int | float):
            yield str(key), str(value)


def _is_deep(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _is_shown(
    path: str, row: TrainingRow, prompt: str, formatter: TextFormatter
) -> bool:
    meta = _replaced(row.example.meta, path.split("."))
    other = replace(row, example=replace(row.example, meta=meta))
    try:
        return formatter.prompt(other) != prompt
    except ExplainError:
        # It reads the field in a way that this value does not allow.
        return True


def _replaced(meta: Mapping[str, Any], path: list[str]) -> dict[str, Any]:
    name, *rest = path
    inner = meta.get(name)
    if rest and isinstance(inner, Mapping):
        return {**meta, name: _replaced(inner, rest)}
    return {**meta, name: ANOTHER}
