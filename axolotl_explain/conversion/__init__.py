"""From any source to canonical rows, and from examples to others' formats.

Imports sources, targets and the floors below. Begin with `conversion.py`;
`row_formats.py` has the formats that are written.
"""
