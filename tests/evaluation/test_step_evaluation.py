"""Evaluation while training, piece by piece: batches, limits, what is put back."""

from __future__ import annotations

import random
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from axolotl.cli.config import load_cfg
from axolotl.loaders.tokenizer import load_tokenizer
from bitsandbytes.nn import Linear4bit
from transformers import AutoModelForCausalLM

from axolotl_explain import ExplainError
from axolotl_explain.evaluation.refusals import refuse_unmeasured
from axolotl_explain.evaluation.step_evaluation import (
    DrawnRows,
    EvaluationBatch,
    draw_rows,
    make_batches,
    run_batches,
)
from axolotl_explain.evaluation.undisturbed import undisturbed
from axolotl_explain.recipe.evaluation_options import EvaluationOptions
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.results.step_files import set_later_steps_aside, step_file
from axolotl_explain.training.load import load_strategy
from tests.fixtures.bench import Bench, entry, refusal, sum_row, write_jsonl


class Asked:
    """A source of some rows on the tiny model, with a recipe's own options."""

    def __init__(self, bench: Bench, count: int = 10, **explain: Any) -> None:
        rows = [sum_row(index, input="7 " * (index + 1)) for index in range(count)]
        self.path = bench.rows(rows)
        recipe = bench.write(datasets=[entry(self.path)], explain=explain)
        cfg = load_cfg(str(recipe))
        self.tokenizer = load_tokenizer(cfg)
        drawn = draw_rows([self.path], limit=count)
        self.source = DrawnRows(
            self.path,
            load_strategy(cfg, self.tokenizer, self.path),
            [number for _, number, _ in drawn],
            [example for _, _, example in drawn],
        )
        self.folder = bench.base_model

    def batches(self, **keys: Any) -> list[EvaluationBatch]:
        return make_batches(self.source, EvaluationOptions(data=(self.path,), **keys))

    def run(self, model: Any, **keys: Any) -> Any:
        seconds = keys.pop("max_seconds", None)
        return run_batches(model, self.tokenizer, self.batches(**keys), seconds)

    def model(self) -> Any:
        return AutoModelForCausalLM.from_pretrained(self.folder)


def test_a_draw_is_the_same_each_time_and_keeps_the_order(bench: Bench) -> None:
    path = bench.rows([sum_row(index) for index in range(50)])
    other = bench.rows([sum_row(index) for index in range(50, 60)], "other.jsonl")
    drawn = draw_rows([path, other], limit=20)
    places = [(place, number) for place, number, _ in drawn]
    assert len(set(places)) == 20
    assert places == sorted(places, key=lambda one: (one[0] == other, one[1]))
    assert [place for place, _ in places].count(other) in range(1, 9)
    assert draw_rows([path, other], limit=20) == drawn
    for place, number, example in drawn:
        assert example.id == f"sum-{number - 1 + 50 * (place == other)}"


def test_all_rows_are_taken_where_there_are_no_more(bench: Bench) -> None:
    path = bench.rows([sum_row(index) for index in range(3)])
    assert [number for _, number, _ in draw_rows([path], limit=200)] == [1, 2, 3]


def test_a_faulty_row_is_named_by_file_and_number(bench: Bench) -> None:
    path = bench.rows([sum_row(0), sum_row(1, answer="")])
    assert refusal(draw_rows, [path], 9).startswith(f"{path}, row 2, answer: is empty")


def test_every_row_is_in_one_batch_beside_others_of_its_length(bench: Bench) -> None:
    batches = Asked(bench).batches(batch_size=3)
    rows = sorted(batch.rows for batch in batches)
    assert sorted(chain.from_iterable(rows)) == list(range(10))
    assert sorted(map(len, rows)) == [1, 3, 3, 3]
    for group in rows:
        assert max(group) - min(group) == len(group) - 1


def test_a_batch_holds_no_more_tokens_than_it_may(bench: Bench) -> None:
    asked = Asked(bench)
    for batch in asked.batches(batch_tokens=200, max_new_tokens=20):
        prompts = [asked.source.examples[row].input for row in batch.rows]
        longest = max(len(prompt.split()) for prompt in prompts)
        assert len(batch.rows) * (longest + 20) <= 200


def test_levels_have_budgets_of_their_own(bench: Bench) -> None:
    asked = Asked(bench, level={"none": 1, "long": 1})
    budgets = asked.batches(max_new_tokens={"long": 77})[0].budgets
    assert list(budgets) == ["none", "long"]
    assert budgets["long"] == 77
    assert 1 < budgets["none"] < 77


def test_a_level_that_prompts_cannot_name_is_refused(bench: Bench) -> None:
    message = refusal(Asked(bench, level="long").batches, levels=("short",))
    assert message.startswith("explain.evaluation.levels: short: the prompts of this")


def test_processes_share_the_batches_and_find_what_one_finds(bench: Bench) -> None:
    asked = Asked(bench)
    model = asked.model().eval()
    batches = asked.batches(batch_size=3, max_new_tokens=6)
    alone = run_batches(model, asked.tokenizer, batches, None).completions
    shares = [
        run_batches(model, asked.tokenizer, batches[rank::3], None).completions
        for rank in range(3)
    ]
    found = {one.row: one for one in chain.from_iterable(shares)}
    assert found == {one.row: one for one in alone}
    assert sorted(found) == [*range(1, 11)]


def test_time_ends_an_evaluation_after_the_batch_that_passes_it(bench: Bench) -> None:
    asked = Asked(bench)
    outcome = asked.run(asked.model(), batch_size=3, max_new_tokens=2, max_seconds=1e-9)
    assert outcome.out_of_time
    assert len(outcome.completions) in (1, 3)


class Full:
    """A model on a device that has no memory left."""

    device = "cpu"
    config = SimpleNamespace(is_encoder_decoder=False)

    def generate(self, **_: Any) -> None:
        raise torch.OutOfMemoryError("no memory left")


def test_running_out_of_memory_ends_an_evaluation_and_nothing_else(
    bench: Bench,
) -> None:
    outcome = Asked(bench).run(Full(), batch_size=4)
    assert outcome.completions == []
    assert "memory" in outcome.failure


def test_a_model_is_given_back_as_it_was() -> None:
    linear = Linear4bit(8, 8)
    model = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout(0.5), linear)
    model.train()
    model[1].eval()
    model.config = SimpleNamespace(use_cache=False)
    states = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()
    with undisturbed(model):
        assert [part.training for part in model] == [False, False, True]
        assert model.config.use_cache
        random.random(), np.random.rand(), torch.rand(3)
    assert [part.training for part in model] == [True, False, True]
    assert model.training
    assert not model.config.use_cache
    assert random.getstate() == states[0]
    assert (np.random.get_state()[1] == states[1]).all()
    assert torch.equal(torch.get_rng_state(), states[2])


def test_a_model_is_given_back_after_an_error() -> None:
    model = torch.nn.Dropout(0.5)
    with pytest.raises(KeyError), undisturbed(model):
        raise KeyError
    assert model.training


@pytest.mark.parametrize("name", ["explain/short/exact_match", "explain/long/exact"])
def test_a_metric_that_nobody_measures_is_refused(name: str) -> None:
    args = SimpleNamespace(metric_for_best_model=name)
    with pytest.raises(ExplainError) as caught:
        refuse_unmeasured(args, {"long"})
    assert str(caught.value).startswith(f"metric_for_best_model: '{name}' is not")
    assert "exact_match" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["loss", None, "explain/long/exact_match", "eval_explain/long/parsed_rate"]
)
def test_other_metrics_and_measured_ones_pass(name: str | None) -> None:
    refuse_unmeasured(SimpleNamespace(metric_for_best_model=name), {"long"})


def test_steps_that_are_still_to_come_are_put_aside(tmp_path: Path) -> None:
    for step in (0, 25, 50, 1_000_000):
        step_file(tmp_path, step).parent.mkdir(exist_ok=True)
        step_file(tmp_path, step).write_text(str(step), "utf-8")
    set_later_steps_aside(tmp_path, after=25)
    left = [step_file(tmp_path, step).is_file() for step in (0, 25, 50, 1_000_000)]
    assert left == [True, True, False, False]
    moved = tmp_path / "explain_evaluation/earlier"
    assert [path.read_text() for path in sorted(moved.iterdir())] == ["50", "1000000"]


def recipe_with(bench: Bench, evaluation: object) -> dict[str, Any]:
    rows = entry(bench.rows([sum_row(1)]))
    return {"datasets": [rows], "explain": {"evaluation": evaluation}}


def test_a_typo_in_a_recipe_is_one_error(bench: Bench) -> None:
    message = refusal(bench.cfg, **recipe_with(bench, {"evrey": 5, "data": "a/b"}))
    assert message.startswith("explain.evaluation.evrey: no such key; did you mean")
    assert "\n" not in message


def test_evaluation_is_not_for_one_dataset(bench: Bench) -> None:
    rows = entry(bench.rows([sum_row(1)]), explain={"evaluation": {"data": "a/b"}})
    message = refusal(bench.cfg, datasets=[rows])
    assert message.startswith("datasets[0].explain.evaluation: the whole model is")


def test_evaluation_needs_a_dataset_that_says_how_to_ask(bench: Bench) -> None:
    other = {"path": bench.rows([sum_row(1)]), "ds_type": "json", "type": "alpaca"}
    block = {"evaluation": {"data": "a/b"}}
    message = refusal(bench.cfg, datasets=[other], explain=block)
    assert message.startswith("explain.evaluation: no dataset of this recipe")


def test_evaluation_changes_nothing_about_the_data(bench: Bench) -> None:
    plain = bench.cfg(datasets=[entry(bench.rows([sum_row(1)]))])
    data = bench.rows([sum_row(2)], "other.jsonl")
    block = {"data": data, "rows": 5, "every": 1}
    cfg = bench.cfg(**recipe_with(bench, block))
    assert cfg.datasets == plain.datasets
    assert cfg.explain.evaluation.rows == 5


def test_rows_of_a_preset_are_drawn_as_its_examples(tmp_path: Path) -> None:
    rows = [{"question": f"Q{n}", "answer": f"So.\n#### {n}"} for n in range(5)]
    path = write_jsonl(tmp_path / "rows.jsonl", [*rows, {**rows[0], "answer": "?"}])
    drawn = draw_rows([path], 9, {path: ExplainOptions(preset="gsm8k")})
    assert [example.answer for _, _, example in drawn] == ["0", "1", "2", "3", "4"]
