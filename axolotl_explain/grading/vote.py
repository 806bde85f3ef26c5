"""The answer that most of several samples give.

Self-Consistency Improves Chain of Thought Reasoning (Wang et al., 2023).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.core.extract import normal_form
from axolotl_explain.grading.numbers_in_text import as_number


@dataclass(frozen=True, slots=True)
class Vote:
    """The outcome.

    Attributes:
        place: of the first sample that gives the answer; of the first of all samples
            where none has one.
        answer: as that sample writes it; None where no sample has an answer.
        agreement: the share of all samples that give it, those without an answer
            included.
        votes: answer -> how many give it, the most frequent first.
    """

    place: int
    answer: str | None
    agreement: float
    votes: Mapping[str, int]


def vote(answers: Sequence[str | None]) -> Vote:
    """Count answers; numbers count by value, texts without regard to case.

    Of equally frequent ones the first given wins.

    >>> vote(["7", None, "8", "7.0"])
    Vote(place=0, answer='7', agreement=0.5, votes={'7': 2, '8': 1})
    """
    first: dict[object, int] = {}
    for place, answer in enumerate(answers):
        if answer is not None:
            first.setdefault(_meaning(answer), place)
    counted = Counter(_meaning(answer) for answer in answers if answer is not None)
    ranked = counted.most_common()
    votes = {str(answers[first[meaning]]): count for meaning, count in ranked}
    if not ranked:
        return Vote(0, None, 0.0, votes)
    meaning, count = ranked[0]
    place = first[meaning]
    return Vote(place, answers[place], count / len(answers), votes)


def _meaning(answer: str) -> object:
    value = as_number(answer)
    return " ".join(normal_form(answer).casefold().split()) if value is None else value
