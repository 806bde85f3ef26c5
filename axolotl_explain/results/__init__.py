"""What was measured: completions, counts, metrics, curves, and the files of each.

Imports core and support alone. Begin with `completion.py` (one answer of a model), then
`metrics.py` (the shares of a group) and `store.py` (the files of an evaluation).
"""
