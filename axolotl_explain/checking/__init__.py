"""A recipe and its rows before anything is trained, and what is wrong with them.

Imports training and the floors below; meets Axolotl in `ask_axolotl.py` alone.
Begin with `check_recipe.py` (the order of the checks) and `codes.py` (every finding
with its remedy).
"""
