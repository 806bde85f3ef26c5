"""Training logs what check says of rows, and once what its counts say already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axolotl.prompt_strategies import load
from axolotl.utils.dict import DictDefault
from datasets import Dataset

from axolotl_explain.checking import during_training
from axolotl_explain.checking.during_training import RowReview
from axolotl_explain.plugin import ExplainPlugin
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.training.strategy import REVIEWER
from tests.fixtures.bench import entry, sum_row

LEAK = {"input": "Label: 7", "answer": "7"}


def said(
    tokenizer: Any,
    train: list[dict[str, Any]],
    test: list[dict[str, Any]] | None = None,
    evaluated: Path | None = None,
    kind: str = "instruct",
    **explain: Any,
) -> list[str]:
    """What the log has of rows that are prepared, as Axolotl does it."""
    lines: list[str] = []
    review = RowReview(lines.append)
    REVIEWER.set(review)
    block = {**explain}
    if evaluated is not None:
        block["evaluation"] = {"data": str(evaluated), "every": 1}
    files = {"datasets": "some/train", "test_datasets": "some/test"}
    parts = {key: entry(file, kind) for key, file in files.items()}
    recipe: dict[str, Any] = {"explain": block, "sequence_len": 256}
    recipe["chat_template"] = "chatml"
    recipe.update({key: [one] for key, one in parts.items()})
    install_settings(recipe)
    cfg = DictDefault(recipe)
    for key, rows in (("datasets", train), ("test_datasets", test)):
        if rows:
            data = recipe[key][0]
            strategy = load(data["type"], tokenizer, cfg, DictDefault(data))
            strategy.wrap_dataset(Dataset.from_list(rows))
    if evaluated is not None:
        review.evaluated(cfg)
    return lines


def sums(number: int, first: int = 0) -> list[dict[str, Any]]:
    return [sum_row(index) for index in range(first, first + number)]


def test_rows_that_are_right_are_not_mentioned(bpe_tokenizer: Any) -> None:
    assert said(bpe_tokenizer, sums(9), sums(3, 9)) == []


def test_a_leak_is_said_with_its_rows_and_what_to_do(bpe_tokenizer: Any) -> None:
    rows = sums(9)
    rows[4] |= LEAK
    (line,) = said(bpe_tokenizer, rows)
    assert line == (
        "some/train, row 5: The prompt already says the answer (the input says "
        "'Label: 7'). Remove it from instruction, input, system, history or the "
        "template."
    )


@pytest.mark.parametrize("kind", ["instruct", "chat"])
def test_what_meta_says_is_no_leak_where_no_prompt_shows_it(
    bpe_tokenizer: Any, kind: str
) -> None:
    rows = [row | {"meta": {"result": row["answer"]}} for row in sums(9)]
    bpe_tokenizer.add_special_tokens({"extra_special_tokens": ["<|im_end|>"]})
    assert said(bpe_tokenizer, rows, kind=kind) == []


def test_what_meta_says_is_a_leak_where_the_template_shows_it(
    bpe_tokenizer: Any,
) -> None:
    rows = [row | {"meta": {"result": row["answer"]}} for row in sums(9)]
    template = "{{ instruction }}\n{{ input }}\n{{ meta.result }}\n"
    (line,) = said(bpe_tokenizer, rows, template=template)
    assert "the template shows meta.result" in line


def test_tested_problems_are_compared_with_trained_ones(bpe_tokenizer: Any) -> None:
    (line,) = said(bpe_tokenizer, sums(9), sums(3, 8))
    assert line.startswith("some/test, row 1: A problem of the test data is trained on")
    assert "as in some/train, row 9" in line


def test_so_are_those_that_are_evaluated(bpe_tokenizer: Any, tmp_path: Path) -> None:
    data = tmp_path / "evaluated.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in sums(2, 7)))
    (line,) = said(bpe_tokenizer, sums(9), evaluated=data)
    assert line.startswith(f"{data}, rows 1, 2: A problem of the test data")


def test_what_the_counts_say_is_not_said_twice(bpe_tokenizer: Any) -> None:
    rows = [{**row, "explanations": {"long": "N/A"}} for row in sums(9)]
    options = {"level": "long", "on_missing_level": "answer_only"}
    assert said(bpe_tokenizer, rows, **options) == []


def test_the_first_rows_are_looked_at(
    bpe_tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(during_training, "FIRST_ROWS", 4)
    rows = sums(9)
    rows[4] |= LEAK
    assert said(bpe_tokenizer, rows) == []
    rows[3] |= LEAK
    assert [line[:17] for line in said(bpe_tokenizer, rows)] == ["some/train, row 4"]


@pytest.mark.parametrize("preprocess", [True, False])
def test_training_and_preprocessing_look_at_rows(preprocess: bool) -> None:
    ExplainPlugin().load_datasets(DictDefault(), preprocess=preprocess)
    assert isinstance(REVIEWER.get(), RowReview)
