"""How tokens count where micro-batches are averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from axolotl.utils.dict import DictDefault
from datasets import Dataset

from axolotl_explain.training.micro_batches import (
    RowTokens,
    micro_batches,
    several_micro_batches,
    token_weights,
    tokens_of,
    unlike_targets,
)


def cfg(**keys: Any) -> Any:
    base = {"micro_batch_size": 1, "gradient_accumulation_steps": 8}
    return DictDefault({**base, "sequence_len": 512, **keys})


def rows(*read: int, prompt: int = 20) -> RowTokens:
    numbers = np.array(read)
    return RowTokens(numbers + prompt, numbers)


MIX = rows(*[4] * 50, *[100] * 50)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "gradient_accumulation_steps: 8"),
        ({"gradient_accumulation_steps": 1}, ""),
        (
            {"gradient_accumulation_steps": None, "batch_size": 8},
            "gradient_accumulation_steps: 8",
        ),
        (
            {"gradient_accumulation_steps": 1, "deepspeed": "zero2.json"},
            "deepspeed: several devices",
        ),
        (
            {"gradient_accumulation_steps": 1, "use_ray": True, "ray_num_workers": 4},
            "ray_num_workers: 4",
        ),
        ({"gradient_accumulation_steps": 1, "ray_num_workers": 4}, ""),
        ({"gradient_accumulation_steps": 1, "dp_shard_size": 2}, "dp_shard_size: 2"),
    ],
)
def test_a_step_has_several_micro_batches_by_keys_of_the_recipe(
    keys: dict[str, Any], expected: str
) -> None:
    assert several_micro_batches(cfg(**keys)) == expected


def test_a_step_has_several_micro_batches_in_several_processes() -> None:
    assert several_micro_batches(cfg(gradient_accumulation_steps=1), 2) == (
        "num_processes: 2"
    )


def test_one_row_at_a_time_the_factor_is_that_of_the_lengths() -> None:
    found = unlike_targets(cfg(), rows(*range(1, 101)))
    assert found is not None
    shortest, longest = sum(range(1, 11)) / 10, sum(range(91, 101)) / 10
    assert (found.short, found.long) == (shortest, longest)
    assert found.times == pytest.approx(longest / shortest)


def test_two_rows_at_a_time_a_neighbour_of_either_kind_is_as_likely() -> None:
    """A pair is 4+4, 4+100 or 100+100, and a row's neighbour is any of the others."""
    found = unlike_targets(cfg(micro_batch_size=2), MIX)
    assert found is not None
    of_short = 49 / 99 / 8 + 50 / 99 / 104
    of_long = 49 / 99 / 200 + 50 / 99 / 104
    assert found.times == pytest.approx(of_short / of_long, rel=0.05)


def test_larger_micro_batches_make_tokens_more_alike() -> None:
    sizes = (1, 2, 4, 50)
    found = [unlike_targets(cfg(micro_batch_size=size), MIX) for size in sizes]
    times = [one.times for one in found if one is not None]
    assert len(times) == 4
    assert times == sorted(times, reverse=True)
    assert [one.matters for one in found if one is not None] == [True] * 3 + [False]


def test_packs_hold_rows_of_both_kinds_and_as_many_tokens_as_fit() -> None:
    packed = cfg(sample_packing=True, sample_packing_bin_size=200)
    packed.sample_packing_group_size = 100_000
    batches = [list(batch) for batch in micro_batches(packed, MIX)]
    assert sorted(row for batch in batches for row in batch) == list(range(100))
    assert all(MIX.length[batch].sum() <= 512 for batch in batches)
    one = {row: 1 / MIX.read[batch].sum() for batch in batches for row in batch}
    expected = sum(one[row] for row in range(10)) / sum(
        one[row] for row in range(90, 100)
    )
    found = unlike_targets(packed, MIX)
    assert found is not None
    assert found.times == pytest.approx(expected)
    assert not found.matters


@pytest.mark.parametrize(
    ("read", "times"), [([7] * 30, 1.0), ([50, 60, 70, 80], 1.6), ([0, 4, 8], 2.0)]
)
def test_targets_that_are_nearly_alike_are_no_matter(
    read: list[int], times: float
) -> None:
    found = unlike_targets(cfg(), rows(*read))
    assert found is not None
    assert found.times == pytest.approx(times)
    assert not found.matters


@pytest.mark.parametrize("read", [[0, 0, 9], [5], []], ids=str)
def test_one_row_is_compared_with_none(read: list[int]) -> None:
    assert unlike_targets(cfg(), rows(*read)) is None


def test_rows_that_are_never_drawn_count_for_nothing() -> None:
    assert token_weights(np.array([2, 8]), [[1]]).tolist() == [0.0, 1 / 8]


def test_the_warning_is_one_sentence_with_the_numbers() -> None:
    found = unlike_targets(cfg(), MIX)
    assert found is not None
    assert found.sentence("gradient_accumulation_steps: 8") == (
        "gradient_accumulation_steps: 8: Axolotl 0.19 averages micro-batches, not "
        "tokens; a token of the shortest tenth of targets (4 tokens on average) counts "
        "25 times one of the longest tenth (100); explain.loss: {} counts each token "
        "once"
    )


def test_tokens_of_prepared_rows_are_counted_where_a_label_is_read() -> None:
    labels = [[-100, -100, 5], [], [7], [-100], [1, -100, 2, 3]] * 900
    ids = [[0] * len(one) for one in labels]
    found = tokens_of(Dataset.from_dict({"input_ids": ids, "labels": labels}))
    assert found.read.tolist() == [1, 0, 1, 0, 3] * 900
    assert found.length.tolist() == [3, 0, 1, 1, 4] * 900
    assert tokens_of(Dataset.from_dict({"labels": [], "input_ids": []})).read.size == 0
