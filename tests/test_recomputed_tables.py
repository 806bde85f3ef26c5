"""Tables of docs/reproduction.md, worked out anew from the verdict of every row.

Nothing here is taken from the package or from reproduction/: the figures are written
out a second time by `tests.fixtures.recomputed`, tables are read as a reader sees them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.fixtures.recomputed import Runs, bits, difference, interval, stepped

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "reproduction/results"
PAGE = ROOT / "docs/reproduction.md"
NUMBER = re.compile(r"[-−+]?\d+(?:\.\d+)?")
ROUNDING = 0.0501
"""Half of the last digit of a percentage."""


def kept(sweep: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{sweep}.json").read_text("utf-8"))
    return found


def runs(sweep: Mapping[str, Any], data: str = "test", **choices: Any) -> Runs:
    """Verdicts of each run with these choices, on the same rows."""
    chosen = [one for one in sweep["runs"] if choices.items() <= one["choices"].items()]
    asked = [each for one in chosen for each in one["answers"] if each["data"] == data]
    assert len({each["asked"] for each in asked}) == 1
    return [bits(each["verdicts"], each["rows"]) for each in asked]


def numbers(text: str) -> list[float]:
    return [float(one.replace("−", "-")) for one in NUMBER.findall(text)]


def printed(above: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of the table below a line: their first cell, and the others."""
    lines = PAGE.read_text("utf-8").splitlines()
    place = lines.index(above) + 1
    table = []
    for line in lines[place:]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            break
    for first, *others in table[2:]:
        yield first, others


def near(text: str, wanted: Sequence[float]) -> None:
    assert numbers(text) == pytest.approx([100 * one for one in wanted], abs=ROUNDING)


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
        told = cells[shown.column + 1]
        if told == "p < 0.001":
            assert p_value < 0.001
        else:
            assert numbers(told) == [pytest.approx(p_value, abs=0.00051)]


def shares_agree(sweep: Mapping[str, Any], heading: str, **fixed: Any) -> None:
    """Exact match of every arm of a table, or its seeds where it has no interval."""
    for name, cells in printed(heading):
        found = runs(sweep, arm=name.replace(" ", "_"), **fixed)
        seeds = [sum(run) / len(run) for run in found]
        whole = [sum(seeds) / len(seeds), *seeds]
        near(cells[1], whole if "seeds" in cells[1] else interval(found))


def rates_agree(sweep: Mapping[str, Any], heading: str, **fixed: Any) -> None:
    """Every arm of a table has the best of the rates that were tried for it."""
    for name, cells in printed(heading):
        choices = {"arm": name.replace(" ", "_"), **fixed}
        (tuned,) = [
            one for one in sweep["tuned"] if one["choices"].items() >= choices.items()
        ]
        best = max(share for _, share in tuned["tried"])
        rates = [one["learning_rate"] for one, share in tuned["tried"] if share == best]
        assert float(cells[0]) in rates


TITLES = {"listops": "ListOps", "labelled_sum": "Labelled sums"}
WEIGHTS = ("1", "0.5", "0.2", "0.05", "0")
LOSS_WEIGHTS = [(task, size) for task in TITLES for size in ("small", "large")]


@pytest.mark.parametrize(("task", "size"), LOSS_WEIGHTS)
def test_each_arm_of_the_loss_weights_is_as_its_rows_say(task: str, size: str) -> None:
    sweep = kept("loss_weights_cpu")
    heading, fixed = f"{TITLES[task]}, {size} model:", {"task": task, "size": size}
    arms = [*(f"weight_{one}" for one in WEIGHTS), "half_answer", "two_phases"]
    assert [name.replace(" ", "_") for name, _ in printed(heading)] == arms
    shares_agree(sweep, heading, **fixed)
    rates_agree(sweep, heading, **fixed)
    agrees(sweep, [Shown(heading, arm, arms[0], 2, fixed) for arm in arms[1:]])


def test_what_is_said_of_the_loss_weights_holds() -> None:
    """No arm before equal weights; less weight, lower; half of the loss worse twice."""
    tables = [
        dict(printed(f"{TITLES[task]}, {size} model:")) for task, size in LOSS_WEIGHTS
    ]
    for rows in tables:
        ahead = [numbers(cells[2])[0] for cells in rows.values() if cells[2] != "–"]
        assert max(ahead) < 0
        falling = [numbers(rows[f"weight {one}"][1])[0] for one in WEIGHTS]
        assert falling == sorted(falling, reverse=True)
    half = [numbers(rows["half answer"][3])[0] < 0.05 for rows in tables]
    shown = [numbers(rows["weight 0.5"][3])[0] < 0.05 for rows in tables]
    assert half == [True, False, False, True]
    assert shown == [True, False, False, False]
