"""The tokens and labels that recipes gave when they were last recorded.

`rows` has the data, `cases` the recipes, `record` what is written down of each, and
the files `*.json` beside them what each gave, with the lines that it logged.

Where a failure names the vocabulary, the tokenizer itself was made differently: `bpe`
comes from this package (`scratch_model`), most others from `families`, by the version
of `tokenizers` that is installed. `t5` was trained once and is kept, since training a
unigram tokenizer gives another one each time.

To write the files anew:

    RECORD_SAME_TOKENS=1 python -m pytest tests/training/test_same_tokens.py

Do so when a case is added, or when a change is meant to change tokens, labels or
counts; the change of the files then belongs to the same commit, which says why. Never
do so to make a refactoring pass: what it changes here, it changes in every model that
is trained after it. A case that is no longer in `cases` leaves the files by the same
command.
"""
