"""A recipe as Axolotl understands it, outside of training: configuration, model."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.dataset_entries import TYPES, reading_entry
from axolotl_explain.recipe.files import without_rows
from axolotl_explain.training.strategy import ExplainStrategy
from axolotl_explain.training.validate import VALIDATION_ERRORS, validated_config

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
    recipe["output_dir"] = _log_folder().name
    os.environ["AXOLOTL_TEE_STDOUT"] = "0"
    from axolotl.cli.config import load_cfg
    from axolotl.utils.dict import DictDefault

    with without_rows():
        return load_cfg(DictDefault(recipe), inference=True)


@cache
def _log_folder() -> tempfile.TemporaryDirectory[str]:
    """One folder for all that Axolotl logs in this process; it goes with it."""
    return tempfile.TemporaryDirectory(prefix="axolotl-explain-")


def load_data_config(recipe: dict[str, Any], folder: str) -> Any:
    """Axolotl's configuration for the data of a recipe, on a machine of any kind.

    Nothing is read from what was prepared before, and nothing is kept or pushed.

    Args:
        folder: a temporary one, for what Axolotl writes.

    Raises:
        ExplainError: if Axolotl refuses the recipe, or the model's configuration cannot
            be read.
    """
    from axolotl.utils.config import normalize_config

    recipe = {
        **recipe,
        "output_dir": f"{folder}/out",
        "dataset_prepared_path": f"{folder}/prepared",
        "push_dataset_to_hub": None,
        "is_preprocess": True,
    }
    try:
        cfg = validated_config(recipe, "gpu")
    except ExplainError:
        raise
    except VALIDATION_ERRORS as error:
        raise ExplainError(f"Axolotl refuses this recipe: {error}") from None
    with _readable(cfg, "base_model"):
        normalize_config(cfg)
    return cfg


def load_tokenizer(cfg: Any) -> Any:
    """The tokenizer of a recipe, with the tokens and the template it adds.

    Raises:
        ExplainError: if it cannot be read.
    """
    from axolotl.loaders import load_tokenizer

    own = cfg.tokenizer_config not in (None, cfg.base_model)
    with _readable(cfg, "tokenizer_config" if own else "base_model"):
        return load_tokenizer(cfg)


@contextmanager
def _readable(cfg: Any, key: str) -> Iterator[None]:
    """Names the tokenizer that cannot be read, and the ways to get it."""
    try:
        yield
    except OSError as error:
        name = cfg[key]
        cause = str(error).strip().partition("\n")[0].rstrip(".")
        raise ExplainError(
            f"{key}: the tokenizer {name} cannot be read, or the configuration of its "
            f"model ({cause}); the weights are not needed. Where there is a network: "
            f"hf download {name} --include '*.json' '*.jinja' '*token*'; or name a "
            f"local folder that holds these files as {key}."
        ) from None


def recipe_keys() -> list[str]:
    """The keys that Axolotl itself knows at the top level of a recipe."""
    from axolotl.utils.schemas.config import AxolotlInputConfig

    fields = AxolotlInputConfig.model_fields
    return [str(field.validation_alias or name) for name, field in fields.items()]


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
