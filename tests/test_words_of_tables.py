"""What docs/reproduction.md says in words, held against its tables and their rows."""

from __future__ import annotations

import re
from itertools import combinations

from tests.fixtures.document_tables import (
    CONTROLS,
    LEVELS,
    LOSS_WEIGHTS,
    PAGE,
    ROWS,
    TITLES,
    WEIGHTS,
    kept,
    near,
    numbers,
    printed,
    runs,
    shown,
)
from tests.fixtures.recomputed import difference, stepped

LISTOPS = ("ListOps, small model, ", "ListOps, large model, ")


def test_what_is_said_of_the_levels_holds() -> None:
    """All help, the longer the more by the estimates; long is not above medium."""
    tables = [dict(printed(heading)) for heading in LISTOPS]
    for rows in tables:
        rising = [numbers(rows[level][1])[0] for level in LEVELS]
        assert rising == sorted(rising)
        assert all(shown(rows[level][3]) for level in LEVELS[1:])
    for level in LEVELS[1:]:
        small, large = (numbers(rows[level][2])[0] for rows in tables)
        assert large > small
    courses = dict(printed("| size, arm | 200 steps |"))
    for size in ("small", "large"):
        after_400 = [numbers(courses[f"{size}, {level}"][1])[0] for level in LEVELS]
        assert after_400[0] < min(after_400[1:])
    sweep = kept("listops_apart_cpu")
    for size in ("small", "large"):
        pairs = [*combinations(LEVELS, 2)]
        arms = {level: runs(sweep, arm=level, size=size) for level in LEVELS}
        found = [difference(arms[two], arms[one])[3] for one, two in pairs]
        adjusted = dict(zip(pairs, stepped(found), strict=True))
        assert adjusted.pop(("medium", "long")) > 0.05
        assert max(adjusted.values()) < 0.05


def test_what_is_said_beside_the_plan_is_as_the_rows_say() -> None:
    """Differences that no plan names stand with their intervals, unadjusted."""
    sweep = kept("listops_apart_cpu")
    told = re.findall(
        r"not planned: (\S+) points \((\S+) to (\S+)\)",
        " ".join(PAGE.read_text("utf-8").split()),
    )
    pairs = [("answer_first", "none_tokens"), ("short_tokens", "none_tokens")]
    for cells, (one, other) in zip(told, pairs, strict=True):
        arms = [runs(sweep, arm=arm, size="small") for arm in (one, other)]
        near(" ".join(cells), difference(*arms)[:3])
    sums = kept("wide_sums_cpu")
    medium = runs(sums, arm="medium")
    alone = [difference(runs(sums, arm=arm), medium)[3] for arm in CONTROLS]
    assert {f"{one:.3f}" for one in alone} == {"0.007"}


def test_the_points_within_so_many_tokens_stand_at_the_steps_named() -> None:
    steps = {"none_tokens": 3_400, "short": 1_200, "medium": 400, "long": 200}
    for run in kept("listops_apart_cpu")["runs"]:
        if run["choices"]["size"] == "small" and run["choices"]["arm"] in steps:
            within = [step for step, tokens, _ in run["curve"] if tokens <= 300_000]
            assert within[-1] == steps[run["choices"]["arm"]]


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
    """Nothing is seen for 400 steps; most of what is learned is learned after 800."""
    courses = dict(printed("| sums, arm | 200 steps |"))
    for level in ("medium", "long"):
        seen = [numbers(cell)[0] for cell in courses[level]]
        assert max(seen[:2]) < 3
        assert seen[2] < seen[4] / 2


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
    longer = dict(printed("ListOps, equal tokens:"))["none tokens"][1]
    assert numbers(longer)[0] >= numbers(rows["1,600"][1])[0]


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
