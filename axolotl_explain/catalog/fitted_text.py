"""The text of a shipped recipe with a method, a machine, a model and rows in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.catalog.copy_recipe import with_data
from axolotl_explain.catalog.edit import (
    drop,
    put,
    put_before,
    scalar,
    set_block,
    set_inside,
    set_key,
)
from axolotl_explain.catalog.fit import Fit
from axolotl_explain.catalog.learning_rates import learning_rate
from axolotl_explain.catalog.methods import is_shipped, nearest
from axolotl_explain.catalog.prompt_kind import same_model
from axolotl_explain.core.levels import levels_in_play
from axolotl_explain.recipe.encoder_decoder import KERNELS, MODEL_TYPE

ADAPTER_KEYS = (
    *("adapter", "load_in_4bit", "load_in_8bit", "bnb_config_kwargs", "lora_r"),
    *("lora_alpha", "lora_dropout", "lora_target_linear", "lora_target_modules"),
    *("quantize_moe_experts", "lora_target_parameters", "lora_fan_in_fan_out"),
    *(*KERNELS, "merge_method"),
)
TOKEN_KEYS = ("chat_template", "chat_template_kwargs", "special_tokens")
ARCHITECTURE_KEYS = (
    *("lora_target_modules", "lora_target_parameters", "quantize_moe_experts"),
    *("lora_fan_in_fan_out", "merge_method"),
)
"""Keys of an adapter that go with an architecture."""
OF_THE_TEXT = (
    r"model.language_model.layers.[\d]+.(mlp|self_attn).(up|down|gate|q|k|v|o)_proj"
)
"""The usual layers of a model that reads pictures too, but for those that see."""
STEPS = 50
"""Optimizer steps of an epoch, at least, if rows are to be packed."""


def fitted_text(fit: Fit) -> tuple[str, list[str]]:
    """The recipe, but for its opening comment, and notes for the user.

    Raises:
        ExplainError: if the data are not there.
    """
    text = fit.method.basis.text
    text = drop(set_key(text, "base_model", fit.look.model.name), "scratch_model")
    text, notes = with_data(text, fit.method.basis, fit.look.changes)
    for change in CHANGES:
        text = change(text, fit)
    return text, notes


def _prompts(text: str, fit: Fit) -> str:
    """What follows from model and tokenizer, whatever the basis has."""
    for name in ("datasets", "test_datasets"):
        text = set_inside(text, name, "type", f"axolotl_explain.{fit.kind}")
    for key in (*TOKEN_KEYS, "tokenizer_use_mistral_common", "model_type"):
        text = drop(text, key)
    if fit.kind == "seq2seq":
        text = put(text, "model_type", MODEL_TYPE, after="base_model")
    return _tokens(text, fit)


def _tokens(text: str, fit: Fit) -> str:
    """Template and tokens: as the shipped recipe of this model says, or as it lacks."""
    model = fit.look.model.name
    found: dict[str, Any] = {}
    if fit.look.prompts.chat_template:
        found["chat_template"] = fit.look.prompts.chat_template
    same = same_model(model)
    mistral = _tekken(model)
    if same is not None:
        own = ("chat_template_kwargs", "special_tokens")
        found |= {key: same.recipe[key] for key in own if same.recipe.get(key)}
        mistral = "tokenizer_use_mistral_common" in same.recipe
    elif fit.look.tokenizer.pad:
        found["special_tokens"] = {"pad_token": fit.look.tokenizer.pad}
    if mistral:
        text = put(text, "tokenizer_use_mistral_common", True, after="base_model")
    return put_before(text, found, before="datasets")


def _tekken(model: str) -> bool:
    """Whether a model's folder has the tokenizer of Mistral alone."""
    folder = Path(model)
    tekken, other = folder / "tekken.json", folder / "tokenizer.json"
    return tekken.is_file() and not other.is_file()


def _explain(text: str, fit: Fit) -> str:
    rows, level = fit.look.rows, fit.level
    lines = [f"level: {scalar(level)}"]
    wanted = levels_in_play(level) or set()
    if not wanted <= {"none", *rows.common}:
        fallback = "nearest" if rows.explained == len(rows.examples) else "answer_only"
        lines.append(f"on_missing_level: {fallback}")
    if not isinstance(level, str) or level in ("all", "requested"):
        lines.append("loss: {}  # each token counts once, whatever the level")
    if fit.look.prompts.thinking:
        lines.append("thinking: true")
    lines += [f"{key}: {scalar(value)}" for key, value in rows.block.items()]
    if rows.bad and "preset" not in rows.block:
        lines.append("on_bad_row: skip")
    if fit.sizes.shorten:
        lines.append("on_too_long: shorten")
    if fit.kind == "seq2seq":
        lines.append(f"max_target_tokens: {fit.sizes.target}")
    return set_block(text, "explain", lines)


def _adapter(text: str, fit: Fit) -> str:
    name, model = fit.method.name, fit.look.model
    if name == "full":
        for key in ADAPTER_KEYS:
            text = drop(text, key)
        return text
    text = set_key(text, "adapter", "qlora" if name == "QLoRA" else "lora")
    if name != fit.method.basis.method:
        for key in ("load_in_4bit", "load_in_8bit", "bnb_config_kwargs"):
            text = drop(text, key)
        if name == "8-bit LoRA":
            text = put(text, "load_in_8bit", True, after="adapter")
        elif name == "QLoRA":
            kwargs = {
                "bnb_4bit_quant_type": "nf4",
                "bnb_4bit_use_double_quant": True,
            }
            text = put(text, "bnb_config_kwargs", kwargs, after="adapter")
            text = put(text, "load_in_4bit", True, after="adapter")
    text = _targets(text, fit)
    if fit.kind != "seq2seq" and not is_shipped(model.kind):
        said = yaml.safe_load(text)
        last = [key for key in ADAPTER_KEYS if key in said][-1]
        for key in reversed([key for key in KERNELS if key not in said]):
            text = put(text, key, False, after=last)
    return text


def _targets(text: str, fit: Fit) -> str:
    """Which layers are adapted: all linear ones, unless the architecture has others."""
    model = fit.look.model
    same: dict[str, Any] = {}
    if model.kind == "t5":
        gated = "gated" in str((model.config or {}).get("feed_forward_proj"))
        names = ["q", "k", "v", "o", *(["wi_0", "wi_1"] if gated else ["wi"])]
        same = {"lora_target_modules": names + ["wo"] * (fit.method.name != "QLoRA")}
    elif model.kind == "gpt2":
        # Once in 4 bits, its transposed layers are linear ones.
        turned = {"lora_fan_in_fan_out": True} if fit.method.name == "LoRA" else {}
        same = {"lora_target_modules": ["c_attn", "c_proj", "c_fc"], **turned}
    elif is_shipped(model.kind):
        same = dict(nearest(fit.method.name, model, fit.look.prompts.kind).recipe)
        if fit.method.name == "LoRA":
            same.pop("quantize_moe_experts", None)
    elif "vision_config" in (model.config or {}):
        same = {"lora_target_modules": OF_THE_TEXT, "merge_method": "legacy"}
    for key in ARCHITECTURE_KEYS:
        text = drop(text, key)
    special: Mapping[str, Any] = {
        key: same[key] for key in ARCHITECTURE_KEYS if key in same
    }
    if "lora_target_modules" in special:
        text = drop(text, "lora_target_linear")
    else:
        text = put(text, "lora_target_linear", True, after="lora_alpha")
    for key, value in special.items():
        text = put(text, key, value, after="lora_alpha")
    return text


def _machine(text: str, fit: Fit) -> str:
    recipe = yaml.safe_load(text)
    batch = recipe["micro_batch_size"] * recipe["gradient_accumulation_steps"]
    if fit.method.shared:
        batch *= fit.method.basis.header.hardware.gpus
    text, factor = _lengths(text, fit, batch)
    gpus = max(1, fit.gpus)
    most = min(fit.method.rows * factor, max(1, batch // gpus))
    rows = next(size for size in range(most, 0, -1) if batch // gpus % size == 0)
    text = set_key(text, "micro_batch_size", rows)
    steps = max(1, round(batch / (rows * gpus)))
    text = set_key(text, "gradient_accumulation_steps", steps)
    if fit.frugal:
        kept = {"use_reentrant": False}
        text = put(text, "gradient_checkpointing_kwargs", kept, after="tf32")
        text = put(text, "gradient_checkpointing", True, after="tf32")
    if fit.gpus and not is_shipped(fit.look.model.kind):
        text = put(text, "attn_implementation", "sdpa", after="tf32")
    return text


def _lengths(text: str, fit: Fit, batch: int) -> tuple[str, int]:
    """Room for the longest row, or packs of rows where there are enough of them.

    Returns the text, and how many rows have room where the basis has one.
    """
    recipe, sizes = yaml.safe_load(text), fit.sizes
    packed = max(recipe["sequence_len"], sizes.sequence)
    packs = is_shipped(fit.look.model.kind) and fit.kind != "seq2seq"
    enough = sizes.total >= STEPS * batch * packed
    if recipe.get("sample_packing") and packs and enough:
        return set_key(text, "sequence_len", packed), 1
    text = drop(drop(text, "sample_packing"), "eval_sample_packing")
    text = set_key(text, "sequence_len", sizes.sequence)
    return text, max(1, recipe["sequence_len"] // sizes.sequence)


def _rate(text: str, fit: Fit) -> str:
    fitting = learning_rate(yaml.safe_load(text), fit.look.model.parameters)
    return set_key(text, "learning_rate", fitting.value)


def _shared(text: str, fit: Fit) -> str:
    """The layer that FSDP shares out, by the name that this architecture has for it."""
    config = fit.look.model.config
    if config is None or "fsdp_config" not in yaml.safe_load(text):
        return text
    from axolotl_explain.memory.meta_model import build_on_meta

    layers = build_on_meta({}, config)._no_split_modules or []
    named = ",".join(layers)
    return set_inside(text, "fsdp_config", "transformer_layer_cls_to_wrap", named)


def _output(text: str, fit: Fit) -> str:
    return set_key(text, "output_dir", f"outputs/{Path(fit.out).stem}")


CHANGES: tuple[Callable[[str, Fit], str], ...] = (
    *(_prompts, _explain, _adapter, _machine, _rate, _shared, _output),
)
