"""Checks of a training row as text: is its answer extractable, do its parts join?"""

from __future__ import annotations

from collections.abc import Iterator

from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.target import TargetFormat


def check_answer(
    prompt: str, target: str, answer: str, layout: TargetFormat
) -> Iterator[RowFinding]:
    """Whether evaluation would find the answer in the target.

    Args:
        target: without the mark that ends a turn.
    """
    found = extract_answer(target, layout, prompt)
    if not exact_match(found, answer):
        seen = "nothing" if found is None else quoted(found)
        message = f"{quoted(answer)} is read back as {seen}"
        yield RowFinding("answer-not-extractable", message)


def check_ending(prompt: str, target: str) -> Iterator[RowFinding]:
    """Whether prompt and target join well where one text continues the other."""
    if prompt[-1:] in (" ", "\t"):
        yield RowFinding("prompt-ends-in-space", f"the end is {quoted(prompt[-20:])}")
    elif prompt[-1:].isalnum() and target[:1].isalnum():
        joined = f"{prompt[-20:]}{target[:10]}"
        yield RowFinding("prompt-runs-into-target", f"it reads {quoted(joined)}")


def most_tokens(text: str) -> int:
    """As many as a text can have by any tokenizer: a token holds at least one byte.

    Two more are for a beginning and an end.
    """
    return len(text.encode("utf-8", "replace")) + 2
