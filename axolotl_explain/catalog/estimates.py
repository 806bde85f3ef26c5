"""What the shipped recipes take, worked out beforehand for a list that is quick.

Building a model takes torch and transformers, which take seconds to import. `python -m
axolotl_explain.catalog.estimates` works the file out anew; a test holds it to what it
would be.
"""

from __future__ import annotations

import json
from pathlib import Path

from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes

FILE = Path(__file__).with_name("estimates.json")


def read_estimates() -> dict[str, float]:
    """Name of each recipe for a GPU -> GiB on each card."""
    found: dict[str, float] = json.loads(FILE.read_text("utf-8"))
    return found


def work_out(entry: ShippedRecipe) -> float:
    """GiB on each card, for the hardware that the recipe's header names."""
    from axolotl_explain.memory import estimate, model_config

    found = estimate(
        entry.recipe, model_config(entry.recipe), entry.header.hardware.gpus
    )
    return round(found.gib, 1)


def main() -> None:
    """Write the file."""
    from axolotl_explain.support.whole_file import write_whole

    found = {
        one.name: work_out(one) for one in shipped_recipes() if one.header.hardware.gpus
    }
    write_whole(FILE, json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
