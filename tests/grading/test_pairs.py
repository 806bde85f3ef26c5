"""Exact and flexible match give the verdicts of a careful person on a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Gold, Same
from axolotl_explain.grading.judge import judge
from axolotl_explain.grading.mathematics import math_same

FOLDER = Path(__file__).parent / "pairs"
VERDICTS = ("exact", "same", "math", "wrong")


class Pair(NamedTuple):
    """A completion, gold, and whether the one gives the other."""

    completion: str
    gold: str
    verdict: str
    choices: Any = None

    def judged(self, same: Same | None = None) -> tuple[bool, bool]:
        """By exact and by flexible match."""
        gold = Gold.of(self.gold, self.choices, same)
        found = judge(self.completion, gold, TargetFormat(), "")
        return found.exact_match, found.flexible_match


def read_pairs() -> Iterator[Pair]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for rows in yaml.safe_load(path.read_text("utf-8")).values():
            yield from (Pair(*row) for row in rows)


PAIRS = list(read_pairs())


def test_the_table_is_well_formed_and_says_each_thing_once() -> None:
    assert len(PAIRS) > 300
    assert {one.verdict for one in PAIRS} == set(VERDICTS)
    assert all(isinstance(text, str) for one in PAIRS for text in one[:3])
    asked = [(one.completion, one.gold, str(one.choices)) for one in PAIRS]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda one: f"{one[0]} | {one[1]}"[:60])
def test_a_verdict_is_that_of_a_careful_person(pair: Pair) -> None:
    right = pair.verdict in ("exact", "same")
    assert pair.judged() == (pair.verdict == "exact", right)


def test_math_verify_adds_what_it_knows_and_nothing_else() -> None:
    same = math_same()
    wrong = [
        pair
        for pair in PAIRS
        if pair.verdict in ("math", "wrong")
        and pair.judged(same) != (False, pair.verdict == "math")
    ]
    assert wrong == []
