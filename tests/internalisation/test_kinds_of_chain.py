"""Chains of every kind of training, for real: what is kept, and how it runs.

The answers of the stages are given, so that the last one is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from axolotl.cli.merge_lora import do_cli as merge_lora
from peft import AutoPeftModelForCausalLM, PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
)

from tests.fixtures import forked
from tests.fixtures.chat_templates import QWEN35
from tests.internalisation.test_killed_chain import DRIVEN
from tests.sweep.test_resumed_sweep import RECIPE as SWEPT

pytestmark = [pytest.mark.training, pytest.mark.timeout(1_200)]

LORA: dict[str, Any] = {
    "adapter": "lora",
    "lora_r": 4,
    "lora_alpha": 8,
    "lora_target_linear": True,
    "lora_mlp_kernel": False,
    "lora_qkv_kernel": False,
    "lora_o_kernel": False,
    "learning_rate": 0.01,
}
T5: dict[str, Any] = {
    "model_type": "AutoModelForSeq2SeqLM",
    "scratch_model": {
        "config": {
            "model_type": "t5",
            "d_model": 16,
            "d_kv": 8,
            "d_ff": 16,
            "num_layers": 1,
            "num_decoder_layers": 1,
            "num_heads": 2,
        },
        "tokenizer_data": ["data/validation.jsonl"],
        "vocab_size": 300,
    },
    "type": "axolotl_explain.seq2seq",
}
CHAT: dict[str, Any] = {
    "type": "axolotl_explain.chat",
    "chat_template": "jinja",
    "chat_template_jinja": QWEN35,
    "chat_template_kwargs": {"enable_thinking": True},
    "thinking": True,
    "sample_packing": True,
    "pad_to_sequence_len": True,
    "sequence_len": 256,
    "attn_implementation": "sdpa",
}
NF4 = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_use_double_quant=True,
    bnb_4bit_compute_dtype=torch.float32,
)
"""As Axolotl holds the base model of a QLoRA."""

KINDS: dict[str, dict[str, Any]] = {
    "lora": LORA,
    "qlora": {**LORA, "adapter": "qlora", "load_in_4bit": True},
    "t5": T5,
    "packed thinking chat": CHAT,
}


@dataclass
class Chain:
    """A chain of two stages that has run to its end."""

    folder: Path

    def explained(self, stage: int) -> dict[str, Any]:
        path = self.folder / f"out/stage-{stage}/explain.json"
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found

    @property
    def kept(self) -> Path:
        return self.folder / "out/kept"


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Chain]:
    """Chains that have been trained already, by the name of their kind."""
    return {}


@pytest.fixture(params=KINDS)
def chain(
    request: pytest.FixtureRequest,
    chains: dict[str, Chain],
    tmp_path_factory: pytest.TempPathFactory,
) -> Chain:
    kind = str(request.param)
    if kind not in chains:
        chains[kind] = trained(KINDS[kind], tmp_path_factory.mktemp("chain"))
    return chains[kind]


def trained(kind: dict[str, Any], folder: Path) -> Chain:
    recipe = json.loads(json.dumps({**SWEPT, **kind}))
    recipe["datasets"][0]["type"] = recipe.pop("type", "axolotl_explain.instruct")
    block = {"max_stages": 1, "steps": 6, "smoothing": 1.0}
    recipe["explain"] = {"level": "short", "internalise": block}
    if recipe.pop("thinking", False):
        recipe["explain"]["thinking"] = True
    else:
        recipe["explain"]["template"] = "{{ input }}\n"
    recipe |= {"max_steps": 6, "micro_batch_size": 4, "save_steps": 6}
    recipe |= {"dataset_num_proc": 1, "logging_steps": 2}
    (folder / "recipe.yml").write_text(yaml.safe_dump(recipe))
    words = ("internalise", "recipe.yml", "--out", "out")
    ended = forked.start(DRIVEN, *words, cwd=folder).wait()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return Chain(folder)


def weights(folder: Path) -> str:
    (path,) = folder.glob("*model.safetensors")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_last_stage_has_shorter_targets_and_other_weights(chain: Chain) -> None:
    first, last = chain.explained(0), chain.explained(1)
    assert first["internalise"] is None
    assert last["internalise"]["stage"] == 1
    assert last["longest_target"] < first["longest_target"]
    stages = [chain.folder / f"out/stage-{stage}" for stage in (0, 1)]
    assert weights(stages[0]) != weights(stages[1])
    assert weights(chain.kept) == weights(stages[1])


def test_the_kept_folder_answers_without_this_package(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(chain.folder)  # an adapter names its base model from there
    recipe = yaml.safe_load(Path("out/kept.yml").read_text())
    kind: Any = AutoModelForCausalLM
    if recipe.get("adapter"):
        # Axolotl puts a config.json beside an adapter; transformers' own classes then
        # look for a whole model there.
        kind = AutoPeftModelForCausalLM
    elif recipe.get("model_type") == "AutoModelForSeq2SeqLM":
        kind = AutoModelForSeq2SeqLM
    model = kind.from_pretrained("out/kept")
    tokenizer = AutoTokenizer.from_pretrained("out/kept")
    assert answer(model, tokenizer).shape[1] > 1


@pytest.mark.parametrize("chain", ["lora", "qlora"], indirect=True)
def test_a_kept_adapter_is_that_of_the_base_model_and_can_be_merged(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(chain.folder)
    config = json.loads((chain.kept / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "out/base"
    merge_lora("out/kept.yml")
    merged = chain.kept / "merged"
    tokenizer = AutoTokenizer.from_pretrained(merged)
    in_4_bits = "load_in_4bit: true" in Path("out/kept.yml").read_text()
    base = AutoModelForCausalLM.from_pretrained(
        "out/base", dtype=torch.float32, quantization_config=NF4 if in_4_bits else None
    )
    adapted = PeftModel.from_pretrained(base, str(chain.kept))
    whole = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.float32)
    asked = tokenizer("3 + 4\n", return_tensors="pt")
    with torch.no_grad():
        wanted, found = adapted(**asked).logits, whole(**asked).logits
        with adapted.disable_adapter():
            plain = base(**asked).logits
    # Merging into 4 bits rounds; what the adapter does must be far more than that.
    assert (found - wanted).abs().mean() < 0.25 * (plain - wanted).abs().mean()
    assert not (merged / "adapter_config.json").exists()


def answer(model: PreTrainedModel, tokenizer: Any) -> torch.Tensor:
    asked = tokenizer("3 + 4\n", return_tensors="pt")
    asked.pop("token_type_ids", None)
    found: torch.Tensor = model.generate(**asked, max_new_tokens=4, do_sample=False)
    return found
