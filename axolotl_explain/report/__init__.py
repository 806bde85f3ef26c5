"""The report: what runs have shown, as one HTML page, tables and pictures.

Imports results, recipe and the floors below. Begin with `run_results.py` (folders ->
runs) and `write_report.py` (runs -> files); `choose_level.py` has the words about which
level to take.
"""
