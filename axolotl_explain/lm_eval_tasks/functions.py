"""What the YAML files beside this one call by `!function`.

The harness runs this file anew for each of these, so it keeps no state. Data and level
come from its `--metadata`, in which it mixes the arguments of the model.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Dataset

from axolotl_explain.core.errors import ExplainError, at, install_excepthook, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import exact_match
from axolotl_explain.evaluation.asking import examples_of, read_examples
from axolotl_explain.lm_eval_tasks.harness_rows import (
    harness_rows,
    is_untrained,
    judged,
    named_recipe,
    right_if_cut,
    settings_of,
)
from axolotl_explain.recipe.asked_of import recipe_for
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.tables import read_rows
from axolotl_explain.support.shipped import example_path

LOG = logging.getLogger("lm_eval.axolotl_explain")
GENRES = "movie_genres/test.jsonl"
GSM8K = "openai/gsm8k"
PRESET = "gsm8k"


def generated(
    task: str, data: str | None = None, **metadata: Any
) -> dict[str, Dataset]:
    """Problems that `axolotl explain generate` wrote.

    Raises:
        ExplainError: if no file is named, or it holds something else.
    """
    install_excepthook()
    if data is None:
        raise ExplainError(
            "metadata: data: missing; name a file of `axolotl explain generate "
            f'{task.replace("_", "-")}`: --metadata \'{{"data": "data/test.jsonl"}}\'.'
        )
    examples = _examples(data, metadata)
    for number, example in enumerate(examples, start=1):
        found = example.meta.get("task")
        if found != task:
            raise ExplainError(
                at(data, f"row {number}", f"meta.task: {quoted(found)} is not {task}.")
            )
    return _dataset(examples, data, metadata)


def movie_genres(data: str | None = None, **metadata: Any) -> dict[str, Dataset]:
    """The shipped film plots, or a file in their format."""
    install_excepthook()
    data = data or str(example_path(GENRES))
    return _dataset(_examples(data, metadata), data, metadata)


def gsm8k(data: str | None = None, **metadata: Any) -> dict[str, Dataset]:
    """The test split on the hub, or a local file with its columns.

    Without a recipe, its solutions are explanations of the level that the preset says.
    """
    install_excepthook()
    rows = read_rows(data) if data else read_rows(GSM8K, "test", name="main")
    data, options = data or GSM8K, ExplainOptions(preset=PRESET)
    if "recipe" in metadata:
        options = _options(data, metadata)
    elif named_recipe(metadata) is None:
        (level,) = PRESETS[PRESET].levels
        metadata = {"level": level, **metadata}
    examples = list(examples_of(data, rows, options).values())
    return _dataset(examples, data, metadata)


def _examples(data: str, metadata: Mapping[str, Any]) -> list[Example]:
    return list(read_examples(data, options=_options(data, metadata)).values())


def _options(data: str, metadata: Mapping[str, Any]) -> ExplainOptions:
    recipe = named_recipe(metadata)
    return reading_options(recipe_for(recipe), data) if recipe else ExplainOptions()


def _dataset(
    examples: Sequence[Example], data: str, metadata: Mapping[str, Any]
) -> dict[str, Dataset]:
    recipe, level = named_recipe(metadata), metadata.get("level")
    settings, level = settings_of(data, recipe, level, metadata.get("level_request"))
    prompts = f"as {recipe} asks" if recipe else "in the default prompt"
    LOG.info("%d rows of %s, %s, at level %s", len(examples), data, prompts, level)
    try:
        rows = harness_rows(examples, settings, level, is_untrained(metadata))
        return {"test": Dataset.from_list(rows)}
    except ExplainError as error:
        raise ExplainError(at(data, error)) from None


def strict(
    completions: Sequence[Sequence[str]], rows: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """The answer behind the marker; empty where there is none."""
    return [
        [judged(row, text).extracted or "" for text in texts]
        for texts, row in zip(completions, rows, strict=True)
    ]


def flexible(
    completions: Sequence[Sequence[str]], rows: Sequence[Mapping[str, Any]]
) -> list[list[bool]]:
    """Whether a completion gives the answer in any form."""
    return [
        [judged(row, text).flexible_match for text in texts]
        for texts, row in zip(completions, rows, strict=True)
    ]


def if_cut(
    completions: Sequence[Sequence[str]], rows: Sequence[Mapping[str, Any]]
) -> list[list[dict[str, bool]]]:
    """Whether a completion would be right that ends with its first answer line."""
    return [
        [{"exact_match_if_cut": right_if_cut(row, text)} for text in texts]
        for texts, row in zip(completions, rows, strict=True)
    ]


def metrics(
    row: Mapping[str, Any], found: Sequence[str | bool | dict[str, bool]]
) -> dict[str, bool]:
    """The metrics of one row, of what one of the filters found."""
    (one,) = found
    if isinstance(one, dict):
        return one
    if isinstance(one, bool):
        return {"flexible_match": one}
    return {"exact_match": exact_match(one, row["answer"]), "parsed_rate": bool(one)}
