"""A recipe as Axolotl understands it, outside of training: configuration, model."""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from axolotl_explain.errors import ExplainError
from axolotl_explain.recipe import TYPES, reading_entry
from axolotl_explain.recipe_file import read_recipe
from axolotl_explain.strategy import ExplainStrategy

__all__ = ["load_config", "load_model", "load_strategy", "read_recipe"]

QUANTIZATION = ("load_in_4bit", "load_in_8bit", "adapter", "gptq")


def load_config(recipe: dict[str, Any], model: str | None = None) -> Any:
    """Axolotl's configuration for a recipe, validated and with all defaults.

    Args:
        recipe: as `read_recipe` gives it.
        model: a folder with a trained adapter or a full model; None for the base model.

    Raises:
        ExplainError: if the folder holds neither.
    """
    recipe = {**recipe, **_model_keys(recipe, model)}
    # The folder that Axolotl logs to would otherwise be the one of the training run,
    # whose log it replaces.
    recipe["output_dir"] = tempfile.mkdtemp(prefix="axolotl-explain-")
    os.environ["AXOLOTL_TEE_STDOUT"] = "0"
    from axolotl.cli.config import load_cfg
    from axolotl.utils.dict import DictDefault

    return load_cfg(DictDefault(recipe), inference=True)


def recipe_keys() -> list[str]:
    """The keys that Axolotl itself knows at the top level of a recipe."""
    from axolotl.utils.schemas.config import AxolotlInputConfig

    return list(AxolotlInputConfig.model_fields)


def _model_keys(recipe: dict[str, Any], model: str | None) -> dict[str, Any]:
    if model is None:
        return dict.fromkeys(QUANTIZATION[2:])
    folder = Path(model)
    if (folder / "adapter_config.json").is_file():
        return {"lora_model_dir": model, "adapter": recipe.get("adapter") or "lora"}
    if (folder / "config.json").is_file():
        own_tokenizer = (folder / "tokenizer_config.json").is_file()
        return {
            **dict.fromkeys(QUANTIZATION),
            "scratch_model": None,
            "base_model": model,
            "tokenizer_config": model if own_tokenizer else recipe.get("base_model"),
        }
    raise ExplainError(
        f"--model {model}: the folder has neither adapter_config.json nor config.json; "
        "name the output_dir of a training run."
    )


def load_strategy(cfg: Any, tokenizer: Any, data: str | None = None) -> ExplainStrategy:
    """The strategy of the dataset entry that reads `data`, or else of the first.

    Raises:
        ExplainError: if no dataset of the recipe has a type of this package.
    """
    from axolotl.prompt_strategies import load

    entry = reading_entry(cfg, data)
    if entry is None:
        raise ExplainError(
            "the recipe has no dataset that this package reads; one with type: "
            f"{' or '.join(TYPES)} is needed."
        )
    strategy = load(entry["type"], tokenizer, cfg, entry)
    assert isinstance(strategy, ExplainStrategy)
    return strategy


def load_model(cfg: Any) -> tuple[Any, Any]:
    """The model in evaluation mode, on its device, and the tokenizer."""
    from axolotl.cli.utils import load_model_and_tokenizer

    # Axolotl prints the number of trainable parameters, which are none here.
    with redirect_stdout(io.StringIO()):
        model, tokenizer, _ = load_model_and_tokenizer(cfg=cfg, inference=True)
    if not (cfg.load_in_4bit or cfg.load_in_8bit):
        model = model.to(cfg.device, dtype=cfg.torch_dtype)
    model.eval()
    return model, tokenizer
