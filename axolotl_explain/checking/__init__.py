"""A recipe and its rows before anything is trained, and what is wrong with them.

Imports training and the floors below; meets Axolotl in `axolotl.py` alone. Begin with
`run.py` (the order of the checks) and `codes.py` (every finding with its remedy).
"""
