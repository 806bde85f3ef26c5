"""The recipes that travel with the package: what they are for, and copying one.

Imports recipe, memory and the floors below. Begin with `listing.py` (all recipes, by
their headers) and `take.py` (`recipes copy`).
"""
