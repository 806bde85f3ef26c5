"""The estimates that travel with the package, against those of today."""

from __future__ import annotations

import pytest

from axolotl_explain.catalog.estimates import read_estimates, work_out
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes

ON_GPU = [entry for entry in shipped_recipes() if entry.header.hardware.gpus]


def test_every_recipe_for_a_gpu_has_one_and_no_other() -> None:
    assert list(read_estimates()) == [entry.name for entry in ON_GPU]


@pytest.mark.parametrize("entry", ON_GPU, ids=lambda entry: entry.name)
def test_it_is_what_would_be_worked_out(entry: ShippedRecipe) -> None:
    """`make estimates` writes the file anew where it is not."""
    assert read_estimates()[entry.name] == work_out(entry)
