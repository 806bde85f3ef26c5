"""A training row as it is written: does it read on, is its answer found again?"""

from __future__ import annotations

from collections.abc import Iterator

from axolotl_explain.answers import exact_match, extract_answer
from axolotl_explain.checking.characters import Hit
from axolotl_explain.errors import shown
from axolotl_explain.formats import TargetFormat


def check_written(
    prompt: str, target: str, answer: str, layout: TargetFormat
) -> Iterator[Hit]:
    """What is wrong with one training row as text.

    Args:
        target: without the mark that ends a turn.
    """
    found = extract_answer(target, layout, prompt)
    if not exact_match(found, answer):
        seen = "nothing" if found is None else shown(found)
        message = f"{shown(answer)} is read back as {seen}"
        yield Hit("answer-not-extractable", message)
    if prompt[-1:] in (" ", "\t"):
        yield Hit("prompt-ends-in-space", f"the end is {shown(prompt[-20:])}")
    elif prompt[-1:].isalnum() and target[:1].isalnum():
        joined = f"{prompt[-20:]}{target[:10]}"
        yield Hit("prompt-runs-into-target", f"it reads {shown(joined)}")


def surely_fits(prompt: str, target: str, sequence_len: int) -> bool:
    """Whether a row fits whatever the tokenizer: a token holds at least one byte.

    Room is left for a beginning and an end.
    """
    return len(prompt.encode("utf-8", "replace")) + len(
        target.encode("utf-8", "replace")
    ) <= (sequence_len - 4)
