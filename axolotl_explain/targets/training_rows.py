"""One row -> the training rows it becomes: which levels, with which explanations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TypeVar

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level, make_picker, settle
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.training_row import DroppedRow, PlannedRow, TrainingRow
from axolotl_explain.targets.consistent import arrives
from axolotl_explain.targets.control import SHUFFLES
from axolotl_explain.targets.derive import Derived, Deriver
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.targets.usable import usable

RowT = TypeVar("RowT", bound=PlannedRow)


def plan(
    example: Example, options: TargetOptions, derive: Deriver | None = None
) -> list[PlannedRow]:
    """The training rows that one example becomes, in order, dropped ones included.

    In this order: placeholders and answer lines are taken out of explanations; levels
    are derived; `level` picks and `coverage` thins out; `on_missing_level` fills gaps;
    `filter` drops; `control` shuffles (the explanations of other rows, for
    `mismatched`, only a whole dataset can give); `multitask` takes answer and
    explanation apart.

    Args:
        derive: makes levels; None without `derive_levels`.

    Raises:
        BadRow: naming the field, if a level is missing and that is an error, or the
            row's own `level` is none of the four.
    """
    kept = usable(example, options.answer_marker)
    derived = Derived(kept.example) if derive is None else derive(kept.example)
    try:
        rows = list(_at_levels(derived.example, options))
    except BadRow as error:
        raise BadRow(f"{error}{kept.hint}", error.reason) from None
    rows = [_filtered(row, options, derived, kept.arrived) for row in rows]
    rows = [_marked(row, derived) for row in rows]
    rows = [_shuffled(row, options) for row in rows]
    if options.order == "multitask":
        rows = list(_apart(rows))
    if not derived.fruitful:
        rows[0] = with_outcome(rows[0], Outcome.UNDERIVED)
    rows[0] = with_outcome(rows[0], kept.outcome)
    return rows


def with_outcome(row: RowT, outcome: Outcome) -> RowT:
    return row if not outcome else replace(row, outcome=row.outcome | outcome)


def _at_levels(example: Example, options: TargetOptions) -> Iterator[PlannedRow]:
    picker = make_picker(options.level, options.seed)
    present = example.levels
    levels = picker(example.identity, example.level, present)
    if not _covered(example, options):
        uncovered = Outcome.AS_WANTED if levels == ["none"] else Outcome.UNCOVERED
        yield TrainingRow(example, "none", "", uncovered)
        return
    for wanted in levels:
        level = _settled(wanted, example, options)
        if level is None:
            yield DroppedRow(Outcome.LEVEL_MISSING)
            continue
        text = example.explanations.get(level, "")
        yield TrainingRow(example, level, text, _outcome(wanted, level, options))


def _covered(example: Example, options: TargetOptions) -> bool:
    """Whether a row keeps its explanation.

    The rows of a smaller coverage are among those of a larger one.
    """
    if options.coverage == 1:
        return True
    return uniform(options.seed, "coverage", example.identity) < options.coverage


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


def _filtered(
    row: PlannedRow,
    options: TargetOptions,
    derived: Derived,
    arrived: Collection[Level],
) -> PlannedRow:
    """A level that is derived is judged by the rationale it comes from.

    Args:
        arrived: levels whose explanation said the answer before that was cut off it.
    """
    if options.filter is None or isinstance(row, DroppedRow) or not row.explanation:
        return row
    is_derived = row.level in derived.levels
    if row.level in arrived or (is_derived and arrived):
        return row
    text = derived.rationale if is_derived else row.explanation
    consistent = arrives(derived.example, text, options.answer_marker)
    if consistent is None:
        return with_outcome(row, Outcome.UNDECIDED)
    if consistent:
        return row
    return DroppedRow(row.outcome | Outcome.INCONSISTENT)


def _marked(row: PlannedRow, derived: Derived) -> PlannedRow:
    if isinstance(row, DroppedRow):
        return row
    if row.level in derived.whole:
        return with_outcome(row, Outcome.DERIVED_WHOLE)
    return with_outcome(row, Outcome.DERIVED) if row.level in derived.levels else row


def _shuffled(row: PlannedRow, options: TargetOptions) -> PlannedRow:
    shuffle = SHUFFLES.get(str(options.control))
    if shuffle is None or isinstance(row, DroppedRow) or not row.explanation:
        return row
    key = f"{row.level}:{row.example.identity}"
    return controlled(row, shuffle(row.explanation, options.seed, key))


def controlled(row: TrainingRow, explanation: str) -> TrainingRow:
    """The row with another explanation, and whether that is another one indeed."""
    changed = explanation != row.explanation
    mark = Outcome.CONTROLLED if changed else Outcome.UNCONTROLLED
    return with_outcome(replace(row, explanation=explanation), mark)


def _apart(rows: list[PlannedRow]) -> Iterator[PlannedRow]:
    """One row to predict, unless all are dropped, and those to explain."""
    kept = [row for row in rows if isinstance(row, TrainingRow)]
    bare = next((row for row in kept if not row.explanation), None)
    if bare is not None:
        yield bare
    elif kept:
        yield TrainingRow(kept[0].example, "none", "")
    yield from (row for row in rows if row is not bare)


def outcomes_to_report(options: TargetOptions) -> Outcome:
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
