"""Internalisation: explanations taken away stage by stage, and the stage that is kept.

How much is there at a stage is said by `targets/stages.py`; each stage is an ordinary
training, executed by the engine of `sweep/`. Imports sweep and the floors below.
Begin with `chain.py` (a recipe -> the runs of its stages), then `run_chain.py`.
"""
