"""A copied recipe for another model than its own: what has to change with the model.

The learning rate, where the table has another one for the new model, or where the old
one was for random weights; the opening comment, where it speaks of the old model; and
what it needs. All of it is told, and nothing else changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from axolotl_explain.catalog.edit import drop, scalar, set_key
from axolotl_explain.catalog.header import comment_lines
from axolotl_explain.catalog.learning_rates import learning_rate
from axolotl_explain.catalog.model_facts import ModelFacts, model_facts
from axolotl_explain.catalog.needs import needed
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, method
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE

MADE = "made on the spot"
"""What a paragraph says that speaks of a model that the recipe makes."""
WAYS = {"full": "Full fine-tune"}
MODEL_KEYS = (
    *("chat_template", "chat_template_kwargs", "special_tokens", "attn_implementation"),
    *("lora_target_modules", "lora_target_parameters", "quantize_moe_experts"),
    *("model_quantization_config", "tokenizer_use_mistral_common"),
)
"""Keys whose value follows from the model."""
USUAL = {"attn_implementation": "flash_attention_2"}
"""A value that says nothing of the model."""


def check_kind(entry: ShippedRecipe, facts: ModelFacts) -> None:
    """Refuse an encoder–decoder where the recipe has a decoder alone, and the reverse.

    Raises:
        ExplainError: with recipes of the other kind.
    """
    both = entry.recipe.get("model_type") == MODEL_TYPE
    if both == facts.encoder_decoder or (both and not facts.config):
        return
    is_one = "an encoder–decoder" if facts.encoder_decoder else "a decoder alone"
    others = "t5/lora-large" if facts.encoder_decoder else "qwen3/lora-8b"
    raise ExplainError(
        f"--model {facts.name}: it is {is_one}, and {entry.name} is for the other "
        f"kind; copy {others}, or let `axolotl-explain new` choose."
    )


def refit(
    text: str, entry: ShippedRecipe, model: str, out: str
) -> tuple[str, list[str]]:
    """Fit a recipe's text, whose base_model is replaced already, to that model.

    Returns what changed and why beside it, for the user.

    Args:
        out: where the recipe will stand.

    Raises:
        ExplainError: if the model is of a kind that the recipe cannot train.
    """
    facts = model_facts(model)
    check_kind(entry, facts)
    made = "scratch_model" in entry.recipe
    text, notes = _with_rate(text, entry, facts)
    header = entry.header
    need = needed(yaml.safe_load(text), facts.config, header.hardware.gpus)
    line = need.line(header.needs, out)
    text = with_comment(text, _title(text, entry, model), _remarks(text, entry), line)
    notes.append(f"Needs: {need.note}")
    chosen = [key for key in MODEL_KEYS if _said(entry.recipe, key)]
    if chosen and not made:
        notes.append(
            f"{', '.join(chosen)}: chosen for {entry.recipe['base_model']}; see "
            f"whether {model} needs the same."
        )
    return text, notes


def with_comment(
    text: str, title: str, remarks: list[str], needs: str, run: str | None = None
) -> str:
    """The text with another opening comment; `First:`, `Run:` and `Level:` stay.

    Args:
        remarks: lines of it below the title; an empty one parts paragraphs.
        run: the command, where it is another one.
    """
    opening, blank, rest = text.partition("\n\n")
    last = [
        f"# Run:   {run}" if run and line.startswith("# Run:") else line
        for line in opening.splitlines()
        if re.match(r"# (First|Run|Level):", line)
    ]
    lines = [title, "", *remarks, *([""] if remarks else []), f"Needs: {needs}"]
    written = [f"# {line}".rstrip() for line in lines]
    return "\n".join([*written, *last]) + blank + rest


def _with_rate(
    text: str, entry: ShippedRecipe, facts: ModelFacts
) -> tuple[str, list[str]]:
    """The text with the rate for the new model, and why it is so."""
    recipe = entry.recipe
    own, model = recipe.get("learning_rate"), recipe["base_model"]
    fitting = learning_rate(recipe, facts.parameters)
    size = f"{facts.name} has {facts.size}"
    if facts.size_from == "name":
        size += ", by its name"
    if "scratch_model" in recipe:
        text = drop(set_key(text, "learning_rate", fitting.value), "lr_groups")
        groups = " and lr_groups" if "lr_groups" in recipe else ""
        assumed = "" if facts.parameters else f" ({size}; taken for a small one)"
        return text, [
            f"learning_rate: {scalar(own)} -> {scalar(fitting.value)}. {scalar(own)}"
            f"{groups} is for random weights; {fitting.holds_for} takes "
            f"{scalar(fitting.value)}{assumed}."
        ]
    if facts.parameters is None:
        return text, [f"learning_rate: {scalar(own)}, as for {model}; {size}."]
    before = learning_rate(recipe, model_facts(model).parameters)
    if before == fitting or fitting.value == own:
        return text, []
    return set_key(text, "learning_rate", fitting.value), [
        f"learning_rate: {scalar(own)} -> {scalar(fitting.value)}. {size}; "
        f"{fitting.holds_for} takes {scalar(fitting.value)}."
    ]


def _said(recipe: Mapping[str, Any], key: str) -> bool:
    return key in recipe and recipe[key] != USUAL.get(key)


def way_of(recipe: Mapping[str, Any]) -> str:
    """How a recipe trains, as its title says it."""
    way = method(recipe)
    return WAYS.get(way, way)


def _title(text: str, entry: ShippedRecipe, model: str) -> str:
    recipe = yaml.safe_load(text)
    cpu = "" if entry.header.hardware.gpus else " on a CPU"
    purpose = entry.header.purpose
    if (
        "scratch_model" in entry.recipe
        or entry.recipe["datasets"] != recipe["datasets"]
    ):
        purpose = f"{_rows(recipe)}, {levels_in_words(recipe)}."
    return f"{way_of(recipe)} of {model}{cpu}: {purpose}"


def _rows(recipe: Mapping[str, Any]) -> str:
    if "task_data" in recipe:
        return f"generated problems ({recipe['task_data']['task']})"
    return f"the rows of {recipe['datasets'][0]['path']}"


def levels_in_words(recipe: Mapping[str, Any]) -> str:
    """What explanations a recipe trains, in a few words."""
    level = (recipe.get("explain") or {}).get("level", "long")
    if level == "none":
        return "without explanations"
    if level in ("all", "requested"):
        return "with explanations of all lengths"
    if isinstance(level, Mapping):
        return f"with explanations ({', '.join(level)})"
    return f"with {level} explanations"


def _remarks(text: str, entry: ShippedRecipe) -> list[str]:
    """The paragraphs above `Needs:` that still hold, with whose they are."""
    paragraphs: list[list[str]] = [[]]
    for line in comment_lines(text)[1:]:
        if line.startswith("Needs:"):
            break
        if line:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([])
    made = "scratch_model" in entry.recipe
    kept = [
        each for each in paragraphs if each and not (made and MADE in " ".join(each))
    ]
    from_where = f"Copied from the recipe {entry.name}"
    if not made:
        from_where += f", which is for {entry.recipe['base_model']}"
        from_where += "; what it says of its model:" if kept else ""
    lines = [from_where + ("" if from_where.endswith(":") else ".")]
    for each in kept:
        lines += ["", *each]
    return lines
