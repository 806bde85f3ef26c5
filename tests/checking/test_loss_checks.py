"""How tokens count in the loss: what `check` makes of a recipe and its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.finding import Finding
from axolotl_explain.checking.target_lengths import MOST_MEASURED, TargetLengths
from axolotl_explain.core.example import Example
from axolotl_explain.core.target import Kind
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.join import EncodedRow
from tests.checking.planted import common, stock_row, write_rows

CODE = "loss-per-micro-batch"
ENTRY = {"path": "train.jsonl", "type": "axolotl_explain.instruct"}
MIXED = {"level": {"none": 1, "long": 1}}


def checked(model: Path, folder: Path, num_rows: int = 60, **keys: Any) -> Any:
    """Findings of a recipe: one row at a time, four times a step."""
    write_rows(folder / "train.jsonl", [stock_row(n) for n in range(num_rows)])
    cut = {"micro_batch_size": 1, "gradient_accumulation_steps": 4}
    recipe = {**common(model), "datasets": [ENTRY], "explain": MIXED, **cut, **keys}
    file = folder / "recipe.yml"
    file.write_text(yaml.safe_dump(recipe), "utf-8")
    return check_recipe(str(file)).findings


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def warning(findings: list[Finding]) -> str:
    """The message of the one finding of this code, "" where there is none."""
    found = [one for one in findings if one.code == CODE]
    assert len(found) <= 1
    return "".join(one.message for one in found)


def test_a_mix_of_levels_that_is_accumulated_is_a_warning(
    model: Path, tmp_path: Path
) -> None:
    findings = checked(model, tmp_path)
    (found,) = (one for one in findings if one.code == CODE)
    assert (found.where, found.severity) == ("gradient_accumulation_steps", "warning")
    assert found.message.startswith("4: Axolotl 0.19 averages micro-batches, not ")
    assert found.message.endswith("explain.loss: {} counts each token once")


@pytest.mark.parametrize(
    "keys",
    [
        {"explain": {**MIXED, "loss": {}}},
        {"explain": {"level": "long"}},
        {"gradient_accumulation_steps": 1},
        {"micro_batch_size": 30},
    ],
    ids=["the block", "one level", "one micro-batch", "large ones"],
)
def test_none_where_tokens_count_alike(
    model: Path, tmp_path: Path, keys: dict[str, Any]
) -> None:
    assert not warning(checked(model, tmp_path, **keys))


def test_trained_prompts_count_as_targets(model: Path, tmp_path: Path) -> None:
    alone = warning(checked(model, tmp_path))
    with_prompts = warning(checked(model, tmp_path, train_on_inputs=True))
    assert alone
    assert not with_prompts, "the prompts are much longer than the targets"


@pytest.mark.parametrize("kernel", ["sdpa", "eager"])
def test_these_kernels_keep_packed_rows_apart(
    model: Path, tmp_path: Path, kernel: str
) -> None:
    findings = checked(model, tmp_path, sample_packing=True, attn_implementation=kernel)
    assert not [one for one in findings if one.code.startswith("packed-rows")]


def test_axolotls_own_warning_of_packed_rows_is_not_said_twice(
    model: Path, tmp_path: Path
) -> None:
    findings = checked(model, tmp_path, sample_packing=True)
    said = [one for one in findings if "packing" in f"{one.code} {one.message}"]
    assert [one.code for one in said] == []
    assert [one.code for one in findings if one.code.startswith("packed-rows")]


def test_each_fault_of_the_block_is_a_finding_with_its_place(
    model: Path, tmp_path: Path
) -> None:
    block = {"weights": {"prompt": 0, "anwser": 1}, "share": {"answer": 7}}
    findings = checked(model, tmp_path, explain={"loss": block})
    assert [(one.code, one.where) for one in findings if one.severity == "error"] == [
        ("explain-block", "explain.loss.weights.anwser"),
        ("explain-block", "explain.loss.share.answer"),
    ]


def test_each_refused_key_is_a_finding_with_its_place(
    model: Path, tmp_path: Path
) -> None:
    keys = {"use_eaft": True, "chunked_cross_entropy": True}
    findings = checked(model, tmp_path, explain={"loss": {}}, **keys)
    errors = [one.where for one in findings if one.severity == "error"]
    assert errors == ["chunked_cross_entropy", "use_eaft"]


class Stub:
    """In place of a fitter: a row has as many tokens as its answer has characters."""

    train_on_inputs = False

    def __init__(self) -> None:
        self.formatter = self.join = self

    def encode(self, rows: list[TrainingRow]) -> list[Any]:
        return [([0], row.example.answer) for row in rows]

    def fit(self, row: TrainingRow, prompt: list[int], target: str) -> Any:
        ids = [0] * (len(prompt) + len(target))
        return EncodedRow(ids, Encoded.uniform(ids, Kind.ANSWER)), row.outcome

    def num_read(self, num_prompt_tokens: int, row: EncodedRow) -> int:
        return len(row.labels.ids) - num_prompt_tokens


def collected(*datasets: tuple[str, int, int], wanted: bool = True) -> TargetLengths:
    """Of datasets by (name, rows, tokens of each target)."""
    found = TargetLengths(wanted)
    for name, num_rows, length in datasets:
        row = TrainingRow(Example("?", "y" * length), "none", "")
        found.see(0, row)
        found.begin(name, num_rows)
        for number in range(1, num_rows + 1):
            found.see(number, row)
        found.end(Stub())  # type: ignore[arg-type]
    return found


def test_all_rows_of_small_datasets_are_measured() -> None:
    found = collected(("a", 30, 4), ("b", 10, 8)).rows
    assert found.read.tolist() == [4] * 30 + [8] * 10
    assert found.length.tolist() == [5] * 30 + [9] * 10


def test_a_large_dataset_is_sampled_and_keeps_its_part() -> None:
    size = 5 * MOST_MEASURED
    found = collected(("large", size, 4), ("small", MOST_MEASURED, 8))
    assert len(found._rows) < 2.2 * MOST_MEASURED
    share = np.mean(found.rows.read == 4)
    assert share == pytest.approx(5 / 6, abs=0.02)


def test_nothing_is_measured_where_nobody_asks() -> None:
    assert len(collected(("a", 3, 4), wanted=False).rows.read) == 0
