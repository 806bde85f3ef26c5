"""How sure a comparison of models is: intervals, paired tests, the choice of a level.

Imports core and support alone. Begin with `verdicts.py` (what is compared), then read
`paired.py` (two arms), `levels.py` (several), `planning.py` (how much more it takes).
"""
