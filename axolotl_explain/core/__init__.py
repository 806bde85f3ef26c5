"""The words of this package: example, level, target and its segments, answer, error.

Imports the standard library, jinja2 and itself alone. Begin with `example.py` (a row as
text), `target.py` (what is trained on) and `errors.py` (how a fault is told).
"""
