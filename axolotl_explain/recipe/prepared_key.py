"""Keys of a recipe that change its prepared rows, and that Axolotl's key leaves out.

Axolotl finds prepared data again by a key that knows neither most of the tokenizer's
keys nor which rows are left out, in which order the rest stands. What changed there
would be trained on as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TOKENIZER = (
    "tokenizer_config",
    "tokenizer_type",
    "tokenizer_use_fast",
    "tokenizer_legacy",
    "tokenizer_use_mistral_common",
    "is_mistral_derived_model",
    "is_qwen_derived_model",
    "revision_of_model",
    "special_tokens",
    "added_tokens_overrides",
    "tokens",
    "chat_template",
    "chat_template_jinja",
    "default_system_message",
)
ROWS = (
    "min_sample_len",
    "excess_length_strategy",
    "shuffle_merged_datasets",
    "shuffle_before_merging_datasets",
    "curriculum_sampling",
)


def other_keys(recipe: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a recipe sets, with their values.

    The seed is among them where it draws the rows of an entry (`shards`).
    """
    names = (*TOKENIZER, *ROWS, *(("seed",) if entry.get("shards") else ()))
    return {name: plain(recipe[name]) for name in names if recipe.get(name) is not None}


def plain(value: Any) -> Any:
    """A value of YAML in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)
