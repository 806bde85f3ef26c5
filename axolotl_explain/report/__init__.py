"""The report: what runs have shown, as one HTML page, tables and pictures.

Imports results, recipe and the floors below. Begin with `run.py` (folders -> runs) and
`build.py` (runs -> files); `choose.py` has the words about which level to take.
"""
