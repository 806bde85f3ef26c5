"""The public shapes of models, so that their memory is estimated without a network.

Those that the shipped recipes name, and some more. The keys are those of `config.json`;
what takes no memory, such as the window of attention, is as the class of transformers
has it. `tests/memory/test_meta_model.py` holds each to its published parameters.

Read in these repositories on GitHub:

- Llama: meta-llama/llama-models (`models/llama3_*/MODEL_CARD.md`), pytorch/torchtune
  (`torchtune/models/llama3_*/_model_builders.py`).
- Qwen3, Qwen3.5: ai-dynamo/aiconfigurator (`model_configs`), AI-Hypercomputer/maxtext
  (`checkpoint_conversion/utils/hf_model_configs.py`), THUDM/slime (`scripts/models`).
- Gemma 3, Gemma 4: google-deepmind/gemma (`gemma/gm/nn`). With pictures, Gemma 3 has 64
  tokens more (`configuration_gemma3.py` of huggingface/transformers).
- gpt-oss: openai/gpt-oss (README), aiconfigurator and maxtext as above. GPT-2:
  openai/gpt-2 (`src/model.py`).
- Ministral 3, Mistral 7B: NVIDIA-NeMo/Megatron-Bridge (`docs/models/mistral`,
  `src/megatron/bridge/models/mistral`).
- Olmo 3: allenai/OLMo-core (`src/scripts/official/OLMo3/README.md`).
- SmolLM: huggingface/smollm (`text/pretraining`).
- Phi-4-mini: pytorch/executorch (`examples/models/phi_4_mini/config`).
- T5, Flan-T5 (T5 1.1): google-research/text-to-text-transfer-transformer
  (`t5/models/gin/models`).
- Granite 4, LFM2, Mistral Small, T5Gemma 2, and what reads pictures in Qwen3.5 and
  Ministral 3: model cards and configs as several smaller repositories quote them.
"""

from __future__ import annotations

from typing import Any, NamedTuple


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
SIGLIP = {
    "num_hidden_layers": 27,
    "hidden_size": 1_152,
    "intermediate_size": 4_304,
    "image_size": 896,
    "patch_size": 14,
    "num_channels": 3,
    "vision_use_head": False,
}
GEMMA3_270M = Decoder("gemma3_text", 18, 640, 2_048, 4, 1, 256, 262_144, True)


def _qwen35(text: Decoder, vision: tuple[int, int, int]) -> dict[str, Any]:
    """A Qwen3.5, whose layers but each fourth have linear attention.

    Args:
        vision: depth, width and inner width of the part that reads pictures.
    """
    depth, width, inner = vision
    return {
        "model_type": text.model_type.removesuffix("_text"),
        "text_config": text._asdict(),
        "vision_config": {
            "depth": depth,
            "hidden_size": width,
            "intermediate_size": inner,
            "out_hidden_size": text.hidden_size,
        },
        "tie_word_embeddings": text.tie_word_embeddings,
    }


def _t5gemma2(text: Decoder) -> dict[str, Any]:
    """A T5Gemma 2: a Gemma 3 as encoder, which sees, and as decoder."""
    sizes = {key: size for key, size in text._asdict().items() if key != "model_type"}
    return {
        "model_type": "t5gemma2",
        "encoder": {"text_config": sizes, "vision_config": SIGLIP},
        "decoder": sizes,
    }


TODAYS: dict[str, dict[str, Any]] = {
    "Qwen/Qwen3.5-4B": _qwen35(
        Decoder("qwen3_5_text", 32, 2_560, 9_216, 16, 4, 256, 248_320, True),
        (24, 1_024, 4_096),
    ),
    "Qwen/Qwen3.5-9B": _qwen35(
        Decoder("qwen3_5_text", 32, 4_096, 12_288, 16, 4, 256, 248_320, False),
        (27, 1_152, 4_304),
    ),
    "Qwen/Qwen3.5-35B-A3B": _qwen35(
        # Its 256 experts and the one they share are 512 wide, as its class has them.
        Decoder("qwen3_5_moe_text", 40, 2_048, 512, 16, 2, 256, 248_320, False),
        (27, 1_152, 4_304),
    ),
    "google/gemma-4-E2B-it": {
        "model_type": "gemma4",
        "text_config": {
            **Decoder(
                "gemma4_text", 35, 1_536, 6_144, 8, 1, 256, 262_144, True
            )._asdict(),
            "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
            "num_kv_shared_layers": 20,
            "use_double_wide_mlp": True,
        },
        "vision_config": {"model_type": "gemma4_vision", "use_clipped_linears": True},
        "audio_config": {"model_type": "gemma4_audio"},
    },
    "google/gemma-3-270m": GEMMA3_270M._asdict(),
    "google/t5gemma-2-270m-270m": _t5gemma2(GEMMA3_270M),
    "openai/gpt-oss-20b": {
        **Decoder("gpt_oss", 24, 2_880, 2_880, 64, 8, 64, 201_088, False)._asdict(),
        "num_local_experts": 32,
        "num_experts_per_tok": 4,
        "quantization_config": {"quant_method": "mxfp4"},
    },
    "mistralai/Ministral-3-3B-Reasoning-2512": {
        "model_type": "mistral3",
        "text_config": Decoder(
            "ministral3", 26, 3_072, 9_216, 32, 8, 128, 131_072, True
        )._asdict(),
        "vision_config": {
            "model_type": "pixtral",
            "num_hidden_layers": 24,
            "hidden_size": 1_024,
            "intermediate_size": 4_096,
            "num_attention_heads": 16,
            "image_size": 1_540,
            "patch_size": 14,
        },
        "spatial_merge_size": 2,
        "tie_word_embeddings": True,
    },
    "allenai/Olmo-3-7B-Instruct": Decoder(
        "olmo3", 32, 4_096, 11_008, 32, 32, 128, 100_278, False
    )._asdict(),
    "ibm-granite/granite-4.0-h-tiny": {
        **Decoder(
            "granitemoehybrid", 40, 1_536, 512, 12, 4, 128, 100_352, True
        )._asdict(),
        "layer_types": [
            "attention" if layer in (5, 15, 25, 35) else "mamba" for layer in range(40)
        ],
        "shared_intermediate_size": 1_024,
        "num_local_experts": 64,
        "num_experts_per_tok": 6,
        "mamba_n_heads": 48,
        "mamba_d_head": 64,
        "mamba_d_state": 128,
    },
    "LiquidAI/LFM2-350M": {
        **Decoder("lfm2", 16, 1_024, 6_656, 16, 8, 64, 65_536, True)._asdict(),
        "full_attn_idxs": [2, 5, 8, 10, 12, 14],
    },
}
OTHERS: dict[str, dict[str, Any]] = {
    "google/gemma-3-4b-it": {
        "model_type": "gemma3",
        "text_config": GEMMA3_TEXT._asdict(),
        "vision_config": SIGLIP,
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
MODELS = {
    **{name: one._asdict() for name, one in DECODERS.items()},
    **TODAYS,
    **OTHERS,
}
"""Hub id -> config."""
