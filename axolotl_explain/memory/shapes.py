"""A model's config -> its shape, one function for each kind of architecture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from axolotl_explain.core.errors import ExplainError, shown
from axolotl_explain.memory.shape import Linear, Shape

Config = Mapping[str, Any]


def shape_of(config: Config) -> Shape:
    """The shape of a model.

    Args:
        config: as transformers writes it (`config.json`, or `AutoConfig.to_dict()`).

    Raises:
        ExplainError: for an architecture that is not known here.
    """
    kind = config.get("model_type")
    if kind not in FAMILIES:
        raise ExplainError(
            f"model_type: the memory of {shown(kind)} models is not estimated; known "
            f"are {', '.join(sorted(FAMILIES))}."
        )
    return FAMILIES[kind](config)


def _llama(config: Config, prefix: str = "model", norms: int = 2) -> Shape:
    """Llama and its kin: separate projections, gated MLP, RMS norms, no biases."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    query, value = _widths(config)
    layers = config["num_hidden_layers"]
    attention = bool(config.get("attention_bias"))
    mlp = bool(config.get("mlp_bias"))
    at = f"{prefix}.layers.0"
    linears = (
        Linear(f"{at}.self_attn.q_proj", hidden, query, layers, attention),
        Linear(f"{at}.self_attn.k_proj", hidden, value, layers, attention),
        Linear(f"{at}.self_attn.v_proj", hidden, value, layers, attention),
        Linear(f"{at}.self_attn.o_proj", query, hidden, layers, attention),
        Linear(f"{at}.mlp.gate_proj", hidden, inner, layers, mlp),
        Linear(f"{at}.mlp.up_proj", hidden, inner, layers, mlp),
        Linear(f"{at}.mlp.down_proj", inner, hidden, layers, mlp),
    )
    return _with_vocabulary(
        config,
        linears=linears,
        other=hidden * (norms * layers + 1),
        block={"query": query, "value": value, "inner": inner},
    )


def _qwen3(config: Config) -> Shape:
    """Llama with a norm over each head of query and key."""
    return _plus(_llama(config), 2 * config["head_dim"] * config["num_hidden_layers"])


def _gemma3_text(config: Config, prefix: str = "model") -> Shape:
    """Four norms a block, and those of query and key."""
    shape = _llama({**config, "mlp_bias": False}, prefix, norms=4)
    return _plus(shape, 2 * config["head_dim"] * config["num_hidden_layers"])


def _gemma3(config: Config) -> Shape:
    """The text model, a SigLIP tower and a projection between them."""
    text = config["text_config"]
    vision = config["vision_config"]
    hidden, inner = vision["hidden_size"], vision["intermediate_size"]
    layers = vision["num_hidden_layers"]
    at = "model.vision_tower.encoder.layers.0"
    tower = (
        *(
            Linear(f"{at}.self_attn.{name}_proj", hidden, hidden, layers, True)
            for name in ("q", "k", "v", "out")
        ),
        Linear(f"{at}.mlp.fc1", hidden, inner, layers, True),
        Linear(f"{at}.mlp.fc2", inner, hidden, layers, True),
    )
    patch = vision["num_channels"] * vision["patch_size"] ** 2
    patches = (vision["image_size"] // vision["patch_size"]) ** 2
    norms = 2 * hidden * (2 * layers + 1)
    tower_other = hidden * (patch + 1) + hidden * patches + norms
    projector = hidden * text["hidden_size"] + hidden
    shape = _gemma3_text(text, "model.language_model")
    return _plus(shape, tower_other + projector, tower)


def _phi3(config: Config) -> Shape:
    """Llama with query, key and value in one projection, and gate and up in another."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    query, value = _widths(config)
    layers = config["num_hidden_layers"]
    at = "model.layers.0"
    linears = (
        Linear(f"{at}.self_attn.qkv_proj", hidden, query + 2 * value, layers),
        Linear(f"{at}.self_attn.o_proj", query, hidden, layers),
        Linear(f"{at}.mlp.gate_up_proj", hidden, 2 * inner, layers),
        Linear(f"{at}.mlp.down_proj", inner, hidden, layers),
    )
    return _with_vocabulary(
        config,
        linears=linears,
        other=hidden * (2 * layers + 1),
        block={"query": query, "value": value, "inner": inner},
    )


def _gpt2(config: Config) -> Shape:
    """Learned positions, layer norms and biases everywhere; its linears are Conv1D."""
    hidden, layers = config["n_embd"], config["n_layer"]
    inner = config.get("n_inner") or 4 * hidden
    at = "transformer.h.0"
    linears = (
        Linear(f"{at}.attn.c_attn", hidden, 3 * hidden, layers, True),
        Linear(f"{at}.attn.c_proj", hidden, hidden, layers, True),
        Linear(f"{at}.mlp.c_fc", hidden, inner, layers, True),
        Linear(f"{at}.mlp.c_proj", inner, hidden, layers, True),
    )
    return Shape(
        vocab=config["vocab_size"],
        hidden=hidden,
        linears=linears,
        embedding=config["vocab_size"] * hidden,
        head=0,
        other=hidden * config["n_positions"] + 2 * hidden * (2 * layers + 1),
        blocks=layers,
        block={"query": hidden, "value": hidden, "inner": inner},
    )


def _t5(config: Config) -> Shape:
    """Encoder and decoder; `wo` stays unquantised, as transformers keeps it.

    Flan-T5 has a head of its own, which transformers' config shows in the scale alone.
    """
    hidden, inner = config["d_model"], config["d_ff"]
    width = config["num_heads"] * config["d_kv"]
    encoder = config["num_layers"]
    decoder = config.get("num_decoder_layers") or encoder
    gated = config.get("is_gated_act", False)
    both = encoder + decoder
    ups = ("wi_0", "wi_1") if gated else ("wi",)
    own = "encoder.block.0.layer.0.SelfAttention"
    cross = "decoder.block.0.layer.1.EncDecAttention"
    dense = "encoder.block.0.layer.1.DenseReluDense"
    linears = (
        *(Linear(f"{own}.{name}", hidden, width, both) for name in "qkv"),
        Linear(f"{own}.o", width, hidden, both),
        *(Linear(f"{cross}.{name}", hidden, width, decoder) for name in "qkv"),
        Linear(f"{cross}.o", width, hidden, decoder),
        *(Linear(f"{dense}.{name}", hidden, inner, both) for name in ups),
        Linear(f"{dense}.wo", inner, hidden, both, kept=True),
    )
    norms = hidden * (2 * encoder + 1 + 3 * decoder + 1)
    biases = 2 * config["relative_attention_num_buckets"] * config["num_heads"]
    tied = config.get("scale_decoder_outputs", config.get("tie_word_embeddings", True))
    return _with_vocabulary(
        {
            **config,
            "hidden_size": hidden,
            "num_hidden_layers": both,
            "tie_word_embeddings": tied,
        },
        linears=linears,
        other=norms + biases,
        block={
            "query": width,
            "value": width,
            "inner": inner,
            "heads": config["num_heads"],
        },
    )


FAMILIES: dict[str, Callable[[Config], Shape]] = {
    "llama": _llama,
    "mistral": _llama,
    "smollm3": _llama,
    "qwen3": _qwen3,
    "gemma3": _gemma3,
    "gemma3_text": _gemma3_text,
    "phi3": _phi3,
    "gpt2": _gpt2,
    "t5": _t5,
}
"""`model_type` -> what makes a shape of its config."""


def _widths(config: Config) -> tuple[int, int]:
    """Width of all query heads, and of all key heads or all value heads."""
    heads = config["num_attention_heads"]
    size = config.get("head_dim") or config["hidden_size"] // heads
    return heads * size, (config.get("num_key_value_heads") or heads) * size


def _with_vocabulary(
    config: Config, linears: tuple[Linear, ...], other: int, block: Mapping[str, int]
) -> Shape:
    numbers = config["vocab_size"] * config["hidden_size"]
    return Shape(
        vocab=config["vocab_size"],
        hidden=config["hidden_size"],
        linears=linears,
        embedding=numbers,
        head=0 if config.get("tie_word_embeddings") else numbers,
        other=other,
        blocks=config["num_hidden_layers"],
        block=block,
    )


def _plus(shape: Shape, other: int, linears: tuple[Linear, ...] = ()) -> Shape:
    return replace(shape, other=shape.other + other, linears=(*shape.linears, *linears))
