"""Whether a text derives the answer, in whatever words and order of steps.

Each task reads the steps of a text and carries them out; this holds the outcome against
the task's own wording (`compare`), which is asked first: it is quick, and its reasons
say most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from axolotl_explain.core.errors import quoted
from axolotl_explain.tasks.notation import readings
from axolotl_explain.tasks.sentence import Sentence
from axolotl_explain.tasks.verdict import Verdict, compare


def judge_derivation(
    text: str, sentences: Iterable[Sentence], derive: Callable[[str], Verdict]
) -> Verdict:
    """A verdict on a text: right as worded, right in other words, or wrong.

    Of a wrong one, the verdict is that of the reading which gets furthest.

    Args:
        sentences: the steps in the task's own words.
        derive: carries out the steps of one of the text's `readings`.
    """
    worded = compare(text, sentences)
    if worded.valid:
        return worded
    found = [derive(reading) for reading in readings(text)]
    best = max(found, key=lambda one: (one.valid, one.step or 0))
    if best.valid:
        return replace(best, other_wording=True)
    return best if (best.step or 0) > (worded.step or 0) else worded


def wrong_step(number: int, operator: str, text: str, why: str) -> Verdict:
    """The verdict on a text of which one step is wrong.

    Args:
        text: the step as it is written.
        why: what is wrong with it.
    """
    reason = f"step {number} ({operator}): {why}; the text has {quoted(text, 60)}"
    return Verdict(False, number, operator, reason)


def missing_step(number: int, operator: str, what: str) -> Verdict:
    """The verdict on a text that ends too early."""
    return Verdict(False, number, operator, f"step {number} is missing: {what}")


def goes_on(number: int, text: str) -> Verdict:
    """The verdict on a text that goes on after its last step."""
    told = quoted(text, 60)
    reason = f"after the last of {number - 1} steps the text goes on: {told}"
    return Verdict(False, number, None, reason)
