"""A changed step differs from the true one in the last digit of its last number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.changed_step import change_step


@pytest.mark.parametrize(
    ("explanation", "true", "before", "behind"),
    [
        (
            "MAX of 3 and 12 is 12.",
            "MAX of 3 and 12 is 12.",
            "MAX of 3 and 12 is 1",
            ".",
        ),
        (
            "It is so. It costs 4.50 then!",
            "It is so. It costs 4.50 then!",
            "It is so. It costs 4.5",
            " then!",
        ),
        ("Step 2: the sum is even", None, "", ""),
        ("1. Add them: 5", "1. Add them: 5", "1. Add them: ", ""),
        ("B12 is a vitamin", None, "", ""),
        ("", None, "", ""),
    ],
)
def test_the_last_number_of_a_step_is_changed(
    explanation: str, true: str | None, before: str, behind: str
) -> None:
    found = change_step(explanation, 0, "m-17")
    if true is None:
        assert found is None
        return
    assert found is not None
    assert found.true == true
    assert found.changed.startswith(before)
    assert found.changed.endswith(behind)
    assert len(found.changed) == len(found.true)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=6), st.integers(), st.text())
def test_it_is_the_beginning_with_one_digit_changed(
    numbers: list[int], seed: int, identity: str
) -> None:
    explanation = "\n".join(f"the sum is {one}." for one in numbers)
    found = change_step(explanation, seed, identity)
    assert found == change_step(explanation, seed, identity)
    assert found is not None
    assert explanation.startswith(found.true)
    assert found.true.count("\n") == found.step - 1
    assert found.steps == len(numbers)
    pairs = zip(found.true, found.changed, strict=True)
    assert sum(one != other for one, other in pairs) == 1


def test_every_step_but_the_last_is_drawn() -> None:
    explanation = "1 + 2 = 3\n3 + 4 = 7\n7 + 1 = 8"
    drawn = {change_step(explanation, 0, str(row)) for row in range(60)}
    assert {found.step for found in drawn if found} == {1, 2}
