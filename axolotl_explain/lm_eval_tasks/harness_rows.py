"""Rows and verdicts for lm-evaluation-harness, the same as those of `eval`.

The harness calls functions of a task with one row at a time and nothing else, so each
row carries all that its prompt and its verdict depend on:

    {"id": "sum-1", "prompt": "### Instruction:\\nAdd …", "target": "8 + 9 = …",
     "answer": "7", "choices": "null", "opening": "### Instruction:", "ends": "",
     "order": "explanation_first", "answer_marker": "Final answer: "}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError, at, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import parse_level
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.template import DEFAULT_TEMPLATE, written_prompt
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import AnswerCut
from axolotl_explain.evaluation.asking import training_rows
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import Judgement, judge
from axolotl_explain.recipe.asked_of import recipe_for
from axolotl_explain.recipe.carrier import DatasetSettings, from_entry
from axolotl_explain.recipe.dataset_entries import reading_entry
from axolotl_explain.recipe.explain_file import find_explain_file
from axolotl_explain.recipe.files import without_rows
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.levels_asked import level_names
from axolotl_explain.recipe.options import ExplainOptions

TYPE = "axolotl_explain.instruct"
REQUESTS = ("never", "always")
FIRST_ANSWER = "first answer"
"""Where the completions of a row end that a model writes which was not trained."""


def settings_of(
    data: str,
    recipe: str | None = None,
    level: str | None = None,
    level_request: str | None = None,
) -> tuple[DatasetSettings, str]:
    """How to ask, and the level to ask for.

    Args:
        recipe: the YAML that the model was trained with, or the folder that training
            left; None for the default prompt.
        level: None for the one that the recipe trains, or long without a recipe.
        level_request: without a recipe, whether the prompt says the level.

    Raises:
        ExplainError: for a recipe that cannot be used, or a level it cannot ask for.
    """
    wanted = () if level is None else (parse_level(level, "metadata: level"),)
    if recipe is None:
        request = level_request or REQUESTS[0]
        if request not in REQUESTS:
            raise ExplainError(
                f"metadata: level_request: {quoted(request)} is none of "
                f"{', '.join(REQUESTS)}."
            )
        options = ExplainOptions(level=wanted[0] if wanted else "long")
        settings = DatasetSettings(options, asks_for_level=request == "always")
    elif level_request is not None:
        raise ExplainError(
            "metadata: level_request: the recipe says it already; leave one out."
        )
    else:
        settings = _of_recipe(recipe, data)
    names = level_names(settings, wanted, "metadata: level")
    if len(names) > 1:
        raise ExplainError(
            f"metadata: level: {recipe} trains {', '.join(names)}; name the one to ask "
            'for, such as {"level": "long"}.'
        )
    return settings, names[0]


def named_recipe(metadata: Mapping[str, Any]) -> str | None:
    """The recipe in the metadata, or else the folder of the model, if that tells.

    The harness mixes the arguments of a model into the metadata.
    """
    if metadata.get("recipe"):
        return str(metadata["recipe"])
    folders = (str(metadata.get(name) or "") for name in ("peft", "pretrained"))
    return next((one for one in folders if one and find_explain_file(one)), None)


def _of_recipe(path: str, data: str) -> DatasetSettings:
    recipe = recipe_for(path)
    with without_rows():
        install_settings(recipe)
    entry = reading_entry(recipe, data)
    if entry is None or entry["type"] != TYPE:
        raise ExplainError(
            f"{path}: these tasks write the prompts of type {TYPE}, which its dataset "
            "does not have; evaluate the model with `axolotl explain eval`."
        )
    return from_entry(entry)


def is_untrained(metadata: Mapping[str, Any]) -> bool:
    """Whether a model was not trained on such targets, as far as can be told.

    The metadata may say so (`untrained`). Otherwise training leaves an `explain.json`,
    and a model that is named without one was not trained.
    """
    if "untrained" in metadata:
        return str(metadata["untrained"]).lower() == "true"
    folders = [str(metadata.get(name) or "") for name in ("peft", "pretrained")]
    return any(folders) and not any(one and find_explain_file(one) for one in folders)


def harness_rows(
    examples: Sequence[Example],
    settings: DatasetSettings,
    level: str,
    untrained: bool = False,
) -> list[dict[str, str]]:
    """The rows that the harness asks for, in order.

    Args:
        untrained: whether completions end with their first answer line; see
            `AskedModel`.

    Raises:
        ExplainError: naming row and field, where no prompt or target can be written.
    """
    rows = []
    for number, row in enumerate(training_rows(level, examples), start=1):
        try:
            rows.append(_row(row, settings, untrained))
        except ExplainError as error:
            raise ExplainError(at(f"row {number}", error)) from None
    return rows


def _row(
    row: TrainingRow, settings: DatasetSettings, untrained: bool
) -> dict[str, str]:
    example, options = row.example, settings.options
    template = options.template or DEFAULT_TEMPLATE
    prompt = written_prompt(template, example, row.level, settings.requests)
    target = options.layout.target(example.answer, row.explanation, prompt)
    return {
        "id": example.id,
        "prompt": prompt,
        "target": "".join(segment.text for segment in target),
        "answer": example.answer,
        "choices": json.dumps(example.meta.get("choices"), default=str),
        "opening": AnswerCut.of(row, options.layout, prompt).opening,
        "ends": FIRST_ANSWER if untrained else "",
        "order": options.order,
        "answer_marker": options.answer_marker,
    }


def judged(row: Mapping[str, Any], completion: str) -> Judgement:
    """The verdict of `eval` on a completion of a row."""
    if row["ends"] == FIRST_ANSWER:
        completion = _cut(row, completion)
    gold = Gold.of(row["answer"], json.loads(row["choices"]))
    layout = TargetFormat(row["order"], row["answer_marker"])
    return judge(completion, gold, layout, row["prompt"])


def right_if_cut(row: Mapping[str, Any], completion: str) -> bool:
    """The exact match of a completion that ends with its first answer line."""
    return judged(row, _cut(row, completion)).exact_match


def _cut(row: Mapping[str, Any], completion: str) -> str:
    layout = TargetFormat(row["order"], row["answer_marker"])
    lines = row["answer"].strip().count("\n") + 1
    return AnswerCut(layout, row["prompt"], row["opening"], lines).cut(completion)
