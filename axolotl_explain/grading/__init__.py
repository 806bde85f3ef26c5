"""Is this answer right: exact and flexible match, numbers, choices, mathematics.

Imports core alone. Begin with `judge.py`, then `flexible.py`; exact match stands in
`core/extract.py`, beside the extraction of the answer.
"""
