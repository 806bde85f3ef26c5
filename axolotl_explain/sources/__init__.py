"""A row of any dataset -> examples: canonical rows, presets, columns, messages.

Imports core, support, grading and tasks. Begin with `reader.py` (one row) and
`tables.py` (whole files); `local_files.py` finds them, and each kind has a file of its
own. `presets/` has one module for each public dataset.
"""
