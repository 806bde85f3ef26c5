"""The recipes that travel with the package: what they are for, and copying one.

Imports recipe, memory and the floors below. Begin with `shipped_recipes.py`
(all of them, by their headers) and `copy_recipe.py` (`recipes copy`).
"""
