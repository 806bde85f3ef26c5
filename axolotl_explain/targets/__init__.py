"""An example -> the rows that are trained on: level, coverage, filter, control.

Imports core and below, neither tokenizers nor Axolotl. Begin with
`training_rows.py`, which has the order in which all of it happens to one example.
"""
