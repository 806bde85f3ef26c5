"""Verdicts come back as they were, and rows are told from others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.results.breakdown import evaluations
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.verdict_bits import pack, rows_digest, unpack
from tests.fixtures.bench import refusal

ONE = {
    "row": 1,
    "id": None,
    "data": "a.jsonl",
    "model": "m",
    "level": "long",
    "prompt": "1 + 2?",
    "completion": "3",
    "answer": "3",
    "extracted": "3",
    "exact_match": True,
    "flexible_match": True,
    "truncated": False,
    "num_tokens": 2,
    "meta": {},
}


@given(st.lists(st.booleans(), max_size=70))
def test_verdicts_come_back(verdicts: list[bool]) -> None:
    assert unpack(pack(verdicts), len(verdicts)) == verdicts


def test_a_thousand_verdicts_are_small() -> None:
    assert len(pack([True] * 1_000)) < 180


@pytest.mark.parametrize("text", ["", "oA==oA==", "no base 64", "oKA="])
def test_a_text_of_another_count_is_refused(text: str) -> None:
    assert "does not hold 3 verdicts" in refusal(unpack, text, 3)


def test_rows_are_the_same_at_every_level_and_by_every_model() -> None:
    one = Completion.from_dict(ONE)
    other = replace(one, level="none", model=None, prompt="1 + 2? Be brief.")
    assert rows_digest([one]) == rows_digest([other])
    for changed in (
        replace(one, row=2),
        replace(one, answer="4"),
        replace(one, id="a"),
    ):
        assert rows_digest([one]) != rows_digest([changed])


def test_metrics_keep_the_verdicts_of_each_level() -> None:
    right = Completion.from_dict(ONE)
    wrong = replace(right, row=2, exact_match=False)
    none = [replace(one, level="none") for one in (wrong, replace(right, row=2))]
    found = evaluations([right, wrong, *none])
    assert [unpack(one["right"], 2) for one in found] == [[True, False], [False, True]]
