"""What was measured: completions, metrics, intervals, curves, and where they are kept.

Imports core, support and grading. Begin with `completion.py` (one answer of a model)
and `store.py` (the files of an evaluation).
"""
