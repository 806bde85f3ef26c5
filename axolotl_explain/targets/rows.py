"""One row -> the training rows it becomes: which levels, with which explanations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level, make_picker, settle
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.targets.consistent import arrives
from axolotl_explain.targets.control import SHUFFLES
from axolotl_explain.targets.derive import Derived, Deriver
from axolotl_explain.targets.options import TargetOptions


@dataclass(frozen=True, slots=True)
class Planned:
    """One example at one level, with the explanation that is trained.

    Attributes:
        example: with all its levels, derived ones included, as they really are.
        level: None where the row is dropped.
        explanation: of the level, changed where a control arm changes it.
        reason: why the row is a bad one, in a few words; it has no example then.
    """

    example: Example | None
    level: Level | None
    outcome: Outcome
    explanation: str = ""
    reason: str | None = None


def plan(
    example: Example, options: TargetOptions, derive: Deriver | None = None
) -> list[Planned]:
    """The training rows that one example becomes, in order, dropped ones included.

    In this order: levels are derived; `level` picks and `coverage` thins out;
    `on_missing_level` fills gaps; `filter` drops; `control` shuffles (the explanations
    of other rows, for `mismatched`, only a whole dataset can give); `multitask` takes
    answer and explanation apart.

    Args:
        derive: makes levels; None without `derive_levels`.

    Raises:
        BadRow: naming the field, if a level is missing and that is an error, or the
            row's own `level` is none of the four.
    """
    derived = Derived(example) if derive is None else derive(example)
    rows = list(_at_levels(derived.example, options))
    rows = [_filtered(row, options, derived) for row in rows]
    rows = [_marked(row, derived) for row in rows]
    rows = [_shuffled(row, options, derived.example) for row in rows]
    if options.order == "multitask":
        rows = list(_apart(rows))
    if not derived.fruitful:
        rows[0] = _with(rows[0], Outcome.UNDERIVED)
    return rows


def _with(row: Planned, outcome: Outcome) -> Planned:
    return replace(row, outcome=row.outcome | outcome)


def _at_levels(example: Example, options: TargetOptions) -> Iterator[Planned]:
    picker = make_picker(options.level, options.seed)
    present = example.levels
    levels = picker(example.identity, example.level, present)
    point = uniform(options.seed, "coverage", example.identity)
    if point >= options.coverage:
        uncovered = Outcome.AS_WANTED if levels == ["none"] else Outcome.UNCOVERED
        yield Planned(example, "none", uncovered)
        return
    for wanted in levels:
        level = _settled(wanted, example, options)
        if level is None:
            yield Planned(example, None, Outcome.LEVEL_MISSING)
            continue
        text = example.explanations.get(level, "")
        yield Planned(example, level, _outcome(wanted, level, options), text)


def _settled(wanted: Level, example: Example, options: TargetOptions) -> Level | None:
    try:
        return settle(wanted, example.levels, options.on_missing_level)
    except BadRow as error:
        if options.derive_levels is None:
            raise
        by = options.derive_levels.by
        message = f"{error} (None could be derived by {by}.)"
        raise BadRow(message, error.reason) from None


def _outcome(wanted: Level, level: Level, options: TargetOptions) -> Outcome:
    if level == wanted:
        return Outcome.AS_WANTED
    if level == "none" or options.on_missing_level == "answer_only":
        return Outcome.ANSWER_ONLY
    return Outcome.NEAREST


def _filtered(row: Planned, options: TargetOptions, derived: Derived) -> Planned:
    """A level that is derived is judged by the rationale it comes from."""
    if options.filter is None or not row.explanation:
        return row
    text = derived.rationale if row.level in derived.levels else row.explanation
    consistent = arrives(derived.example, text, options.answer_marker)
    if consistent is None:
        return _with(row, Outcome.UNDECIDED)
    if consistent:
        return row
    return Planned(derived.example, None, row.outcome | Outcome.INCONSISTENT)


def _marked(row: Planned, derived: Derived) -> Planned:
    if row.level in derived.whole:
        return _with(row, Outcome.DERIVED_WHOLE)
    return _with(row, Outcome.DERIVED) if row.level in derived.levels else row


def _shuffled(row: Planned, options: TargetOptions, example: Example) -> Planned:
    shuffle = SHUFFLES.get(str(options.control))
    if shuffle is None or not row.explanation:
        return row
    key = f"{row.level}:{example.identity}"
    return controlled(row, shuffle(row.explanation, options.seed, key))


def controlled(row: Planned, explanation: str) -> Planned:
    """The row with another explanation, and whether that is another one indeed."""
    changed = explanation != row.explanation
    mark = Outcome.CONTROLLED if changed else Outcome.UNCONTROLLED
    return replace(row, outcome=row.outcome | mark, explanation=explanation)


def _apart(rows: list[Planned]) -> Iterator[Planned]:
    """One row to predict, unless all are dropped, and those to explain."""
    kept = [row for row in rows if not row.outcome.dropped]
    bare = next((row for row in kept if not row.explanation), None)
    if bare is not None:
        yield bare
    elif kept:
        yield Planned(kept[0].example, "none", Outcome.AS_WANTED)
    yield from (row for row in rows if row is not bare)


def always_said(options: TargetOptions) -> Outcome:
    """The flags that a report names even at zero: those of the switches in use."""
    said = Outcome.AS_WANTED
    if options.derive_levels is not None:
        said |= Outcome.DERIVED | Outcome.UNDERIVED
    if options.coverage < 1:
        said |= Outcome.UNCOVERED
    if options.filter is not None:
        said |= Outcome.INCONSISTENT | Outcome.UNDECIDED
    if options.control is not None:
        said |= Outcome.CONTROLLED | Outcome.UNCONTROLLED
    return said
