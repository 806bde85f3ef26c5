"""The recipes that travel with the package: list them, copy one, or make one of them.

Imports recipe, memory and the floors below. Begin with `shipped_recipes.py`
(all of them, by their headers), `copy_recipe.py` (`recipes copy`) and `new_recipe.py`.
"""
