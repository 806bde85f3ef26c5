"""A recipe file and a choice of rows -> what is shown."""

from __future__ import annotations

import tempfile

from axolotl_explain.inspection.choose_rows import Choice, select
from axolotl_explain.inspection.data import Split, read_data
from axolotl_explain.inspection.view import InspectionView, show
from axolotl_explain.support.log import package_log
from axolotl_explain.support.overrides import overridden
from axolotl_explain.support.yaml_file import read_recipe

STAGE = "explain.internalise.stage"


def inspect(
    path: str, split: Split, choice: Choice, stage: int | None = None
) -> InspectionView:
    """Prepare the data of a recipe and describe it.

    What Axolotl writes meanwhile is gone afterwards.

    Args:
        stage: of `explain.internalise`; None for what the recipe itself says.

    Raises:
        ExplainError: for a recipe, tokenizer or row that cannot be read or used, or if
            no row fits the choice.
    """
    recipe = read_recipe(path)
    if stage is not None:
        recipe = overridden(recipe, STAGE, stage)
    log: list[tuple[bool, str]] = []
    if recipe.get("streaming"):
        log.append(
            (False, "streaming: training reads rows as it goes; here all at once")
        )
    with (
        tempfile.TemporaryDirectory(prefix="axolotl-explain-") as folder,
        package_log(lambda warned, line: log.append((warned, line))),
    ):
        data = read_data(recipe, split, folder)
        return show(path, data, select(data, choice), log)
