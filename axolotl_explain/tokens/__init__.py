"""Text -> ids and the kind of each token, with any tokenizer.

Imports core alone; tokenizers are handed in. Begin with `formatter.py` (a training row
-> prompt and target) and `encoder.py` (text -> ids).
"""
