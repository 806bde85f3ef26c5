"""The settings of a run: what must agree for runs to be compared, and their names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.results.trained_recipe import FIRST_ROWS

Settings = tuple[tuple[str, str], ...]
"""Key path of a recipe and its value, sorted; equal for comparable runs."""

TRAIN_ROWS = "training rows"
STAGE = "explain.internalise.stage"
"""Of a run that is one of a chain, whose stages go on from each other."""

OF_A_CHAIN = (
    "base_model",
    "tokenizer_config",
    "lora_model_dir",
    "scratch_model",
    "max_steps",
    "num_epochs",
    "learning_rate",
    "explain.internalise.optimizer_from",
)
"""Keys, by their beginning, in which the stages of one chain differ."""

NOT_COMPARED = (
    "output_dir",
    "dataset_prepared_path",
    "seed",
    "data_seed",
    "explain.evaluation",
    "logging_",
    "save_",
    "eval_",
    "use_",
    "wandb_",
    "mlflow_",
    "comet_",
    "swanlab_",
    "trackio_",
    "hub_",
    "auto_resume",
    "resume_from",
    "dataset_num_proc",
    "dataset_processes",
    "task_data.sizes",
    "test_datasets",
    "scratch_model.seed",
    "scratch_model.tokenizer_data",
)
"""Keys of a recipe, by their beginning, that may differ between comparable runs."""


WITH_ROWS = (TRAIN_ROWS, "datasets[", "num_epochs", "max_steps", "task_data.folder")
"""What differs as well where runs differ in the number of training rows."""


def run_settings(
    recipe: Mapping[str, Any],
    base_model: str | None,
    rows: int | None,
    tuned: Collection[str] = (),
) -> Settings:
    """All that must agree for levels to be compared.

    Seed, folders, logging, evaluation and a fixed level may differ; a model trained on
    several levels is not compared with one trained on a single level.

    Args:
        tuned: keys that were chosen for each arm by itself, and so may differ too.
    """
    pairs = dict(_flat(recipe))
    # All levels are then asked for the same, the answer alone; nothing else tells them
    # apart.
    multitask = any(
        key.endswith("explain.order") and value == "multitask"
        for key, value in pairs.items()
    )
    found = {
        key: value
        for key, value in pairs.items()
        if not _may_differ(key, value) or (multitask and key.endswith("explain.level"))
    }
    for key in tuned:
        found.pop(key, None)
    if STAGE in found:
        # A stage begins with the folder of the one before, and is told by its number.
        found = {k: v for k, v in found.items() if not k.startswith(OF_A_CHAIN)}
    elif recipe.get("scratch_model") is not None:
        # It says what the model is; a folder is one for each seed of its weights.
        found.pop("base_model", None)
    elif base_model:
        found["base_model"] = base_model
    if rows is not None:
        found[TRAIN_ROWS] = f"{rows:,}"
    return tuple(sorted(found.items()))


def without_rows(settings: Settings) -> Settings:
    """The same but for what differs where the number of training rows does."""
    return tuple(pair for pair in settings if not pair[0].startswith(WITH_ROWS))


def name_settings(settings: list[Settings]) -> dict[Settings, str]:
    """A short name for each, from what differs; "" where there is only one."""
    distinct = list(dict.fromkeys(settings))
    common = set.intersection(*map(set, distinct)) if distinct else set()
    names: dict[Settings, str] = {}
    for number, one in enumerate(distinct, start=1):
        own = [pair for pair in one if pair not in common]
        parts = [_short(key, value) for key, value in own[:3]]
        if len(own) > 3:
            parts.append(f"and {len(own) - 3} more")
        name = ", ".join(parts) or ("the rest" if len(distinct) > 1 else "")
        names[one] = f"{name} ({number})" if name in names.values() else name
    return names


def _short(key: str, value: str) -> str:
    if key == TRAIN_ROWS:
        return f"{value} {key}"
    if key == STAGE:
        return f"stage {value}"
    short = key.removeprefix("scratch_model.config.")
    return value if key == "base_model" else f"{short} {value}"


def _may_differ(key: str, value: str) -> bool:
    if key.endswith("explain.level"):
        return value in LEVELS
    if key.startswith("datasets[") and key.endswith(".split"):
        return FIRST_ROWS.fullmatch(value) is not None
    return key.startswith(NOT_COMPARED)


def _flat(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{place}[{number}]")
    else:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        yield place, text
