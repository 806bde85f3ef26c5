"""The config of a recipe's model: from its folder, from a table, or from the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory.known_models import MODELS


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
