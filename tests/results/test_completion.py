"""A line of completions.jsonl: read back as written, and from other versions."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.completion import UNRECORDED, Completion, to_line

WHOLE: dict[str, Any] = {
    "row": 3,
    "id": "m-17",
    "data": "data/test.jsonl",
    "model": "tuned",
    "level": "long",
    "prompt": "2 + 2\u2028?",
    "completion": "é 💥\nFinal answer: 4",
    "raw": "é 💥\nFinal answer: 4\nQ: 3",
    "answer": "4",
    "extracted": "4",
    "exact_match": True,
    "flexible_match": True,
    "exact_match_if_cut": True,
    "truncated": False,
    "num_tokens": 7,
    "num_prompt_tokens": 5,
    "explanation_valid": False,
    "explanation_strict": False,
    "wrong_step": 2,
    "wrong_operator": "SM",
    "wrong_reason": "sum 43 is not 44",
    "meta": {"depth": 1},
}


def test_a_line_comes_back_as_it_was_and_is_written_the_same() -> None:
    one = Completion(**WHOLE)
    line = to_line(one)
    assert json.loads(line) == WHOLE
    assert list(json.loads(line)) == list(WHOLE)
    assert (line.count("\n"), line[-1]) == (1, "\n")
    assert Completion.from_dict(json.loads(line)) == one


def test_completions_of_a_training_say_when_they_were_made() -> None:
    line = {**WHOLE, "step": 300, "tokens_trained": 9_000}
    assert Completion.from_dict(line).to_dict() == line
    uncounted = {**WHOLE, "step": 300}
    assert Completion.from_dict(uncounted).to_dict() == uncounted


def test_keys_of_a_later_version_are_left_out() -> None:
    assert Completion.from_dict({**WHOLE, "newer": 1}) == Completion(**WHOLE)


def test_what_an_old_line_lacks_is_empty() -> None:
    old = {"level": "long", "completion": "4", "exact_match": True}
    found = Completion.from_dict(old)
    assert (found.model, found.flexible_match) == (UNRECORDED, None)
    expected = {one.name: one.default for one in fields(Completion)}
    required = [name for name, value in expected.items() if value is MISSING]
    empty = {"row": 0, "prompt": "", "answer": "", "extracted": None}
    empty |= {"truncated": False, "num_tokens": 0, "meta": {}}
    assert set(required) == {*old, *empty}
    for name, value in empty.items():
        assert getattr(found, name) == value, name


def test_a_base_model_is_not_an_unrecorded_one() -> None:
    assert Completion.from_dict({**WHOLE, "model": None}).model is None


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("num_tokens", "many", 0),
        ("num_tokens", 7.0, 7),
        ("num_tokens", float("nan"), 0),
        ("wrong_step", True, None),
        ("flexible_match", "yes", None),
        ("meta", [1], {}),
        ("answer", 4, "4"),
        ("id", None, ""),
    ],
)
def test_values_of_another_type_count_as_missing_or_are_made_fit(
    key: str, value: object, read: object
) -> None:
    assert getattr(Completion.from_dict({**WHOLE, key: value}), key) == read


@pytest.mark.parametrize(
    "line", [[1], None, {}, {**WHOLE, "exact_match": 1}, {**WHOLE, "level": ""}]
)
def test_what_is_no_completion_is_an_error(line: object) -> None:
    with pytest.raises(ExplainError, match=r"object|is missing"):
        Completion.from_dict(line)
