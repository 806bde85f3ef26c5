"""The closed set of explanation levels, and the policies that pick one for a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal, get_args

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.errors import BadRow, ExplainError, quoted

Level = Literal["none", "short", "medium", "long"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""All levels, from the least explanation to the most."""

EXPLAINED: tuple[Level, ...] = LEVELS[1:]
"""The levels that carry an explanation."""

Fallback = Literal["error", "nearest", "answer_only", "drop"]


def parse_level(value: object, where: str = "level") -> Level:
    """Check that a value is the name of a level.

    Raises:
        ExplainError: if it is not; the message lists what is allowed.
    """
    if value in LEVELS:
        return value
    raise ExplainError(
        f"{where}: {quoted(value)} is no level; use {', '.join(LEVELS)}."
    )


def draw_level(weights: Mapping[Level, float], seed: int, identity: str) -> Level:
    """Draw a level for one row, the same on every machine and in any process count.

    A uniform number (`draws`) is looked up in the cumulated weights in the order of
    `LEVELS`.

    >>> draw_level({"none": 1, "long": 3}, seed=0, identity="m-17")
    'none'
    """
    point = uniform(seed, "level", identity) * sum(weights.values())
    used = [level for level in LEVELS if weights.get(level, 0) > 0]
    for level in used:
        point -= weights[level]
        if point < 0:
            return level
    return used[-1]


def nearest_level(wanted: Level, present: Collection[Level]) -> Level:
    """The explained level closest to the wanted one; the shorter one on a tie.

    Falls back to `none` only where a row carries no explanation at all.

    >>> nearest_level("medium", {"short", "long"})
    'short'
    """
    candidates = [level for level in EXPLAINED if level in present]
    if not candidates:
        return "none"
    rank = LEVELS.index
    return min(
        candidates, key=lambda level: (abs(rank(level) - rank(wanted)), rank(level))
    )


Picker = Callable[[str, str | None, Collection[Level]], list[Level]]
"""(identity, the row's own level, levels the row has) -> levels wanted, in order."""


def make_picker(policy: str | Mapping[Level, float], seed: int = 0) -> Picker:
    """Turn the value of `explain.level` into a function that picks levels for a row.

    A fixed level and a mix want one level, whether the row has it or not (see
    `settle`); `all` wants every level the row has; `requested` the row's own.
    """
    if isinstance(policy, Mapping):
        weights = dict(policy)
        return lambda identity, own, has: [draw_level(weights, seed, identity)]
    if policy == "all":
        return lambda identity, own, has: [lv for lv in LEVELS if lv in has]
    if policy == "requested":
        return lambda identity, own, has: [_own_level(own)]
    fixed = parse_level(policy)
    return lambda identity, own, has: [fixed]


def _own_level(value: object) -> Level:
    try:
        return parse_level(value)
    except ExplainError as error:
        raise BadRow(str(error), "level is none of the four") from None


def settle(
    wanted: Level, present: Collection[Level], fallback: Fallback
) -> Level | None:
    """The level to train on, given those the row has; None where the row is dropped.

    Raises:
        BadRow: under `error`, if the row lacks the wanted level.
    """
    if wanted in present:
        return wanted
    if fallback == "nearest":
        return nearest_level(wanted, present)
    if fallback == "answer_only":
        return "none"
    if fallback == "drop":
        return None
    raise BadRow(
        f"explanations.{wanted}: the row has no explanation at this level (it has "
        f"{', '.join(lv for lv in LEVELS if lv in present)}); add one, or set "
        "explain.on_missing_level to nearest, answer_only or drop.",
        f"no explanation at level {wanted}",
    )


def levels_in_play(policy: str | Mapping[Level, float]) -> set[Level] | None:
    """The levels a policy can ask for; None where the rows alone decide."""
    if isinstance(policy, Mapping):
        return {level for level, weight in policy.items() if weight > 0}
    if policy in ("all", "requested"):
        return None
    return {parse_level(policy)}
