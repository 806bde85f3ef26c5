"""What a run without values counts, against what autograd keeps of real tensors."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.distributed._tools.mem_tracker import MemTracker
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from axolotl_explain.memory import forward
from axolotl_explain.memory.activations import (
    CHUNKED_LOGITS,
    LOGIT_BYTES,
    activation_bytes,
    logit_bytes,
)
from axolotl_explain.memory.adapter import adapted, linear_names
from axolotl_explain.memory.meta_model import build_on_meta
from axolotl_explain.memory.record_saved import Tape
from axolotl_explain.memory.saved_tensors import Kept
from axolotl_explain.training.head_loss import CHUNK, HeadLoss

TOKENS, RANK, VOCAB = 256, 8, 512
WIDTHS = {
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "pad_token_id": 0,
}
EXPERTS = {"num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2}
GPT2 = {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
DENSE = ("llama", "qwen2", "qwen3", "smollm3", "gemma2", "gemma3_text", "phi3")
KINDS: dict[str, dict[str, Any]] = {
    **dict.fromkeys((*DENSE, "granite"), WIDTHS),
    **{kind: {**WIDTHS, **EXPERTS} for kind in ("mixtral", "gpt_oss")},
    "qwen3_moe": {**WIDTHS, **EXPERTS, "moe_intermediate_size": 96},
    "gpt2": {"n_embd": 128, "n_head": 4, "n_inner": 384, **GPT2},
    "t5": {
        **{"d_model": 128, "d_kv": 32, "d_ff": 384, "num_heads": 4},
        **{"dropout_rate": 0.0, "decoder_start_token_id": 0},
    },
}
EAGER = ("gpt_oss", "t5")
"""Those for which a CPU has no attention without scores."""
LAYERS = {"gpt2": "n_layer", "t5": "num_layers"}


def config_of(kind: str, layers: int, **keys: Any) -> Any:
    named = {LAYERS.get(kind, "num_hidden_layers"): layers}
    return AutoConfig.for_model(
        kind, vocab_size=VOCAB, **{**KINDS[kind], **named, **keys}
    )


def recipe_of(kind: str, adapter: bool) -> dict[str, Any]:
    attention = "eager" if kind in EAGER else "flash_attention_2"
    recipe: dict[str, Any] = {"bf16": True, "sequence_len": TOKENS}
    recipe["attn_implementation"] = attention
    if kind == "t5":
        recipe["model_type"] = "AutoModelForSeq2SeqLM"
    if adapter:
        recipe |= {"adapter": "lora", "lora_r": RANK, "lora_target_linear": True}
        if kind == "gpt2":
            recipe |= {"lora_target_linear": False, "lora_fan_in_fan_out": True}
            recipe |= {"lora_target_modules": ["c_attn", "c_proj", "c_fc"]}
    return recipe


def counted(config: Any, recipe: dict[str, Any]) -> Kept:
    return forward.kept(
        adapted(build_on_meta(recipe, config.to_dict()), recipe), recipe
    )


def really_kept(kind: str, layers: int, recipe: dict[str, Any]) -> int:
    """Bytes of all real tensors that the forward pass keeps, weights excepted."""
    maker = AutoModelForSeq2SeqLM if kind == "t5" else AutoModelForCausalLM
    attention = "eager" if kind in EAGER else "sdpa"
    model = maker.from_config(config_of(kind, layers), attn_implementation=attention)
    model = model.to(torch.bfloat16)
    if recipe.get("adapter"):
        names = recipe.get("lora_target_modules") or sorted(linear_names(model))
        chosen = LoraConfig(r=RANK, target_modules=names, fan_in_fan_out=kind == "gpt2")
        model = get_peft_model(model, chosen)
        model.enable_input_require_grads()
    own = {one.untyped_storage().data_ptr() for one in model.parameters()}
    storages: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own:
            storages[place] = tensor
        return tensor

    ids = torch.zeros((1, TOKENS), dtype=torch.long)
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16):
        model.train()(input_ids=ids, labels=ids)
    return sum(one.untyped_storage().nbytes() for one in storages.values())


@pytest.mark.parametrize("adapter", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_block_keeps_what_autograd_really_keeps(kind: str, adapter: bool) -> None:
    recipe = recipe_of(kind, adapter)
    expected = really_kept(kind, 4, recipe) - really_kept(kind, 2, recipe)
    more, less = (
        activation_bytes(counted(config_of(kind, layers), recipe), recipe)
        for layers in (4, 2)
    )
    assert more - less == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("gemma2", {}),
        ("gpt_oss", {}),
        ("qwen3_moe", {"decoder_sparse_step": 2}),
        ("qwen3_moe", {"mlp_only_layers": [3]}),
    ],
)
def test_blocks_that_are_not_run_count_as_if_they_were(
    kind: str, keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, recipe = config_of(kind, 7, **keys), recipe_of(kind, True)
    short = counted(config, recipe)
    monkeypatch.setattr(forward, "Tape", partial(Tape, runs=None))
    assert short == counted(config, recipe)
    assert len(short.blocks) == len(short.inputs) == 7


def test_dense_and_sparse_layers_differ() -> None:
    config = config_of("qwen3_moe", 6, decoder_sparse_step=2)
    blocks = counted(config, recipe_of("qwen3_moe", False)).blocks
    assert len(set(blocks[2::2])) == len(set(blocks[3::2])) == 1
    assert blocks[2] != blocks[3]


def test_each_token_pays_for_the_experts_that_it_sees() -> None:
    recipe = recipe_of("mixtral", False)
    one, two, more = (
        sum(counted(config_of("mixtral", 2, **keys), recipe).blocks)
        for keys in (
            {"num_experts_per_tok": 1},
            {"num_experts_per_tok": 2},
            {"num_experts_per_tok": 1, "num_local_experts": 32},
        )
    )
    assert two > 1.4 * one
    assert more == pytest.approx(one, rel=0.02)


def test_checkpointing_keeps_one_block_and_the_inputs_of_all() -> None:
    recipe = {"bf16": True, "sequence_len": 100, "micro_batch_size": 3}
    found = counted(config_of("llama", 10), recipe)
    assert min(a - b for a, b in zip(found.alone, found.blocks, strict=True)) > 0
    back = found.alone[1] - found.blocks[1]
    assert activation_bytes(found, recipe) == found.rest + sum(found.blocks) + back
    again = found.rest + max(found.alone) + 10 * (2 * 128 * 300)
    for keys in (
        {"gradient_checkpointing": True},
        {"fsdp_config": {"activation_checkpointing": True}},
    ):
        assert activation_bytes(found, {**recipe, **keys}) == again


def test_attention_keeps_scores_only_where_the_recipe_asks_for_it() -> None:
    recipe = {"bf16": True, "sequence_len": 1_024}
    keys: tuple[dict[str, Any], ...] = (
        {"attn_implementation": "eager"},
        {"attn_implementation": "flash_attention_2"},
        {"flash_attention": True},
    )
    eager, flash, former = (
        sum(counted(config_of("llama", 2), {**recipe, **each}).blocks) for each in keys
    )
    scores = 2 * 4 * 1_024**2
    assert eager > flash + 2 * scores
    assert former == flash


def test_a_model_that_looks_at_drawn_numbers_is_counted_too() -> None:
    keys = {"hidden_size": 128, "ffn_dim": 384, "num_attention_heads": 4}
    config = AutoConfig.for_model("opt", vocab_size=VOCAB, num_hidden_layers=3, **keys)
    found = counted(config, {"bf16": True, "sequence_len": TOKENS})
    assert found.counted
    assert len(found.blocks) == 3


@pytest.mark.parametrize("kind", [*DENSE, "granite", "mixtral", "qwen3_moe", "gpt2"])
def test_the_rule_of_thumb_is_near_what_is_counted(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, recipe = config_of(kind, 3), recipe_of(kind, False)
    expected = counted(config, recipe)

    def fail(*_: Any) -> None:
        raise RuntimeError("no values")

    monkeypatch.setattr(forward, "_counted", fail)
    found = counted(config, recipe)
    assert not found.counted
    assert sum(found.blocks) == pytest.approx(sum(expected.blocks), rel=0.5)
    assert found.inputs == expected.inputs


def test_logits_take_at_the_peak_what_pytorch_really_takes() -> None:
    def peak(vocabulary: int) -> int:
        config = config_of("llama", 1, hidden_size=16, intermediate_size=16)
        config.vocab_size = vocabulary
        model = AutoModelForCausalLM.from_config(config).to(torch.bfloat16)
        ids = torch.zeros((1, 2_000), dtype=torch.long)
        with MemTracker() as tracker, torch.autocast("cpu", dtype=torch.bfloat16):
            model(input_ids=ids, labels=ids).loss.backward()
        (at_peak,) = tracker.get_tracker_snapshot("peak").values()
        return int(at_peak["Total"])

    recipe = {"sequence_len": 2_000}
    assert logit_bytes(20_000, recipe) - logit_bytes(10_000, recipe) == pytest.approx(
        peak(20_000) - peak(10_000), rel=0.05
    )


def test_a_fused_loss_holds_no_logits() -> None:
    recipe = {"sequence_len": 100, "cut_cross_entropy": True}
    assert logit_bytes(VOCAB, recipe) == 0


def test_the_exact_loss_holds_the_logits_of_one_chunk() -> None:
    def peak(chunk: int) -> int:
        config = config_of("llama", 1, hidden_size=16, intermediate_size=16)
        config.vocab_size = 10_000
        model = AutoModelForCausalLM.from_config(config).to(torch.bfloat16)
        ids = torch.zeros((1, 2_000), dtype=torch.long)
        with (
            MemTracker() as tracker,
            torch.autocast("cpu", dtype=torch.bfloat16),
            HeadLoss(model, chunk).reading(ids, ids == 0) as reading,
        ):
            outputs = model(input_ids=ids)
            reading(outputs, lambda: outputs).sum().backward()
        (at_peak,) = tracker.get_tracker_snapshot("peak").values()
        return int(at_peak["Total"])

    assert CHUNKED_LOGITS == CHUNK
    assert peak(2**21) - peak(2**20) == pytest.approx(LOGIT_BYTES * 2**20, rel=0.2)
    recipe = {"sequence_len": 2_000, "explain": {"loss": {}}}
    assert logit_bytes(128_000, recipe) == LOGIT_BYTES * CHUNK
    assert logit_bytes(1_000, recipe) == LOGIT_BYTES * 2_000_000
    assert logit_bytes(1_000, {"sequence_len": 2_000, "explain": {}}) == (
        LOGIT_BYTES * 2_000_000
    )
