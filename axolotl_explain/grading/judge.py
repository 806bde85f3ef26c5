"""Whether a completion gives the answer: exact and flexible match at once."""

from __future__ import annotations

from typing import NamedTuple

from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.thoughts import split_thoughts
from axolotl_explain.grading.flexible import Gold


class Judgement(NamedTuple):
    """The answer that a completion gives behind the marker, and whether it is right."""

    extracted: str | None
    exact_match: bool
    flexible_match: bool
    """Of the answer in any form, wherever the completion gives it."""


def judge(completion: str, gold: Gold, layout: TargetFormat, prompt: str) -> Judgement:
    """Compare a completion with gold, by exact and by flexible match.

    Neither looks into the completion's thoughts.
    """
    extracted = extract_answer(completion, layout, prompt)
    right = exact_match(extracted, gold.answer)
    said = split_thoughts(completion, prompt).said
    return Judgement(extracted, right, right or gold.matches(said, extracted))
