"""Losses by chunks of the head are those of full logits, for every kind of head."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForCausalLM,
    CohereConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GraniteConfig,
    LlamaConfig,
    PreTrainedModel,
    Qwen3Config,
    T5Config,
    T5ForConditionalGeneration,
)

from axolotl_explain.training.head_loss import HeadLoss
from tests.fixtures import forked, sharded
from tests.fixtures.bench import ROOT

ROWS, TOKENS, VOCABULARY = 3, 7, 61
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
CONFIGS: dict[str, Any] = {
    "llama": LlamaConfig(**SMALL),
    "tied": LlamaConfig(**SMALL, tie_word_embeddings=True),
    "qwen3": Qwen3Config(**SMALL),
    "gemma3": Gemma3TextConfig(**SMALL),
    "soft cap": Gemma2Config(**SMALL, final_logit_softcapping=0.3),
    "divided": GraniteConfig(**SMALL, logits_scaling=8.0),
    "multiplied": CohereConfig(**SMALL, logit_scale=0.0625),
    "gpt2": GPT2Config(
        vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=2, n_positions=32
    ),
}


def made(config: Any) -> PreTrainedModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return AutoModelForCausalLM.from_config(config).eval()


def t5() -> PreTrainedModel:
    sizes = {"d_model": 32, "d_kv": 16, "d_ff": 48, "num_layers": 2, "num_heads": 2}
    config = T5Config(
        vocab_size=VOCABULARY, dropout_rate=0.0, decoder_start_token_id=0, **sizes
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return T5ForConditionalGeneration(config)


def lora_on_the_head() -> Any:
    config = LoraConfig(r=4, target_modules=["lm_head", "q_proj"], lora_dropout=0.0)
    model = get_peft_model(made(CONFIGS["llama"]), config)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, generator=torch.Generator().manual_seed(1))
    return model


def head_that_is_trained_and_saved() -> Any:
    config = LoraConfig(r=4, target_modules=["q_proj"], modules_to_save=["lm_head"])
    return get_peft_model(made(CONFIGS["llama"]), config)


MODELS: dict[str, Callable[[], Any]] = {
    **{name: lambda config=config: made(config) for name, config in CONFIGS.items()},
    "t5": t5,
    "lora on the head": lora_on_the_head,
    "saved head": head_that_is_trained_and_saved,
}


def batch(model: Any) -> tuple[dict[str, Any], torch.Tensor, torch.Tensor]:
    """Inputs, labels where they are predicted, and which of them are read."""
    draw = torch.Generator().manual_seed(3)
    ids = torch.randint(3, VOCABULARY, (ROWS, TOKENS), generator=draw)
    reads = torch.rand(ROWS, TOKENS, generator=draw) < 0.6
    if model.config.is_encoder_decoder:
        decoder = model.prepare_decoder_input_ids_from_labels(labels=ids)
        return {"input_ids": ids, "decoder_input_ids": decoder}, ids, reads
    reads[:, -1] = False
    return {"input_ids": ids}, ids.roll(-1, 1), reads


def gradient(model: Any) -> dict[str, torch.Tensor]:
    found = {
        name: weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }
    model.zero_grad()
    return found


def by_chunks(
    head: HeadLoss, model: Any, inputs: Any, labels: Any, reads: Any
) -> torch.Tensor:
    def run() -> Any:
        return model(**inputs)

    with head.reading(labels, reads) as reading:
        return reading(run(), run)


@pytest.mark.parametrize("chunk", [2 * VOCABULARY, 1_000 * VOCABULARY])
@pytest.mark.parametrize("name", MODELS)
def test_losses_and_gradient_are_those_of_full_logits(name: str, chunk: int) -> None:
    model = MODELS[name]()
    inputs, labels, reads = batch(model)
    weights = torch.linspace(0.1, 2.0, int(reads.sum()))
    logits = model(**inputs).logits
    wanted = cross_entropy(logits[reads], labels[reads], reduction="none")
    (wanted * weights).sum().backward()
    wanted_gradient = gradient(model)
    head = HeadLoss(model, chunk)
    for _ in range(2):
        found = by_chunks(head, model, inputs, labels, reads)
        assert head.chunked
        assert torch.allclose(found, wanted, rtol=1e-5, atol=1e-6)
        (found * weights).sum().backward()
        found_gradient = gradient(model)
        assert set(found_gradient) == set(wanted_gradient)
        for weight, other in wanted_gradient.items():
            assert torch.allclose(found_gradient[weight], other, rtol=1e-4, atol=1e-6)
    assert model(**inputs).logits.shape == (ROWS, TOKENS, VOCABULARY)


def test_no_logits_of_a_token_that_is_not_read_are_made() -> None:
    model = MODELS["llama"]()
    inputs, labels, reads = batch(model)
    seen: list[int] = []
    original = model.lm_head.forward

    def counting(hidden: torch.Tensor) -> torch.Tensor:
        seen.append(hidden.shape[0])
        return original(hidden)

    model.lm_head.forward = counting
    by_chunks(HeadLoss(model, 4 * VOCABULARY), model, inputs, labels, reads)
    assert sum(seen) == int(reads.sum())
    assert max(seen) == 4
    assert model.lm_head.forward is counting


@pytest.mark.parametrize("reason", ["a change that is not known", "two calls"])
def test_full_logits_where_the_head_is_not_understood(
    reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = MODELS["llama"]()
    inputs, labels, reads = batch(model)
    plain = model.forward

    def changed(*args: Any, **keys: Any) -> Any:
        outputs = plain(*args, **keys)
        if reason == "two calls":
            model.lm_head(torch.zeros(ROWS, TOKENS, 32))
        else:
            outputs.logits = outputs.logits.clone() - 3 * outputs.logits.abs()
        return outputs

    monkeypatch.setattr(model, "forward", changed)
    wanted = cross_entropy(
        model(**inputs).logits[reads], labels[reads], reduction="none"
    )
    head = HeadLoss(model)
    with caplog.at_level("WARNING", logger="axolotl.explain"):
        for _ in range(2):
            found = by_chunks(head, model, inputs, labels, reads)
            assert torch.allclose(found, wanted, atol=1e-6)
    assert not head.chunked
    assert caplog.text.count("full logits") == 1


def test_weights_that_are_cut_over_processes_have_the_same_gradient(
    tmp_path: Path,
) -> None:
    """FSDP2 gathers the head once for all chunks; it averages over processes."""
    file = tmp_path / "gradient.safetensors"
    done = forked.run_ranks("tests.fixtures.sharded", str(file), cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3_000:]
    whole = sharded.model()
    sharded.backward(whole, *sharded.rows(4))
    for name, values in load_file(file).items():
        wanted = gradient_of(whole, name) / 2
        assert torch.allclose(values, wanted, rtol=1e-4, atol=1e-6), name


def gradient_of(model: Any, name: str) -> torch.Tensor:
    found = model.get_parameter(name).grad
    assert isinstance(found, torch.Tensor)
    return found
