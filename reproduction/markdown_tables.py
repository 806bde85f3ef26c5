"""The tables of docs/reproduction.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from axolotl_explain.report.difference_words import p_words
from reproduction.paper_sweeps import SEED, Cell, Sweep
from reproduction.planned_comparisons import (
    MEDIUM,
    NONE,
    WITH_NONE,
    Comparison,
    Family,
)

STEPS = (200, 400, 800, 1200, 1600)
"""Where the learning curves are read."""


def percent(share: float) -> str:
    """A share as the documents write it.

    >>> percent(0.9944), percent(1.0)
    ('99.4', '100')
    """
    return f"{100 * share:.1f}".replace("100.0", "100")


def told(cell: Cell) -> str:
    """The mean and its interval, in percent; the seeds where none is honest."""
    _, low, high, _ = cell.mean
    if low is None or high is None:
        return f"{percent(cell.share)} (seeds {shares(cell)})"
    return f"{percent(cell.share)} ({percent(low)}–{percent(high)})"


def shares(cell: Cell) -> str:
    """What every seed came to, in percent."""
    return ", ".join(percent(share) for share in cell.shares)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown; the first column is text, the others are numbers."""
    body = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in body)


def million(sweep: Sweep, **choices: Any) -> str:
    """The parameters of a model, in millions."""
    return f"{sweep.chosen(**choices)[0].parameters / 1e6:.2f}"


def lengths(sweep: Sweep) -> list[list[str]]:
    """Accuracy at the trained lengths, and at longer ones."""
    return [
        [
            f"{name_of(positions)}, {name_of(arm)}",
            _cell(sweep, {"positions": positions, "arm": arm}, "test"),
            _cell(sweep, {"positions": positions, "arm": arm}, "test_long"),
        ]
        for positions in sweep.values("positions")
        for arm in sweep.values("arm")
        if sweep.has(positions=positions, arm=arm)
    ]


def compared(
    sweep: Sweep,
    arms: Sequence[str],
    family: Family,
    against: Sequence[str] = ("none",),
    last: str = "",
    **fixed: Any,
) -> list[list[str]]:
    """Each arm with what was tuned, its accuracy, and what it has more than others.

    Args:
        against: two columns for each of these, the points and their p.
        last: one more column, `tokens` of an answer or `steps` of training.
        fixed: all choices but arm and seed.
    """
    return [
        [
            name_of(arm),
            *_tuned(sweep, {"arm": arm, **fixed}),
            told(sweep.cell(arm=arm, **fixed)),
            *_against(family, arm, against, fixed),
            *_measured(sweep, last, {"arm": arm, **fixed}),
        ]
        for arm in arms
    ]


def by_rows(rows: Sweep, gain: Family, to_most: Family) -> list[list[str]]:
    """Each number of rows: both arms, and what explanations gain.

    Args:
        gain: medium less none at each number.
        to_most: medium less none with all rows.
    """
    found = []
    for count in rows.values("samples"):
        against = [
            family.get(MEDIUM, NONE, samples=count) for family in (gain, to_most)
        ]
        both = [told(rows.cell(arm=arm, samples=count)) for arm in (NONE, MEDIUM)]
        found.append([name_of(count), *both, *_differences(against)])
    return found


def _measured(sweep: Sweep, name: str, choices: dict[str, Any]) -> list[str]:
    if name == "tokens":
        return [f"{sweep.cell(**choices).tokens:.0f}"]
    if name == "steps":
        return [f"{max(run.steps for run in sweep.chosen(**choices)):,}"]
    return []


def _against(
    family: Family, arm: str, others: Sequence[str], fixed: dict[str, Any]
) -> list[str]:
    return _differences([family.get(arm, other, **fixed) for other in others])


def _differences(found: Iterable[Comparison | None]) -> list[str]:
    """Points and p of each; two dashes where there is none."""
    told = [
        (one.interval, p_words(one.p_value)) if one else ("–", "–") for one in found
    ]
    return [cell for cells in told for cell in cells]


def _tuned(sweep: Sweep, choices: dict[str, Any]) -> list[str]:
    """What was chosen for an arm; nothing where nothing was."""
    if not sweep.tuned:
        return []
    keys = sweep.tuned[0]["chosen"]
    return [f"{sweep.chosen_value(key, **choices):g}" for key in keys]


def at_edge(sweep: Sweep) -> int:
    """How many chosen values are the lowest or the highest of those that were tried."""
    found = 0
    for one in sweep.tuned:
        ((key, chosen),) = one["chosen"].items()
        tried = [values[key] for values, _ in one["tried"]]
        found += chosen in {min(tried), max(tried)}
    return found


def curve_marks() -> list[str]:
    """The columns of `curves`."""
    return [f"{count:,} steps" for count in STEPS]


def curves(sweep: Sweep) -> list[list[str]]:
    """Exact match of each level while it trains, at STEPS."""
    places: list[dict[str, Any]] = [{"size": one} for one in sweep.values("size")]
    found = []
    for place in places or [{}]:
        for arm in WITH_NONE:
            cells = [sweep.while_training(at, arm=arm, **place) for at in STEPS]
            found.append([", ".join([*place.values(), arm]), *map(told, cells)])
    return found


def basis(sweep: Sweep) -> str:
    """What the numbers of a sweep rest on."""
    rows, seeds = sweep.runs[0].answers[0].rows, len(sweep.values(SEED))
    cost = f"{len(sweep.runs)} runs, {sweep.minutes:.0f} minutes of one core"
    return f"{rows} rows, {seeds} seeds; {cost}."


def _cell(sweep: Sweep, choices: dict[str, Any], data: str = "test") -> str:
    return told(sweep.cell(data, **choices)) if sweep.has(**choices) else "–"


def name_of(value: object) -> str:
    """An arm, or a number of rows, as the documents write it."""
    return f"{value:,}" if isinstance(value, int) else str(value).replace("_", " ")
