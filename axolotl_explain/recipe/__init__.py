"""The YAML of a training run, as far as this package reads it, without Axolotl.

Imports the floors below: sources, targets, tokens. Begin with `options.py` (the
`explain:` block) and `install.py` (the blocks -> each dataset entry of the recipe).
"""
