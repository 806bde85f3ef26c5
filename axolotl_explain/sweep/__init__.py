"""Many runs of one recipe: planned, trained, evaluated, kept and compared.

Imports report, recipe and the floors below; training runs in processes of its own.
Begin with `grid.py` (the file), `grid_runs.py` (its runs) and `scheduler.py` (which
carries them out).
"""
