"""A T5 trained by Axolotl as LoRA, QLoRA and full; reloaded, merged and asked again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.cli.merge_lora import do_cli as merge_lora
from axolotl.cli.train import do_train
from axolotl.integrations.base import PluginManager
from bitsandbytes.nn import Linear4bit
from peft import PeftModel, PeftModelForSeq2SeqLM
from safetensors.torch import load_file
from transformers import AutoModelForSeq2SeqLM

from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.suite import evaluate
from axolotl_explain.results.completion import Completion
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.training.load import load_config, load_model
from tests.fixtures.bench import Bench, entry, sum_row

pytestmark = pytest.mark.training
LORA = {
    "adapter": "lora",
    "lora_r": 8,
    "lora_alpha": 16,
    "lora_dropout": 0.0,
    "lora_target_linear": True,
}
RUNS: dict[str, dict[str, Any]] = {
    "lora": {**LORA, "gradient_checkpointing": True},
    "qlora": {**LORA, "adapter": "qlora", "load_in_4bit": True},
    "full": {"group_by_length": True},
}
STEPS, BUDGET = 6, 8


@dataclass(frozen=True)
class Run:
    """One finished training."""

    recipe: Path
    folder: Path
    data: str

    @property
    def losses(self) -> list[float]:
        file = self.folder / f"checkpoint-{STEPS}" / "trainer_state.json"
        history = json.loads(file.read_text("utf-8"))["log_history"]
        return [each["loss"] for each in history if "loss" in each]

    def odds(self, model: Path | None) -> list[float]:
        """What a model gives each token after a source and three tokens of a target."""
        folder = None if model is None else str(model)
        loaded, _ = load_model(load_config(read_recipe(str(self.recipe)), folder))
        source, target = torch.tensor([[9, 30, 31, 32, 1]]), torch.tensor([[0, 5, 6]])
        with torch.no_grad():
            output = loaded(input_ids=source, decoder_input_ids=target)
        return list(output.logits[0, -1].log_softmax(-1).tolist())

    def answers(self, model: Path | None) -> list[Completion]:
        """What a model says, as `axolotl explain eval` finds it."""
        recipe, folder = str(self.recipe), None if model is None else str(model)
        return evaluate(
            EvaluationRequest(
                recipe=recipe, model=folder, data=(self.data,), max_new_tokens=BUDGET
            )
        )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tiny_t5: Path) -> dict[str, Run]:
    """All trainings, on the same prepared data."""
    folder = tmp_path_factory.mktemp("t5-runs")
    bench = Bench(folder, tiny_t5, {"model_type": "AutoModelForSeq2SeqLM"})
    train = bench.rows(sum_row(index) for index in range(24))
    test = bench.rows([sum_row(index) for index in range(30, 34)], "test.jsonl")
    evaluation = {"data": test, "every": STEPS, "max_new_tokens": BUDGET}
    done = {}
    for name, keys in RUNS.items():
        out = folder / name
        recipe = bench.write(
            f"{name}.yml",
            datasets=[entry(train, "seq2seq")],
            test_datasets=[entry(test, "seq2seq")],
            explain={"evaluation": evaluation},
            output_dir=str(out),
            max_steps=STEPS,
            micro_batch_size=4,
            learning_rate=0.02,
            lr_scheduler="constant",
            warmup_steps=0,
            logging_steps=1,
            eval_steps=STEPS,
            save_steps=STEPS,
            **keys,
        )
        PluginManager.get_instance().plugins.clear()
        do_train(load_cfg(str(recipe)), TrainerCliArgs())
        done[name] = Run(recipe, out, test)
    return done


@pytest.mark.parametrize("name", RUNS)
def test_the_loss_comes_down(runs: dict[str, Run], name: str) -> None:
    losses = runs[name].losses
    assert len(losses) == STEPS
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.parametrize("name", ["lora", "qlora"])
def test_an_adapter_says_its_task_and_holds_lora_weights_alone(
    runs: dict[str, Run], name: str
) -> None:
    for folder in (runs[name].folder, runs[name].folder / f"checkpoint-{STEPS}"):
        config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        assert config["task_type"] == "SEQ_2_SEQ_LM"
        weights = load_file(folder / "adapter_model.safetensors")
        # Two encoder layers of 4 + 2 matrices, two decoder layers of 8 + 2.
        assert len(weights) == 2 * (2 * 6 + 2 * 10)
        assert all(".lora_" in key for key in weights)
        assert all(weight.abs().sum() > 0 for weight in weights.values())


def test_an_adapter_loads_as_that_of_an_encoder_decoder_model(
    runs: dict[str, Run], tiny_t5: Path
) -> None:
    base = AutoModelForSeq2SeqLM.from_pretrained(tiny_t5)
    loaded = PeftModel.from_pretrained(base, str(runs["lora"].folder))
    assert isinstance(loaded, PeftModelForSeq2SeqLM)


def test_qlora_holds_in_four_bits_what_t5_lets_be_quantized(
    runs: dict[str, Run],
) -> None:
    run = runs["qlora"]
    model, _ = load_model(load_config(read_recipe(str(run.recipe)), str(run.folder)))
    found = Counter(
        name.removesuffix(".base_layer").rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, Linear4bit)
    )
    assert found == {**dict.fromkeys("qkvo", 6), "wi": 4}


@pytest.mark.parametrize("name", RUNS)
def test_what_is_answered_while_training_is_answered_afterwards(
    runs: dict[str, Run], name: str
) -> None:
    run = runs[name]
    file = run.folder / "explain_evaluation" / f"step-{STEPS:06}.jsonl"
    during = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    after = run.answers(run.folder)
    assert [one["completion"] for one in during] == [one.completion for one in after]
    assert [one.completion for one in run.answers(None)] != [
        one.completion for one in after
    ]


@pytest.mark.parametrize(("name", "near"), [("lora", 1e-3), ("qlora", 1.0)])
def test_a_merged_adapter_answers_as_before(
    runs: dict[str, Run], name: str, near: float
) -> None:
    run = runs[name]
    merge_lora(str(run.recipe))
    merged = run.folder / "merged"
    before, after = run.answers(run.folder), run.answers(merged)
    if name == "lora":
        assert [one.completion for one in after] == [one.completion for one in before]
    # Of a QLoRA, Axolotl rounds every matrix to four bits, also those that training
    # has held in full precision, so that it answers a little differently.
    assert run.odds(merged) == pytest.approx(run.odds(run.folder), abs=near)
    assert run.odds(None) != pytest.approx(run.odds(merged), abs=1.5 * near)
