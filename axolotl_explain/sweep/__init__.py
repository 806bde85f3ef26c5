"""Many runs of one recipe: planned, trained, evaluated, kept and compared.

Imports report, recipe and the floors below; training runs in processes of its own.
Begin with `grid.py` (the file), `plan.py` (its runs) and `schedule.py` (running them).
"""
