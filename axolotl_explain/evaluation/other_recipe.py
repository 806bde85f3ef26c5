"""A model that is asked in another way than it was trained.

Axolotl writes the recipe of a training into the model card that it saves with the
model. With another answer marker or order, no answer would be found again, and every
one would count as wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.entry_options import reading_options, training_options
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.results.trained_recipe import trained_recipe

FINDS_ANSWERS = ("answer_marker", "order")
"""Options by which answers are found again."""
PROMPTS = ("template", "system", "thinking", "task_requests", "level_requests")
"""Options that only change what is asked."""


def compare_with_training(
    recipe: Mapping[str, Any], model: str, data: str
) -> Iterator[str]:
    """A notice for each option by which the prompts differ from those in training.

    Args:
        recipe: the one that is evaluated with.
        model: the folder of the model.
        data: the file that is evaluated on.

    Raises:
        ExplainError: if the answers of the model could not be found again.
    """
    trained = trained_recipe(model)
    try:
        options = training_options(trained or {})
    except ExplainError:
        return
    if not options:
        return
    own = reading_options(recipe, data)
    for key in FINDS_ANSWERS:
        if difference := _difference(key, own, options):
            raise ExplainError(
                f"explain.{key}: {difference}, so the answers of {model} would not be "
                "found again; evaluate with the recipe of the training."
            )
    for key in PROMPTS:
        if difference := _difference(key, own, options):
            yield (
                f"explain.{key}: {difference}; {model} is asked in another way than it "
                "was trained."
            )


def _difference(
    key: str, own: ExplainOptions, trained: list[ExplainOptions]
) -> str | None:
    """How a value differs from all of those in training, in words."""
    value = getattr(own, key)
    others = [getattr(one, key) for one in trained]
    if value in others:
        return None
    return f"{quoted(value)} here, {quoted(others[0])} in training"
