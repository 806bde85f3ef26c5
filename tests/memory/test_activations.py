"""Activations by the formula, against the tensors that autograd keeps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from axolotl_explain.memory.activations import (
    activation_bytes,
    block_bytes,
    logit_bytes,
)
from axolotl_explain.memory.shapes import shape_of

TOKENS, RANK, VOCAB = 256, 8, 512
GPT2 = {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
KINDS = ("llama", "mistral", "smollm3", "qwen3", "gemma3_text", "phi3", "gpt2", "t5")


def config_of(kind: str, layers: int) -> Any:
    if kind == "gpt2":
        keys = {"n_layer": layers, "n_embd": 128, "n_head": 4, "n_inner": 384, **GPT2}
    elif kind == "t5":
        keys = {"num_layers": layers, "d_model": 128, "d_kv": 32, "d_ff": 384}
        keys |= {"num_heads": 4, "dropout_rate": 0.0, "decoder_start_token_id": 0}
    else:
        keys = {
            "num_hidden_layers": layers,
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 32,
            "pad_token_id": 0,
        }
    return AutoConfig.for_model(kind, vocab_size=VOCAB, **keys)


def kept(kind: str, layers: int, adapter: bool) -> int:
    """Bytes of all tensors that the forward pass keeps, weights and their casts not."""
    config = config_of(kind, layers)
    maker = AutoModelForSeq2SeqLM if kind == "t5" else AutoModelForCausalLM
    model = maker.from_config(config, attn_implementation="sdpa").to(torch.bfloat16)
    if adapter:
        conv = kind == "gpt2"
        names: Any = ["c_attn", "c_proj", "c_fc"] if conv else "all-linear"
        chosen = LoraConfig(r=RANK, target_modules=names, fan_in_fan_out=conv)
        model = get_peft_model(model, chosen)
        model.enable_input_require_grads()
    own = {one.untyped_storage().data_ptr() for one in model.parameters()}
    storages: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own and TOKENS in tensor.shape:
            storages[place] = tensor
        return tensor

    ids = torch.zeros((1, TOKENS), dtype=torch.long)
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16):
        model.train()(input_ids=ids, labels=ids)
    return sum(one.untyped_storage().nbytes() for one in storages.values())


@pytest.mark.parametrize("adapter", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_block_keeps_what_the_formula_says(kind: str, adapter: bool) -> None:
    expected = kept(kind, 3, adapter) - kept(kind, 2, adapter)
    shape = shape_of({**config_of(kind, 2).to_dict(), "is_gated_act": False})
    linear: dict[str, Any] = {"adapter": "lora", "lora_r": RANK}
    linear |= {"lora_target_linear": True}
    recipe = {"bf16": True, "sequence_len": TOKENS, **(linear if adapter else {})}
    blocks = 2 if kind == "t5" else 1
    assert blocks * block_bytes(shape, kind, recipe) == pytest.approx(expected, rel=0.2)


def test_checkpointing_keeps_one_block_and_the_inputs_of_all() -> None:
    shape = shape_of(config_of("llama", 10).to_dict())
    recipe = {"bf16": True, "sequence_len": 100, "micro_batch_size": 3}
    block = block_bytes(shape, "llama", recipe)
    assert activation_bytes(shape, "llama", recipe) == 10 * block
    again = {**recipe, "gradient_checkpointing": True}
    assert activation_bytes(shape, "llama", again) == block + 10 * (2 * 128 * 300)
    sharded = {**recipe, "fsdp_config": {"activation_checkpointing": True}}
    assert activation_bytes(shape, "llama", sharded) == block + 10 * (2 * 128 * 300)


def test_logits_grow_with_tokens_and_vocabulary_and_vanish_with_a_fused_loss() -> None:
    shape = shape_of(config_of("llama", 1).to_dict())
    recipe = {"sequence_len": 100, "micro_batch_size": 3}
    assert logit_bytes(shape, recipe) == (2 + 4 + 4) * 300 * VOCAB
    assert logit_bytes(shape, {**recipe, "cut_cross_entropy": True}) == 0
