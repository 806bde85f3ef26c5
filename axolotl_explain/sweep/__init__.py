"""Many runs of one recipe: planned, trained, evaluated, kept and compared.

Imports report, recipe and the floors below; training runs in processes of its own.
Begin with `grid.py` (the file), `grid_runs.py` (its runs), `one_run.py` (what a run
does) and `scheduler.py` (which executes them on a backend).
"""
