"""A teacher writes explanations: another model, behind an OpenAI-compatible server.

Imports recipe and the floors below. Begin with `row_questions.py` (what is asked for
one row, and what is kept) and `annotate.py` (rows -> rows with explanations);
`acceptance.py` says which reply is right.
"""
