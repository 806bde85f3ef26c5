"""What every part needs and no part is about: files written whole, YAML, blocks, logs.

Imports core alone. Begin with `blocks.py` (a block of a recipe -> a pydantic model with
errors in the words of the recipe).
"""
