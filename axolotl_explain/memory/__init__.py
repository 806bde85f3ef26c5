"""How much memory a recipe takes to train, from its model's config alone.

`estimate(recipe, config)` is arithmetic: no model is loaded, no card is needed. Imports
core alone. Begin with `estimate.py`.
"""

from axolotl_explain.memory.estimate import Estimate, Item, estimate
from axolotl_explain.memory.models import model_config

__all__ = ["Estimate", "Item", "estimate", "model_config"]
