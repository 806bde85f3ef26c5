"""One row -> the training rows it becomes: which levels, and how gaps are filled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from axolotl_explain.example import Example
from axolotl_explain.levels import Level, levels_in_play, make_picker, settle
from axolotl_explain.options import ExplainOptions


class Outcome(IntEnum):
    """What became of a training row; the number is stored while rows are counted."""

    AS_WANTED = 0
    NEAREST = 1
    ANSWER_ONLY = 2
    SHORTENED = 3
    SHORTENED_TO_ANSWER = 4
    LEVEL_MISSING = 5
    TOO_LONG = 6
    BAD_ROW = 7

    @property
    def dropped(self) -> bool:
        """Whether the row is left out of training."""
        return self >= Outcome.LEVEL_MISSING

    @property
    def label(self) -> str:
        """In words, for the report: `12 rows …`."""
        return {
            Outcome.AS_WANTED: "as wanted",
            Outcome.NEAREST: "at the nearest level they have (the wanted is missing)",
            Outcome.ANSWER_ONLY: "with the answer alone (the wanted level is missing)",
            Outcome.SHORTENED: "with a shortened explanation, to fit sequence_len",
            Outcome.SHORTENED_TO_ANSWER: "with the answer alone, to fit sequence_len",
            Outcome.LEVEL_MISSING: "dropped: the wanted level is missing",
            Outcome.TOO_LONG: "dropped: longer than sequence_len",
            Outcome.BAD_ROW: "dropped: bad rows",
        }[self]


@dataclass(frozen=True, slots=True)
class Planned:
    """One example at one level; `level` is None where the row is dropped.

    There is no example where the row is a bad one; `reason` says why.
    """

    example: Example | None
    level: Level | None
    outcome: Outcome
    reason: str | None = None


def plan(example: Example, options: ExplainOptions) -> list[Planned]:
    """The training rows that one example becomes under `level`, `on_missing_level`.

    Raises:
        BadRow: naming the field, if a level is missing and that is an error, or the
            row's own `level` is none of the four.
    """
    picker = make_picker(options.level, options.seed)
    present = example.levels
    planned = []
    for wanted in picker(example.identity, example.level, present):
        level = settle(wanted, present, options.on_missing_level)
        planned.append(Planned(example, level, _outcome(wanted, level, options)))
    return planned


def _outcome(wanted: Level, level: Level | None, options: ExplainOptions) -> Outcome:
    if level is None:
        return Outcome.LEVEL_MISSING
    if level == wanted:
        return Outcome.AS_WANTED
    if level == "none" or options.on_missing_level == "answer_only":
        return Outcome.ANSWER_ONLY
    return Outcome.NEAREST


def asks_for_level(options: ExplainOptions, recipe: list[ExplainOptions]) -> bool:
    """Whether prompts say the level: always, never, or if the recipe trains several.

    Args:
        options: of one dataset.
        recipe: of all datasets that the recipe trains on.
    """
    if options.level_request != "auto":
        return options.level_request == "always"
    in_play: set[Level] = set()
    for other in recipe:
        levels = levels_in_play(other.level)
        if levels is None:
            return True
        in_play |= levels
    return len(in_play) > 1
