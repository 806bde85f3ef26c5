"""Join: what a decoder alone and an encoder–decoder model are trained on."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.target import Kind
from axolotl_explain.tokens.encoder import IGNORE_INDEX, Encoded
from axolotl_explain.tokens.join import (
    KINDS,
    Continuation,
    EncodedRow,
    SourceAndTarget,
    to_columns,
)

TARGET = Encoded.uniform([7, 8], Kind.ANSWER)


def lists(
    rows: list[EncodedRow | None], train_on_inputs: bool = False
) -> dict[str, list[list[int]]]:
    """The columns, row by row."""
    return {
        name: [
            column.values[begin:end].tolist()
            for begin, end in zip(column.offsets, column.offsets[1:], strict=False)
        ]
        for name, column in to_columns(rows, train_on_inputs).items()
    }


def test_a_continuation_is_one_run_with_its_prompt_out_of_the_loss() -> None:
    row = Continuation(4, train_on_inputs=False).row([5, 6], TARGET)
    assert lists([row]) == {
        "input_ids": [[5, 6, 7, 8]],
        "attention_mask": [[1, 1, 1, 1]],
        "labels": [[-100, -100, 7, 8]],
        KINDS: [[Kind.PROMPT, Kind.PROMPT, Kind.ANSWER, Kind.ANSWER]],
    }
    assert IGNORE_INDEX == -100


def test_a_source_is_read_and_its_target_alone_is_labelled() -> None:
    row = SourceAndTarget(4, 4).row([4, 5, 6], TARGET)
    assert lists([row]) == {
        "input_ids": [[4, 5, 6]],
        "attention_mask": [[1, 1, 1]],
        "labels": [[7, 8]],
        KINDS: [[Kind.ANSWER, Kind.ANSWER]],
    }


def test_prompts_are_labelled_only_where_they_are_trained() -> None:
    row = Continuation(4, train_on_inputs=True).row([5, 6], TARGET)
    assert lists([row], train_on_inputs=True)["labels"] == [[5, 6, 7, 8]]
    assert lists([row], train_on_inputs=False)["labels"] == [[-100, -100, 7, 8]]


def test_dropped_rows_are_empty_and_no_rows_are_no_lists() -> None:
    row = EncodedRow([9], TARGET)
    assert lists([None, row, None])["labels"] == [[], [7, 8], []]
    assert set(map(tuple, lists([]).values())) == {()}


def test_columns_of_sources_and_of_their_targets_begin_where_each_row_does() -> None:
    short, long = EncodedRow([1], TARGET), EncodedRow([2, 3, 4], TARGET + TARGET)
    kinds = [Kind.ANSWER] * 2
    assert lists([short, None, long]) == {
        "input_ids": [[1], [], [2, 3, 4]],
        "attention_mask": [[1], [], [1, 1, 1]],
        "labels": [[7, 8], [], [7, 8, 7, 8]],
        KINDS: [kinds, [], kinds * 2],
    }


@pytest.mark.parametrize("rows", [[], [EncodedRow([9], TARGET)]])
def test_columns_have_the_types_of_the_hosts_own(rows: list[EncodedRow | None]) -> None:
    types = {
        name: (str(column.offsets.dtype), str(column.values.dtype))
        for name, column in to_columns(rows, False).items()
    }
    assert types == {
        "input_ids": ("int32", "int32"),
        "attention_mask": ("int32", "int8"),
        "labels": ("int32", "int64"),
        KINDS: ("int32", "int8"),
    }


@pytest.mark.parametrize(
    ("join", "prompt", "room", "outcome"),
    [
        (Continuation(10, False), 4, 6, Outcome.TOO_LONG),
        (Continuation(10, False), 12, -2, Outcome.TOO_LONG),
        (SourceAndTarget(10, 3), 10, 3, Outcome.TARGET_TOO_LONG),
        (SourceAndTarget(10, 3), 11, 0, Outcome.TOO_LONG),
    ],
)
def test_the_room_for_a_target_and_what_is_too_long(
    join: Any, prompt: int, room: int, outcome: Outcome
) -> None:
    assert (join.room(prompt), join.too_long(prompt)) == (room, outcome)
