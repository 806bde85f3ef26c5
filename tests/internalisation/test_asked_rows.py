"""The rows that a chain is asked: read before anything trains, and never mixed up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.internalisation import asked_rows
from axolotl_explain.internalisation.asked_rows import refuse_unreadable
from axolotl_explain.internalisation.beforehand import warnings
from axolotl_explain.internalisation.chain import Chain
from tests.fixtures.bench import refusal
from tests.internalisation.conftest import HELD_OUT, TEST

Row = dict[str, Any]
GOOD: Row = {"instruction": "3 + 4", "explanations": {"long": "7"}, "answer": "7"}


def rows(name: str, *content: Row) -> str:
    Path(name).write_text("".join(f"{json.dumps(one)}\n" for one in content))
    return name


def test_rows_that_evaluation_reads_are_no_fault(base: dict[str, Any]) -> None:
    refuse_unreadable(base, [rows("good.jsonl", GOOD)], None)
    Path("parts").mkdir()
    rows("parts/one.jsonl", GOOD)
    refuse_unreadable(base, ["parts/*.jsonl"], None)


def test_rows_that_are_generated_need_not_be_there_yet(base: dict[str, Any]) -> None:
    assert not Path(HELD_OUT).exists()
    refuse_unreadable(base, [HELD_OUT, TEST], None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "rows.jsonl: there is no such file"),
        ((), "rows.jsonl: the file is empty"),
        ((GOOD, {"question": "3 + 4"}), "rows.jsonl, row 2, instruction: is empty"),
        (({**GOOD, "answer": None},), "rows.jsonl, row 1, answer"),
    ],
)
def test_rows_that_evaluation_could_not_read_are_refused(
    base: dict[str, Any], content: tuple[Row, ...] | None, said: str
) -> None:
    if content is not None:
        rows("rows.jsonl", *content)
    assert said in refusal(refuse_unreadable, base, ["rows.jsonl"], None)


def test_only_rows_that_are_asked_are_read(base: dict[str, Any]) -> None:
    path = rows("rows.jsonl", GOOD, {"question": "3 + 4"})
    refuse_unreadable(base, [path], 1)
    with pytest.raises(ExplainError):
        refuse_unreadable(base, [path], 2)


@pytest.mark.parametrize("spelt", ["./rows.jsonl", "sub/../rows.jsonl", "r*.jsonl"])
def test_a_test_is_of_other_rows_however_their_file_is_spelt(
    base: dict[str, Any], spelt: str
) -> None:
    Path("sub").mkdir()
    rows("rows.jsonl", GOOD)
    rows("other.jsonl", GOOD)
    assert asked_rows.test_data(base, ["other.jsonl"], ["rows.jsonl"]) == [
        "other.jsonl"
    ]
    said = refusal(asked_rows.test_data, base, [spelt], ["rows.jsonl"])
    assert said.startswith(f"--test {spelt}: the stage that is kept is chosen by these")


def test_rows_that_are_trained_on_are_told(
    base: dict[str, Any], plan: Callable[..., Chain]
) -> None:
    assert [line for line in warnings(plan(), base) if "trained on" in line] == []
    chain = plan(datasets=[{"path": "old/data/../data/test.jsonl"}])
    assert list(warnings(chain, base))[-1].startswith("out/data/test.jsonl is trained")
