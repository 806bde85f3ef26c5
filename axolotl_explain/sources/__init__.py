"""A row of any dataset -> examples: canonical rows, presets, columns, messages.

Imports core, support, grading and tasks. Begin with `reader.py` (one row) and
`tables.py` (whole files); `presets/` has one module for each public dataset.
"""
