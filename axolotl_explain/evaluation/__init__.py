"""Generated answers: how a model is asked, and what its completions are worth.

Imports training, results and the floors below. Begin with `suite.py` (a model, rows and
levels -> completions), then `decoding.py` and the two engines; what is kept of
completions stands in `results/`.
"""
