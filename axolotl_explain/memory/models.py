"""The config of a recipe's model: from its folder, from a table, or from the hub.

The table holds the public shapes of the models that the shipped recipes name, so that
those can be estimated without a network. Its keys are those of `config.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from axolotl_explain.core.errors import ExplainError


class Decoder(NamedTuple):
    """The shape of a Llama or one of its kin, in the order of its config."""

    model_type: str
    num_hidden_layers: int
    hidden_size: int
    intermediate_size: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    vocab_size: int
    tie_word_embeddings: bool


def _t5(
    layers: int, hidden: int, inner: int, heads: int, gated: bool
) -> dict[str, Any]:
    return {
        "model_type": "t5",
        "num_layers": layers,
        "num_decoder_layers": layers,
        "d_model": hidden,
        "d_kv": 64,
        "d_ff": inner,
        "num_heads": heads,
        "vocab_size": 32_128,
        "feed_forward_proj": "gated-gelu" if gated else "relu",
        "tie_word_embeddings": not gated,
        "relative_attention_num_buckets": 32,
    }


LLAMA_8B = Decoder("llama", 32, 4_096, 14_336, 32, 8, 128, 128_256, False)
LLAMA_1B = Decoder("llama", 16, 2_048, 8_192, 32, 8, 64, 128_256, True)
QWEN3_8B = Decoder("qwen3", 36, 4_096, 12_288, 32, 8, 128, 151_936, False)
GEMMA3_TEXT = Decoder("gemma3_text", 34, 2_560, 10_240, 8, 4, 256, 262_208, True)
DECODERS = {
    "meta-llama/Llama-3.2-1B": LLAMA_1B,
    "meta-llama/Llama-3.2-1B-Instruct": LLAMA_1B,
    "meta-llama/Llama-3.1-8B": LLAMA_8B,
    "meta-llama/Llama-3.1-8B-Instruct": LLAMA_8B,
    "meta-llama/Llama-3.3-70B-Instruct": Decoder(
        "llama", 80, 8_192, 28_672, 64, 8, 128, 128_256, False
    ),
    "Qwen/Qwen3-0.6B": Decoder("qwen3", 28, 1_024, 3_072, 16, 8, 128, 151_936, True),
    "Qwen/Qwen3-8B": QWEN3_8B,
    "Qwen/Qwen3-8B-Base": QWEN3_8B,
    "Qwen/Qwen3-32B": Decoder("qwen3", 64, 5_120, 25_600, 64, 8, 128, 151_936, False),
    "mistralai/Mistral-7B-v0.3": Decoder(
        "mistral", 32, 4_096, 14_336, 32, 8, 128, 32_768, False
    ),
    "mistralai/Mistral-Small-24B-Instruct-2501": Decoder(
        "mistral", 40, 5_120, 32_768, 32, 8, 128, 131_072, False
    ),
    "microsoft/Phi-4-mini-instruct": Decoder(
        "phi3", 32, 3_072, 8_192, 24, 8, 128, 200_064, True
    ),
    "HuggingFaceTB/SmolLM2-135M": Decoder(
        "llama", 30, 576, 1_536, 9, 3, 64, 49_152, True
    ),
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": Decoder(
        "llama", 24, 2_048, 8_192, 32, 32, 64, 49_152, True
    ),
    "HuggingFaceTB/SmolLM3-3B-Base": Decoder(
        "smollm3", 36, 2_048, 11_008, 16, 4, 128, 128_256, True
    ),
}
OTHERS: dict[str, dict[str, Any]] = {
    "google/gemma-3-4b-it": {
        "model_type": "gemma3",
        "text_config": GEMMA3_TEXT._asdict(),
        "vision_config": {
            "num_hidden_layers": 27,
            "hidden_size": 1_152,
            "intermediate_size": 4_304,
            "image_size": 896,
            "patch_size": 14,
            "num_channels": 3,
            "vision_use_head": False,
        },
    },
    "openai-community/gpt2": {
        "model_type": "gpt2",
        "n_layer": 12,
        "n_embd": 768,
        "n_head": 12,
        "n_inner": None,
        "n_positions": 1_024,
        "vocab_size": 50_257,
    },
    "google-t5/t5-small": _t5(6, 512, 2_048, 8, False),
    "google-t5/t5-base": _t5(12, 768, 3_072, 12, False),
    "google-t5/t5-large": _t5(24, 1_024, 4_096, 16, False),
    "google/flan-t5-small": _t5(8, 512, 1_024, 6, True),
    "google/flan-t5-base": _t5(12, 768, 2_048, 12, True),
    "google/flan-t5-large": _t5(24, 1_024, 2_816, 16, True),
    "google/flan-t5-xl": _t5(24, 2_048, 5_120, 32, True),
}
MODELS = {**{name: one._asdict() for name, one in DECODERS.items()}, **OTHERS}
"""Hub id -> config."""


def model_config(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a recipe's `base_model`, as transformers writes it.

    Raises:
        ExplainError: if the model is neither a folder, nor known here, nor to be had
            from the hub.
    """
    scratch = recipe.get("scratch_model")
    if scratch is not None:
        return _made(scratch)
    name = str(recipe["base_model"])
    if name in MODELS and not Path(name).is_dir():
        return MODELS[name]
    from transformers import PreTrainedConfig

    try:
        found, _ = PreTrainedConfig.get_config_dict(name)
    except (OSError, ValueError) as error:
        raise ExplainError(
            f"base_model: the config of {name} cannot be read "
            f"({str(error).splitlines()[0]}); give a folder, or go online once."
        ) from None
    config: dict[str, Any] = found
    return config


def local_config(name: str) -> tuple[dict[str, Any], str] | None:
    """A model's config without a network, and where it was found.

    None where it is neither a folder, nor in the table, nor among what was downloaded.

    Raises:
        ExplainError: if there is a config that cannot be read.
    """
    file: Path | None = Path(name) / "config.json"
    where = "the config in its folder"
    if file is not None and not file.is_file():
        if name in MODELS:
            return MODELS[name], "a table of known models"
        file, where = _downloaded(name), "the config that was downloaded"
    if file is None:
        return None
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ExplainError(
            f"{file}: cannot be read ({error}); a model's config.json is needed."
        ) from None
    return found, where


def _downloaded(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def _made(scratch: Mapping[str, Any]) -> dict[str, Any]:
    return {**scratch["config"], "vocab_size": scratch.get("vocab_size", 2_000)}
