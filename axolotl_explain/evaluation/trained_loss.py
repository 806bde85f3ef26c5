"""The weights of the loss that a model was trained with, for metrics.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.loss_options import loss_block
from axolotl_explain.results.trained_recipe import trained_recipe
from axolotl_explain.training.loss_record import loss_record, read_loss_record


def trained_loss(recipe: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """`{"loss_weights": …}` for a model trained with `explain.loss`, else nothing.

    `source` says how they are known: from what the training kept, or from the recipe
    in the model card, or else from the recipe of the evaluation. A recipe's `share:`
    leaves `weights` open, since they follow from the data.

    Args:
        recipe: the one that is evaluated with.
        model: the folder of the model; None for the base model, as it is.
    """
    if model is None:
        return {}
    kept = read_loss_record(model)
    if kept is not None:
        return {"loss_weights": {"source": "training", **kept}}
    trained = trained_recipe(model) or recipe
    try:
        options = loss_block(trained)
    except ExplainError:
        return {}
    if options is None:
        return {}
    if options.wanted_shares:
        found = {"weights": None, "wanted_shares": options.wanted_shares}
    else:
        found = loss_record(options.resolve({}, bool(trained.get("train_on_inputs"))))
    return {"loss_weights": {"source": "recipe", **found}}
