"""`val_set_size`: held-out problems are trained at no level and in no dataset."""

from __future__ import annotations

from typing import Any

import pytest
from axolotl.utils.dict import DictDefault
from datasets import Dataset

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.training.row_columns import PROBLEM
from axolotl_explain.training.validation_split import num_held_out, split_by_problem
from tests.fixtures.bench import Bench, entry, sum_row

ROWS = [sum_row(index) for index in range(20)]
END = "<|im_end|>"


def answers(texts: list[tuple[str, str]]) -> list[str]:
    """The answer of each prepared row, read out of its trained text."""
    return [
        target.partition("Final answer: ")[2].splitlines()[0].removesuffix(END)
        for _, target in texts
    ]


def sides(bench: Bench, **recipe: Any) -> tuple[list[str], list[str]]:
    """The answers that are trained and those held out; each row has its own."""
    prepared = bench.prepare(**recipe)
    assert PROBLEM not in prepared.train.column_names
    assert PROBLEM not in prepared.evaluation.column_names
    trained = answers(prepared.texts)
    prepared.train = prepared.evaluation
    return trained, answers(prepared.texts)


def twice(bench: Bench) -> list[dict[str, Any]]:
    path = bench.rows(ROWS)
    return [entry(path, explain={"level": "short"}), entry(path)]


@pytest.mark.parametrize("size", [0.2, 4])
def test_all_levels_of_a_held_out_problem_are_held_out(
    bench: Bench, size: float
) -> None:
    recipe = {"datasets": [entry(bench.rows(ROWS))], "val_set_size": size}
    trained, held_out = sides(bench, explain={"level": "all"}, **recipe)
    assert not set(trained) & set(held_out)
    assert len(set(held_out)) == 4
    assert (len(trained), len(held_out)) == (16 * 4, 4 * 4)


def test_a_file_that_is_listed_twice_is_split_as_one(bench: Bench) -> None:
    trained, held_out = sides(bench, datasets=twice(bench), val_set_size=0.25)
    assert not set(trained) & set(held_out)
    assert (len(trained), len(held_out)) == (30, 10)


def test_multitask_rows_of_a_held_out_problem_are_held_out(bench: Bench) -> None:
    explain = {"order": "multitask"}
    datasets = [entry(bench.rows(ROWS))]
    prepared = bench.prepare(datasets=datasets, explain=explain, val_set_size=5)
    prompts = {prompt.partition("### Input:")[2][:30] for prompt, _ in prepared.texts}
    prepared.train = prepared.evaluation
    held_out = {prompt.partition("### Input:")[2][:30] for prompt, _ in prepared.texts}
    assert len(prepared.texts) == 10
    assert prompts
    assert not prompts & held_out


def test_every_level_holds_out_the_same_problems(bench: Bench) -> None:
    datasets = [entry(bench.rows(ROWS))]
    found = {
        frozenset(
            sides(bench, datasets=datasets, explain={"level": level}, val_set_size=5)[1]
        )
        for level in ("none", "long", "all")
    }
    assert len(found) == 1


def test_another_seed_holds_out_other_problems(bench: Bench) -> None:
    datasets = [entry(bench.rows(ROWS))]
    found = {
        frozenset(sides(bench, datasets=datasets, seed=seed, val_set_size=5)[1])
        for seed in (1, 2)
    }
    assert len(found) == 2


def test_rows_of_another_type_are_problems_by_themselves(bench: Bench) -> None:
    other = [
        {"instruction": f"Say {n}.", "input": "", "output": f"{n}."} for n in range(10)
    ]
    alpaca = bench.rows(other, "alpaca.jsonl")
    datasets = [
        entry(bench.rows(ROWS[:10])),
        {"path": alpaca, "ds_type": "json", "type": "alpaca"},
    ]
    prepared = bench.prepare(
        datasets=datasets, explain={"level": "all"}, val_set_size=10
    )
    rows = len(prepared.train) + len(prepared.evaluation)
    assert rows == 40 + 10
    with_levels = sum("Say" not in prompt for prompt, _ in prepared.texts)
    assert with_levels % 4 == 0


def test_a_split_keeps_rows_in_order_and_counts_the_tokens_of_its_own_rows() -> None:
    table = {PROBLEM: [7, 7, 3, 3, 5, 5], "input_ids": [[n] * n for n in range(6)]}
    cfg = DictDefault({"seed": 1})
    train, test = split_by_problem(Dataset.from_dict(table), cfg, 1 / 3)
    for side in (train, test):
        lengths = [len(ids) for ids in side["input_ids"]]
        assert lengths == sorted(lengths)
        assert side.data.num_rows == len(lengths)
    both = [len(ids) for ids in [*train["input_ids"], *test["input_ids"]]]
    assert sorted(both) == list(range(6))


@pytest.mark.parametrize(
    ("size", "problems", "expected"), [(0.2, 40, 8), (0.05, 10, 1), (3, 4, 3)]
)
def test_a_share_or_a_number_of_problems_is_held_out(
    size: float, problems: int, expected: int
) -> None:
    assert num_held_out(size, problems) == expected


@pytest.mark.parametrize(("size", "problems"), [(100, 40), (40, 40), (1, 4), (0.99, 4)])
def test_nothing_left_to_train_on_is_refused(size: float, problems: int) -> None:
    with pytest.raises(ExplainError, match=f"val_set_size: {size:g} would hold out"):
        num_held_out(size, problems)
