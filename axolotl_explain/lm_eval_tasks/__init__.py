"""Tasks for lm-evaluation-harness: YAML files, and the functions that they name.

Imports evaluation and the floors below. Begin with `functions.py`.
"""
