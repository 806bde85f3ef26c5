"""Generated answers: how a model is asked, and what its completions are worth.

Imports training, results and the floors below. Begin with `suite.py` (a model, rows and
levels -> completions), then `transformers_engine.py`; what is kept of them stands in
`results/`.
"""
