"""Is this answer right: flexible match, numbers, choices, mathematics.

Imports core alone. Begin with `flexible.py`; exact match stands in `core/extract.py`,
beside the extraction of the answer.
"""
