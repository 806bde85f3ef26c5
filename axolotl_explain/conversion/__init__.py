"""From any source to canonical rows, and from examples to others' formats.

Imports sources, targets and the floors below. Begin with `convert.py`; `shapes.py` has
the formats that are written.
"""
