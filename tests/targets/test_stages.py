"""How much of an explanation is there at a stage."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import pairwise
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.targets.stages import StageCut, num_stages, split_units

LINES = "Add 4 to 3: 7.\nAdd 8 to 7: 15, so 5.\nAdd 1 to 5: 6."
UNITS = st.sampled_from(["line", "sentence"])
SIDES = st.sampled_from(["left", "right"])
TEXTS = st.text(alphabet="ab1 .!\n。", max_size=60).map(str.strip)
CUTS = st.builds(
    StageCut,
    stage=st.integers(0, 12),
    unit=UNITS,
    step=st.integers(1, 4),
    side=SIDES,
    start=st.sampled_from(["whole", "nothing"]),
    smoothing=st.sampled_from([None, 0.5, 4.0]),
    mix=st.sampled_from([0.0, 0.3]),
    max_stages=st.sampled_from([None, 1, 5]),
    seed=st.integers(0, 3),
)
ROWS = st.none() | st.text(max_size=8)


@given(TEXTS, UNITS)
def test_the_units_of_an_explanation_are_all_of_it(text: str, unit: str) -> None:
    units = split_units(text, unit)  # type: ignore[arg-type]
    assert "".join(units) == text
    assert all(one.strip() for one in units)


@given(CUTS, st.integers(0, 40), ROWS)
def test_no_more_is_taken_than_there_is(
    cut: StageCut, units: int, row: str | None
) -> None:
    assert 0 <= cut.taken(units, row) <= units


@given(CUTS, TEXTS, ROWS)
def test_what_is_left_is_one_end_of_the_explanation(
    cut: StageCut, text: str, row: str | None
) -> None:
    left = cut.cut(text, row)
    ends = text.endswith(left) if cut.side == "left" else text.startswith(left)
    assert ends
    taken = cut.taken(len(split_units(text, cut.unit)), row)
    assert (left == text) == (taken == 0 or not text)


@given(CUTS, st.integers(0, 40), ROWS)
def test_explanations_that_shrink_begin_whole_and_those_that_grow_with_nothing(
    cut: StageCut, units: int, row: str | None
) -> None:
    taken = cut.at(0).taken(units, row)
    assert taken == (0 if cut.start == "whole" else units)
    assert cut.at(0).takes_nothing == (cut.start == "whole")


@given(CUTS, st.integers(1, 40))
def test_the_last_stage_has_no_explanation_and_of_those_that_grow_all_of_it(
    cut: StageCut, units: int
) -> None:
    last = cut.at(num_stages(units, cut.step, cut.max_stages))
    without_mix = StageCut(last.stage, cut.unit, cut.step, cut.side, cut.start)
    for each in (last, without_mix):
        if each.max_stages == last.max_stages:
            assert each.taken(units) == (units if cut.start == "whole" else 0)
    assert last.at(max(0, last.stage - 1)).taken(units) != last.taken(units)


@given(CUTS, st.integers(0, 40))
def test_each_stage_goes_one_step_further(cut: StageCut, units: int) -> None:
    amounts = [cut.at(stage).taken(units) for stage in range(12)]
    steps = [later - earlier for earlier, later in pairwise(amounts)]
    sign = 1 if cut.start == "whole" else -1
    assert all(sign * step >= 0 for step in steps)
    if cut.max_stages is None:
        assert all(sign * step <= cut.step for step in steps)


def test_lines_go_from_the_left_one_by_one() -> None:
    cut = StageCut(0)
    lines = LINES.splitlines()
    assert [cut.at(stage).cut(LINES) for stage in range(5)] == [
        "\n".join(lines[stage:]) for stage in range(5)
    ]


def test_empty_lines_and_indents_are_no_units() -> None:
    text = "One:\n\n  - two\n\n\n  - three"
    assert StageCut(1).cut(text) == "- two\n\n\n  - three"
    assert StageCut(1, side="right").cut(text) == "One:\n\n  - two"
    assert StageCut(3).cut(text) == ""


def test_explanations_grow_from_their_last_step_towards_the_first() -> None:
    cut = StageCut(0, start="nothing", step=2)
    lines = LINES.splitlines()
    assert [cut.at(stage).cut(LINES) for stage in range(3)] == [
        "",
        "\n".join(lines[1:]),
        LINES,
    ]


def test_the_last_of_few_stages_takes_all_at_once() -> None:
    cut = StageCut(0, max_stages=2)
    assert [cut.at(stage).taken(9) for stage in range(4)] == [0, 1, 9, 9]


def test_smoothing_takes_more_from_few_rows() -> None:
    cut = StageCut(2, smoothing=1.0)
    rows = 20_000
    counts = Counter(cut.taken(50, f"row {n}") - 2 for n in range(rows))
    for extra in range(4):
        expected = (1 - exp(-1)) * exp(-extra)
        assert counts[extra] / rows == pytest.approx(expected, abs=0.015)
    assert {cut.at(0).taken(50, f"row {n}") for n in range(500)} == {0}


def test_other_rows_lose_more_at_another_stage_and_by_another_seed() -> None:
    def losers(cut: StageCut) -> set[int]:
        base = cut.taken(50)
        return {n for n in range(2_000) if cut.taken(50, f"row {n}") > base}

    one = losers(StageCut(1, smoothing=2.0))
    assert 0.1 < len(one) / 2_000 < 0.17
    for other in (StageCut(2, smoothing=2.0), StageCut(1, smoothing=2.0, seed=1)):
        both = len(one & losers(other))
        assert both < 0.3 * len(one)


def test_mix_keeps_the_amount_of_an_earlier_stage_for_a_share_of_rows() -> None:
    cut = StageCut(3, mix=0.3)
    rows = 20_000
    counts = Counter(cut.taken(50, f"row {n}") for n in range(rows))
    assert set(counts) == {0, 1, 2, 3}
    for earlier in range(3):
        assert counts[earlier] / rows == pytest.approx(0.1, abs=0.01)


KNOWN = [1, 1, 5, 2, 2, 2, 0, 3, 2, 1, 1, 2]


def test_the_draws_are_the_same_on_every_machine() -> None:
    """Recorded once; another value would be another training on the same recipe."""
    cut = StageCut(1, smoothing=1.0, mix=0.2)
    assert [cut.taken(9, f"m-{n}") for n in range(12)] == KNOWN


def test_the_draws_are_the_same_in_another_process() -> None:
    code = (
        "from axolotl_explain.targets.stages import StageCut\n"
        "cut = StageCut(1, smoothing=1.0, mix=0.2)\n"
        "print([cut.taken(9, f'm-{n}') for n in reversed(range(12))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == str(KNOWN[::-1])
