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
    """The rows of the table below a line: their first cell, and the others.

    Args:
        above: how the line begins; or the head of the table itself.
    """
    lines = PAGE.read_text("utf-8").splitlines()
    (place,) = [at for at, one in enumerate(lines) if one.startswith(above)]
    begin = place if above.startswith("|") else place + 1
    table = []
    for line in lines[begin:]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            break
    for first, *others in table[2:]:
        yield first, others


def near(text: str, wanted: Sequence[float]) -> None:
    assert numbers(text) == pytest.approx([100 * one for one in wanted], abs=ROUNDING)


def alike(cell: str, found: Runs) -> None:
    """A cell is a mean with its interval, or with its seeds."""
    seeds = [sum(run) / len(run) for run in found]
    near(
        cell, [sum(seeds) / len(seeds), *seeds] if "seeds" in cell else interval(found)
    )


def p_near(text: str, p_value: float) -> None:
    if text == "p < 0.001":
        assert p_value < 0.001
    else:
        assert numbers(text) == [pytest.approx(p_value, abs=0.00051)]


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
        rates = [one["learning_rate"] for one, share in tuned["tried"] if share == best]
        assert float(cells[0]) in rates


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


LEVELS = ("none", "short", "medium", "long")
CONTROLS = ("answer_first", "shuffled", "mismatched", "coverage")
EQUAL_TOKENS = ("none_tokens", "short_tokens", "long_tokens")
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


ROWS = ("400", "1,600", "6,400", "25,600")


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


def shown(cell: str) -> bool:
    """Whether an adjusted p-value shows a difference."""
    return numbers(cell)[0] < 0.05


def test_what_is_said_of_the_levels_holds() -> None:
    """All help, the longer the more; a larger model gains no less."""
    tables = [dict(printed(heading)) for heading in PLANS["ListOps"][1]]
    for rows in tables:
        rising = [numbers(rows[level][1])[0] for level in LEVELS]
        assert rising == sorted(rising)
        assert all(shown(rows[level][3]) for level in LEVELS[1:])
    for level in LEVELS[1:]:
        small, large = (numbers(rows[level][2])[0] for rows in tables)
        assert large > small
    explained, alone_large = tables[0]["medium"][1], tables[1]["none"][1]
    assert numbers(explained)[1] > numbers(alone_large)[2]
    courses = dict(printed("| size, arm | 200 steps |"))
    for size in ("small", "large"):
        after_400 = [numbers(courses[f"{size}, {level}"][1])[0] for level in LEVELS]
        assert after_400[0] < min(after_400[1:])
    sweep = kept(PLANS["ListOps"][0])
    alone = [runs(sweep, arm="none", size=size) for size in ("large", "small")]
    _, low, high, _ = difference(*alone)
    assert low < 0 < high


def test_what_is_said_of_the_controls_holds() -> None:
    """Other words and other orders fall behind; behind the answer they still help."""
    rows = dict(printed("ListOps, controls:"))
    against_none = {arm: shown(cells[3]) for arm, cells in rows.items()}
    behind_medium = {arm: shown(cells[5]) for arm, cells in rows.items()}
    assert [arm for arm, told in against_none.items() if told] == ["answer first"]
    assert [arm for arm, told in behind_medium.items() if not told] == ["answer first"]
    assert numbers(rows["answer first"][2])[0] > 0
    assert all(numbers(cells[4])[0] < 0 for cells in rows.values())


def test_what_is_said_of_equal_tokens_holds() -> None:
    """The answer alone and short explanations fall behind; of long ones it is open."""
    rows = dict(printed("ListOps, equal tokens:"))
    told = {
        arm: (numbers(cells[2])[0] < 0, shown(cells[3])) for arm, cells in rows.items()
    }
    assert told == {
        "none tokens": (True, True),
        "short tokens": (True, True),
        "long tokens": (True, False),
    }


def test_what_is_said_of_the_sums_holds() -> None:
    """Medium and long explanations alone leave chance; no control and no tokens do."""
    rows = dict(printed("Sums, levels:"))
    told = {level: shown(rows[level][3]) for level in LEVELS[1:]}
    assert told == {"short": False, "medium": True, "long": True}
    rows = dict(printed("Sums, controls:"))
    assert not any(shown(cells[3]) for cells in rows.values())
    assert {cells[5] for cells in rows.values()} == {"p = 0.052"}
    assert all(-56 < numbers(cells[4])[0] < -54 for cells in rows.values())
    behind = [
        one["answers"][0]["valid"]
        for one in kept("wide_sums_cpu")["runs"]
        if one["choices"]["arm"] == "answer_first"
    ]
    assert len(behind) == 5
    assert sum(behind) / 5 < 0.01
    rows = dict(printed("Sums, equal tokens:"))
    assert all(shown(cells[3]) for cells in rows.values())
    assert all(numbers(cells[2])[0] < 0 for cells in rows.values())
    steps = {arm: int(cells[4].replace(",", "")) for arm, cells in rows.items()}
    assert 2.7 * 1_600 < steps["none tokens"] < 3 * 1_600
    assert 1.9 * 1_600 < steps["short tokens"] < 2.1 * 1_600


def test_what_is_said_of_the_course_of_sums_holds() -> None:
    """Nothing is seen for 400 steps, then a steep rise that goes on to the end."""
    courses = dict(printed("| sums, arm | 200 steps |"))
    for level in ("medium", "long"):
        seen = [numbers(cell)[0] for cell in courses[level]]
        assert max(seen[:2]) < 3
        assert seen[2] < seen[3] - 10 < seen[4] - 20


def test_what_is_said_of_the_rows_holds() -> None:
    """Explained ones are ahead of as many, 1,600 of the most answers, 400 behind."""
    rows = dict(printed("ListOps, by rows:"))
    assert all(shown(rows[count][3]) for count in ROWS[:-1])
    assert all(shown(rows[count][5]) for count in ROWS[:-1])
    ahead = {count: numbers(rows[count][4])[0] > 0 for count in ROWS[:-1]}
    assert ahead == {"400": False, "1,600": True, "6,400": True}
    alone = {count: numbers(rows[count][0]) for count in ROWS}
    assert alone["1,600"][0] > alone["400"][2]
    assert alone["25,600"][0] < alone["1,600"][2]


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
