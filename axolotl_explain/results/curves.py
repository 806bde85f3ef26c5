"""Learning curves: from completions kept during training, else from the trainer's log.

The log is read for `explain/<level>/exact_match`; where it has none, for the loss.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.find_runs import trainer_state
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.json_values import as_list, as_mapping
from axolotl_explain.results.lenient import read_object, readable_completions
from axolotl_explain.results.step_files import step_files

EXACT_MATCH, LOSS = "exact match", "loss"

LOGGED = re.compile(r"(?:eval[_/])?explain/(?:.+/)?(?P<level>\w+)/exact_match")
TOKENS = ("tokens/trainable", "tokens/total")
"""Of those that were logged, the first counts as tokens trained."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A measurement during training."""

    step: int
    tokens: int | None
    """Tokens trained by then."""
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """How a measure went during one training; without a level for the loss."""

    measure: str
    level: str | None
    points: Sequence[CurvePoint]


@dataclass(frozen=True, slots=True)
class TokensTrained:
    """Tokens trained, as logged.

    Axolotl alone counts anew after `auto_resume_from_checkpoints`: a count that falls
    misses what there was before.
    """

    counts: Mapping[int, int] = field(default_factory=dict)
    """Step -> all tokens by then."""
    missed: Mapping[int, int] = field(default_factory=dict)
    """Step -> those of them that the log leaves out."""

    def at(self, step: int) -> int | None:
        """Tokens at the last logged step that is not later; 0 at the very start."""
        return _last(self.counts, step) if self.counts else None

    def missed_at(self, step: int) -> int:
        """Tokens by this step that counting began again without."""
        return _last(self.missed, step)

    @classmethod
    def of(cls, log: Sequence[Mapping[str, Any]]) -> TokensTrained:
        """Of the first key that was logged."""
        for key in TOKENS:
            entries = [one for one in log if isinstance(one.get(key), int | float)]
            if entries:
                return cls._counted([(one["step"], int(one[key])) for one in entries])
        return cls()

    @classmethod
    def _counted(cls, logged: Sequence[tuple[int, int]]) -> TokensTrained:
        missed: dict[int, int] = {}
        before = last = 0
        for step, count in logged:
            before += last if count < last else 0
            missed[step], last = before, count
        return cls({step: count + missed[step] for step, count in logged}, missed)


def _last(found: Mapping[int, int], step: int) -> int:
    return max((count for at, count in found.items() if at <= step), default=0)


def read_curves(folder: Path, notes: list[str]) -> list[Curve]:
    """The curves of a training folder, of the best source that it has."""
    log = training_log(folder, notes)
    kept = [
        one for path in step_files(folder) for one in readable_completions(path, notes)
    ]
    tokens = TokensTrained.of(log)
    return from_completions(kept, tokens) or from_log(log, tokens) or _loss(log, tokens)


def tokens_trained(folder: Path) -> int | None:
    """All tokens of a training, as far as it logged them."""
    counts = TokensTrained.of(training_log(folder, [])).counts
    return max(counts.values(), default=None)


def training_log(folder: Path, notes: list[str]) -> list[Mapping[str, Any]]:
    """What the trainer logged, each entry with its step."""
    state = trainer_state(folder)
    found = read_object(state, notes) if state else {}
    log = [as_mapping(entry) for entry in as_list(found.get("log_history"))]
    return [entry for entry in log if isinstance(entry.get("step"), int)]


def from_completions(
    completions: Iterable[Completion], tokens: TokensTrained
) -> list[Curve]:
    """Exact match per level and step, with its interval."""
    found: dict[str, dict[int, list[Completion]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in completions:
        if one.step is not None:
            found[one.level][one.step].append(one)
    return [
        Curve(
            EXACT_MATCH,
            level,
            [_point(step, steps[step], tokens) for step in sorted(steps)],
        )
        for level, steps in found.items()
    ]


def from_log(log: Sequence[Mapping[str, Any]], tokens: TokensTrained) -> list[Curve]:
    """Exact match per level, as logged."""
    found: dict[str, list[CurvePoint]] = defaultdict(list)
    for entry in log:
        for key, value in entry.items():
            match = LOGGED.fullmatch(key)
            if match and isinstance(value, int | float):
                found[match["level"]].append(_at(entry["step"], value, tokens))
    return [Curve(EXACT_MATCH, level, points) for level, points in found.items()]


def _loss(log: Sequence[Mapping[str, Any]], tokens: TokensTrained) -> list[Curve]:
    for key in ("eval_loss", "loss"):
        points = [
            _at(entry["step"], entry[key], tokens)
            for entry in log
            if isinstance(entry.get(key), int | float)
        ]
        if points:
            return [Curve(LOSS, None, points)]
    return []


def _point(
    step: int, members: Sequence[Completion], tokens: TokensTrained
) -> CurvePoint:
    right = sum(one.exact_match for one in members)
    low, high = wilson_interval(right, len(members))
    trained = members[0].tokens_trained
    trained = tokens.at(step) if trained is None else trained + tokens.missed_at(step)
    return CurvePoint(step, trained, right / len(members), low, high)


def _at(step: int, value: float, tokens: TokensTrained) -> CurvePoint:
    return CurvePoint(step, tokens.at(step), float(value))
