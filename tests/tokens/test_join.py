"""Join: what a decoder alone and an encoder–decoder model are trained on."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.targets.rows import Outcome
from axolotl_explain.tokens.encoder import IGNORE_INDEX, Encoded
from axolotl_explain.tokens.join import Continuation, Row, SourceAndTarget, to_columns

TARGET = Encoded.uniform([7, 8], 1.0)


def lists(rows: list[Row | None]) -> dict[str, list[list[int]]]:
    """The columns, row by row."""
    return {
        name: [
            column.values[begin:end].tolist()
            for begin, end in zip(column.offsets, column.offsets[1:], strict=False)
        ]
        for name, column in to_columns(rows).items()
    }


def test_a_continuation_is_one_run_with_its_prompt_out_of_the_loss() -> None:
    row = Continuation(4, prompt_weight=0.0).row([5, 6], TARGET)
    assert lists([row]) == {
        "input_ids": [[5, 6, 7, 8]],
        "attention_mask": [[1, 1, 1, 1]],
        "labels": [[-100, -100, 7, 8]],
    }
    assert IGNORE_INDEX == -100


def test_a_source_is_read_and_its_target_alone_is_labelled() -> None:
    row = SourceAndTarget(4, 4).row([4, 5, 6], TARGET)
    assert lists([row]) == {
        "input_ids": [[4, 5, 6]],
        "attention_mask": [[1, 1, 1]],
        "labels": [[7, 8]],
    }


def test_only_what_weighs_more_than_nothing_is_labelled() -> None:
    run = Encoded.uniform([1, 2], 0.0) + Encoded.uniform([3], 0.3)
    assert lists([Row([9], run)])["labels"] == [[-100, -100, 3]]


def test_dropped_rows_are_empty_and_no_rows_are_no_lists() -> None:
    row = Row([9], TARGET)
    assert lists([None, row, None])["labels"] == [[], [7, 8], []]
    assert lists([]) == {"input_ids": [], "attention_mask": [], "labels": []}


@pytest.mark.parametrize("rows", [[], [Row([9], TARGET)]])
def test_columns_have_the_types_of_the_hosts_own(rows: list[Row | None]) -> None:
    types = {
        name: (str(column.offsets.dtype), str(column.values.dtype))
        for name, column in to_columns(rows).items()
    }
    assert types == {
        "input_ids": ("int32", "int32"),
        "attention_mask": ("int32", "int8"),
        "labels": ("int32", "int64"),
    }


@pytest.mark.parametrize(
    ("join", "prompt", "room", "outcome"),
    [
        (Continuation(10, 0.0), 4, 6, Outcome.TOO_LONG),
        (Continuation(10, 0.0), 12, -2, Outcome.TOO_LONG),
        (SourceAndTarget(10, 3), 10, 3, Outcome.TARGET_TOO_LONG),
        (SourceAndTarget(10, 3), 11, 0, Outcome.TOO_LONG),
    ],
)
def test_the_room_for_a_target_and_what_is_too_long(
    join: Any, prompt: int, room: int, outcome: Outcome
) -> None:
    assert (join.room(prompt), join.too_long(prompt)) == (room, outcome)
