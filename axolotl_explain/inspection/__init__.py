"""Training rows as the model will see them: ids, labels, and what they stand for.

Imports training, report and the floors below. Begin with `inspect_recipe.py`, then
`data.py` (what Axolotl prepares) and `terminal.py` or `page.py` (how it is shown).
"""
