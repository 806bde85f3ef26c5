"""Axolotl's own commands ask with the trained prompt, or say why not."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.cli.inference import do_cli as inference
from axolotl.cli.quantize import do_quantize
from transformers import AutoTokenizer, GenerationMixin

from axolotl_explain.core.target import LEVEL_REQUESTS
from axolotl_explain.recipe.axolotl_commands import to_know
from tests.fixtures.trained_folders import TrainedFolder, explain_json, recipe_of

pytestmark = pytest.mark.usefixtures("fresh_process")
Train = Callable[[str], TrainedFolder]
TYPED = {
    "instruct": f"Add the two numbers.\n{LEVEL_REQUESTS['long']}\n\n### Input:\n1 5\n",
    "chat": "Add the two numbers.\n\n1 5\n",
    "thinking": f"Add the two numbers.\n{LEVEL_REQUESTS['long']}\n\n1 5\n",
    "seq2seq": "Add the two numbers.\n1 5\n",
}
"""What a user types who has read the model card."""


@pytest.mark.training
@pytest.mark.parametrize("way", TYPED)
def test_inference_sends_the_ids_of_training(
    trained_folder: Train, way: str, monkeypatch: pytest.MonkeyPatch, log: list[str]
) -> None:
    one = trained_folder(way)
    asked: list[list[int]] = []

    def generate(self: Any, inputs: Any, **keys: Any) -> Any:
        asked.append(inputs[0].tolist())
        return {"sequences": inputs}

    monkeypatch.setattr(GenerationMixin, "generate", generate)
    monkeypatch.setattr(sys, "stdin", io.StringIO(TYPED[way]))
    monkeypatch.setattr(sys, "argv", ["axolotl", "inference", str(one.recipe)])
    where = "lora_model_dir" if way == "instruct" else "base_model"
    inference(str(one.recipe), **{where: str(one.folder)})
    assert len(asked) == 1
    assert asked[0] in one.prompts
    told = "\n".join(log)
    assert f"predict --model {one.folder} --ask answers greedily" in told
    assert ("a line says how much explanation" in told) == (
        way in ("instruct", "thinking")
    )
    assert "nothing that was trained" not in told


@pytest.mark.training
def test_a_quantized_model_is_asked_as_the_trained_one(
    trained_folder: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trained_folder("chat")
    recipe = {
        **recipe_of(one),
        "quantization": {"weight_dtype": "int4", "activation_dtype": "int8"},
    }
    path = tmp_path / "recipe.yml"
    path.write_text(yaml.safe_dump(recipe))
    monkeypatch.setattr(sys, "argv", ["axolotl", "quantize", str(path)])
    do_quantize(str(path), {})
    quantized = one.folder / "quantized"
    assert explain_json(quantized) == explain_json(one.folder)
    asked = [{"role": "user", "content": "Add the two numbers.\n\n1 5"}]
    tokenizer = AutoTokenizer.from_pretrained(quantized)
    ids = tokenizer.apply_chat_template(asked, add_generation_prompt=True)
    assert list(ids["input_ids"]) in one.prompts


@pytest.mark.parametrize(
    ("command", "recipe", "said"),
    [
        ("inference", {"adapter": "lora"}, "add --lora-model-dir=out"),
        ("evaluate", {"adapter": "lora"}, "add --lora-model-dir=out"),
        ("evaluate", {}, "it loads base, and nothing that was trained; add --base-mo"),
        ("evaluate", {"base_model": "out"}, "axolotl-explain eval --model out --data"),
        ("vllm-serve", {}, "serves base_model base, for online RL, and not what was"),
        ("train", {"lm_eval_tasks": ["arc"]}, "only with apply_chat_template: true"),
    ],
)
def test_a_command_that_does_otherwise_says_what_to_use(
    command: str, recipe: dict[str, Any], said: str
) -> None:
    whole = {"base_model": "base", "output_dir": "out", **recipe}
    assert said in "\n".join(to_know(command, whole))


@pytest.mark.parametrize("command", ["train", "merge-lora", "preprocess", ""])
def test_commands_that_do_right_say_nothing(command: str) -> None:
    assert not list(to_know(command, {"base_model": "base", "adapter": "lora"}))


@pytest.mark.training
def test_a_trained_model_that_was_loaded_is_not_called_untrained(
    trained_folder: Train,
) -> None:
    one = trained_folder("instruct")
    recipe = {**recipe_of(one), "lora_model_dir": str(one.folder)}
    told = "\n".join(to_know("inference", recipe))
    assert "nothing that was trained" not in told
    assert json.dumps(str(one.folder))[1:-1] in told
