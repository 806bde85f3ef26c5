"""Tables of docs/reproduction.md, worked out anew from the verdict of every row.

Nothing here is taken from the package or from reproduction/: the figures are written
out a second time by `tests.fixtures.recomputed`, tables are read as a reader sees them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from tests.fixtures.document_tables import (
    CONTROLS,
    EQUAL_TOKENS,
    LEVELS,
    LOSS_WEIGHTS,
    ROWS,
    TITLES,
    WEIGHTS,
    alike,
    kept,
    near,
    numbers,
    p_near,
    printed,
    runs,
)
from tests.fixtures.recomputed import Runs, difference, stepped

PLANS: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "ListOps": (
        "listops_apart_cpu",
        {
            "ListOps, small model, ": {"size": "small"},
            "ListOps, large model, ": {"size": "large"},
        },
    ),
    "Sums": ("wide_sums_cpu", {"Sums, levels:": {}}),
}
"""Title -> its sweep, and the places of its levels; the first has the controls too."""


class Shown(NamedTuple):
    """A difference that a table shows.

    Attributes:
        heading: the line above the table.
        arm, control: as sweeps call them.
        column: of the points, behind the name of the arm; p stands in the next one.
        fixed: all other choices.
    """

    heading: str
    arm: str
    control: str
    column: int
    fixed: Mapping[str, Any]


def agrees(sweep: Mapping[str, Any], family: Sequence[Shown]) -> None:
    """Points, intervals and adjusted p-values of a family are as its rows say."""
    found = [
        difference(
            runs(sweep, arm=one.arm, **one.fixed),
            runs(sweep, arm=one.control, **one.fixed),
        )
        for one in family
    ]
    adjusted = stepped([one[3] for one in found])
    for shown, one, p_value in zip(family, found, adjusted, strict=True):
        cells = dict(printed(shown.heading))[shown.arm.replace("_", " ")]
        near(cells[shown.column], one[:3])
        p_near(cells[shown.column + 1], p_value)


def shares_agree(sweep: Mapping[str, Any], heading: str, **fixed: Any) -> None:
    """Exact match of every arm of a table, or its seeds where it has no interval."""
    for name, cells in printed(heading):
        alike(cells[1], runs(sweep, arm=name.replace(" ", "_"), **fixed))


def rates_agree(sweep: Mapping[str, Any], heading: str, **fixed: Any) -> None:
    """Every arm of a table has the best of the rates that were tried for it."""
    for name, cells in printed(heading):
        choices = {"arm": name.replace(" ", "_"), **fixed}
        (tuned,) = [
            one for one in sweep["tuned"] if one["choices"].items() >= choices.items()
        ]
        best = max(share for _, share in tuned["tried"])
        rates = [[*one.values()] for one, share in tuned["tried"] if share == best]
        assert [float(cells[0])] in rates


def tokens_agree(
    sweep: Mapping[str, Any], heading: str, column: int, **fixed: Any
) -> None:
    """Tokens of an answer, the mean over seeds."""
    for name, cells in printed(heading):
        choices = {"arm": name.replace(" ", "_"), **fixed}
        counts = [
            each["tokens"]
            for one in sweep["runs"]
            if choices.items() <= one["choices"].items()
            for each in one["answers"]
        ]
        assert numbers(cells[column]) == [
            pytest.approx(sum(counts) / len(counts), abs=0.51)
        ]


@pytest.mark.parametrize("title", PLANS)
def test_levels_controls_and_equal_tokens_are_as_their_rows_say(title: str) -> None:
    name, places = PLANS[title]
    sweep = kept(name)
    first = next(iter(places.values()))
    apart = {f"{title}, controls:": CONTROLS, f"{title}, equal tokens:": EQUAL_TOKENS}
    for heading, fixed in places.items():
        assert [arm for arm, _ in printed(heading)] == [*LEVELS]
        shares_agree(sweep, heading, **fixed)
        rates_agree(sweep, heading, **fixed)
        tokens_agree(sweep, heading, 4, **fixed)
    for heading, arms in apart.items():
        assert [arm.replace(" ", "_") for arm, _ in printed(heading)] == [*arms]
        shares_agree(sweep, heading, **first)
        rates_agree(sweep, heading, **first)
    agrees(
        sweep,
        [
            Shown(heading, arm, LEVELS[0], 2, fixed)
            for heading, fixed in places.items()
            for arm in LEVELS[1:]
        ],
    )
    controls, equal_tokens = apart
    agrees(
        sweep,
        [
            Shown(controls, arm, against, column, first)
            for arm in CONTROLS
            for against, column in (("none", 2), ("medium", 4))
        ],
    )
    agrees(
        sweep, [Shown(equal_tokens, arm, "medium", 2, first) for arm in EQUAL_TOKENS]
    )


@pytest.mark.parametrize(
    ("name", "head", "sizes"),
    [("listops_apart_cpu", "size", 2), ("wide_sums_cpu", "sums", 1)],
)
def test_the_courses_of_the_arms_are_as_they_were_logged(
    name: str, head: str, sizes: int
) -> None:
    """Of points only counts are kept: the widest interval that these allow."""
    sweep = kept(name)
    rows = sweep["measured_rows"]
    steps = (200, 400, 800, 1200, 1600)
    table = [*printed(f"| {head}, arm | 200 steps |")]
    assert len(table) == sizes * len(LEVELS)
    for row, cells in table:
        size, arm = row.split(", ") if ", " in row else (None, row)
        courses = [
            {step: share for step, _, share in one["curve"]}
            for one in sweep["runs"]
            if one["choices"].get("size") == size and one["choices"]["arm"] == arm
        ]
        for step, cell in zip(steps, cells, strict=True):
            counts = [round(rows * course[step]) for course in courses]
            alike(cell, [[1] * one + [0] * (rows - one) for one in counts])


def test_each_number_of_rows_is_as_its_rows_say() -> None:
    few, whole = kept("listops_rows_cpu"), kept("listops_apart_cpu")
    table = dict(printed("ListOps, by rows:"))
    assert [*table] == [*ROWS]

    def of(arm: str, count: str) -> Runs:
        if count == ROWS[-1]:
            return runs(whole, arm=arm, size="small")
        return runs(few, arm=arm, samples=int(count.replace(",", "")))

    for count, cells in table.items():
        for cell, arm in zip(cells, ("none", "medium"), strict=False):
            alike(cell, of(arm, count))
    asked = [one["answers"][0]["asked"] for one in (*few["runs"], *whole["runs"])]
    assert len({*asked}) == 1
    for column, most in ((2, None), (4, ROWS[-1])):
        found = [
            difference(of("medium", count), of("none", most or count))
            for count in ROWS[:-1]
        ]
        adjusted = stepped([one[3] for one in found])
        for count, one, p_value in zip(ROWS, found, adjusted, strict=False):
            near(table[count][column], one[:3])
            p_near(table[count][column + 1], p_value)


@pytest.mark.parametrize(("task", "size"), LOSS_WEIGHTS)
def test_each_arm_of_the_loss_weights_is_as_its_rows_say(task: str, size: str) -> None:
    sweep = kept("loss_weights_cpu")
    heading, fixed = f"{TITLES[task]}, {size} model:", {"task": task, "size": size}
    arms = [*(f"weight_{one}" for one in WEIGHTS), "half_answer", "two_phases"]
    assert [name.replace(" ", "_") for name, _ in printed(heading)] == arms
    shares_agree(sweep, heading, **fixed)
    rates_agree(sweep, heading, **fixed)
    agrees(sweep, [Shown(heading, arm, arms[0], 2, fixed) for arm in arms[1:]])
