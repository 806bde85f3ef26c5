"""A recipe that asks a trained folder as its training did, out of its `explain.json`.

Whatever reads recipes can read this one: prompts, strategies, Axolotl's loaders. It
names no file of rows and is not for training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.encoder_decoder import KERNELS, MODEL_TYPE
from axolotl_explain.recipe.explain_file import ExplainFile, read_explain_file

PLUGIN = "axolotl_explain.ExplainPlugin"
NO_ROWS = "rows-of-the-training"
"""Stands for the path of the dataset, which is not read."""

LOADING = (
    "model_type",
    "tokenizer_type",
    "tokenizer_use_fast",
    "tokenizer_legacy",
    "tokenizer_use_mistral_common",
    "trust_remote_code",
    "revision_of_model",
    "load_in_4bit",
    "load_in_8bit",
    "bnb_config_kwargs",
    "sequence_len",
)
"""Keys of a recipe that decide how model and tokenizer are loaded."""

FOREIGN_CODE = "trust_remote_code"
"""Noted in the file, never followed: no folder decides that its own code is run."""

TRAINED_IN = "dtype"
"""What stands beside them for bf16 and fp16."""


def folder_recipe(folder: str, base_model: str | None = None) -> dict[str, Any]:
    """The recipe of a trained folder, from its own files alone.

    Args:
        base_model: where the base model lies now, for an adapter.

    Raises:
        ExplainError: as `read_explain_file`, or if its model runs code of its own.
    """
    content = read_explain_file(folder)
    if content.loading.get(FOREIGN_CODE):
        raise ExplainError(
            f"{folder}: its model was trained with {FOREIGN_CODE}: true, so it runs "
            "code that came with it, which a folder alone is not trusted with; name "
            "the recipe of its training (--recipe recipe.yml)."
        )
    recipe = recipe_of(content)
    found = base_model or found_base(recipe["base_model"], folder)
    own_tokenizer = (Path(folder) / "tokenizer_config.json").is_file()
    return {
        **recipe,
        "base_model": found,
        "tokenizer_config": folder if own_tokenizer else found,
    }


def recipe_of(content: ExplainFile) -> dict[str, Any]:
    """The recipe that a file tells of; models are where training had them."""
    # No other key of a file that may come from anywhere, such as one that imports.
    loading = {key: content.loading.get(key) for key in LOADING if key != FOREIGN_CODE}
    trained_in = content.loading.get(TRAINED_IN)
    recipe: dict[str, Any] = {
        "base_model": content.base_model,
        "plugins": [PLUGIN],
        "adapter": content.adapter,
        "datasets": [dataset_of(content)],
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 1,
        "num_epochs": 1,
        "learning_rate": 0.0001,
        "optimizer": "adamw_torch",
        "dataset_prepared_path": None,
        # What the device can do decides between 16 and 32 bits.
        "bf16": "auto" if trained_in == "bfloat16" else False,
        "fp16": trained_in == "float16",
        # They serve training alone, and ask for CUDA.
        **dict.fromkeys(KERNELS, False),
        **loading,
        "sequence_len": loading["sequence_len"] or 2048,
    }
    if content.kind == "chat" and content.chat_template is not None:
        recipe["chat_template"] = "jinja"
        recipe["chat_template_jinja"] = content.chat_template
        if content.chat_template_kwargs:
            recipe["chat_template_kwargs"] = dict(content.chat_template_kwargs)
    if content.kind == "seq2seq":
        recipe["model_type"] = recipe["model_type"] or MODEL_TYPE
    if content.internalise is not None:
        recipe["explain"] = {"internalise": dict(content.internalise)}
    return {key: value for key, value in recipe.items() if value is not None}


def dataset_of(content: ExplainFile) -> dict[str, Any]:
    """Its one dataset entry."""
    entry = {
        "path": NO_ROWS,
        "type": content.type,
        "explain": explain_block(content),
        "template_thinking_key": content.thinking_key,
    }
    return {key: value for key, value in entry.items() if value is not None}


def explain_block(content: ExplainFile) -> dict[str, Any]:
    """The `explain:` block of its dataset."""
    several = dict.fromkeys(content.levels, 1.0)
    block: dict[str, Any] = {
        **content.rows,
        "level": content.levels[0] if len(content.levels) == 1 else several,
        "level_request": "always" if content.asks_for_level else "never",
        "level_requests": dict(content.level_requests),
        "task_requests": dict(content.task_requests),
        "order": content.order,
        "answer_marker": content.answer_marker,
    }
    if content.kind == "chat":
        block |= {"system": content.system, "thinking": content.thinking}
    else:
        block["template"] = content.template
    if content.kind == "seq2seq":
        block["line_break"] = content.line_break
    return {key: value for key, value in block.items() if value is not None}


def found_base(named: str, folder: str) -> str:
    """Where the base model of a folder lies: as it is named, seen from here.

    A relative name that does not exist here is looked up from every folder above the
    trained one; any other is that of a model on the hub.
    """
    if Path(named).exists() or Path(named).is_absolute():
        return named
    above = (parent / named for parent in Path(folder).resolve().parents)
    return next((str(one) for one in above if one.is_dir()), named)
