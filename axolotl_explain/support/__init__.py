"""What every part needs and no part is about: whole and resumable files, YAML, blocks.

Imports core alone. Begin with `blocks.py` (a block of a recipe -> a pydantic model with
errors in the words of the recipe).
"""
