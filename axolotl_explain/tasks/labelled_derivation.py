"""The steps of a labelled sum, carried out in whatever order they take the letters.

Each step names its letter, so any order can be followed: the sum is the same. Every
letter that is asked for is taken once, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.derivation import goes_on, missing_step, wrong_step
from axolotl_explain.tasks.notation import Marks, tokens_of
from axolotl_explain.tasks.sum_derivation import ADDITION, AddedUp
from axolotl_explain.tasks.verdict import Verdict

WORDS = {"start": "", "with": "", "take": ""}
VALUE = re.compile(r"@ (?:= )?(?P<value>#)")
ADDED = re.compile(rf"@ (?:= )?(?:(?P<value>#) = )?{ADDITION}")


def derive_labelled(
    text: str, level: Level, addends: Mapping[str, int], modulus: int
) -> Verdict:
    """Carry out the steps of a text; at level short, results alone will do."""
    left, so_far, number = dict(addends), None, 0
    for number, tokens in enumerate(_by_letter(tokens_of(text)), start=1):
        told = " ".join(tokens)
        if not left:
            return goes_on(number, told)
        operator = "start" if so_far is None else "+"
        if tokens[0] not in left:
            why = "a letter that is asked for should come next"
            return wrong_step(number, operator, told, why)
        value = left.pop(tokens[0])
        marks = Marks.of(tokens, WORDS, letters=True)
        outcome = _outcome(marks, level, value, so_far, modulus)
        if isinstance(outcome, str):
            return wrong_step(number, operator, told, outcome)
        so_far = outcome
    if left:
        what = f"{', '.join(left)} are still to be added"
        return missing_step(number + 1, "+" if number else "start", what)
    answer = sum(addends.values()) % modulus
    if so_far != answer:
        return wrong_step(number, "+", str(so_far), f"the last result is {answer}")
    return Verdict(True)


def _outcome(
    marks: Marks, level: Level, value: int, so_far: int | None, modulus: int
) -> int | str:
    """The result after a step; what is wrong with it as a text."""
    alone = VALUE.fullmatch(marks.line)
    if so_far is None:
        right = alone is not None and marks.value(alone, "value") == value
        return value if right else f"the letter has the value {value}"
    if alone and level == "short":
        result = (so_far + value) % modulus
        right = marks.value(alone, "value") == result
        return result if right else f"the result so far is {result}"
    match = ADDED.fullmatch(marks.line)
    if match is None:
        return "the addition should stand here"
    added = AddedUp.read(marks, match)
    if added.stated.get("value", value) != value:
        return f"the letter has the value {value}"
    if sorted(added.of) != sorted((value, so_far)):
        return f"{value} is added to {so_far}"
    return added.flaw(modulus) or added.outcome


def _by_letter(tokens: Sequence[str]) -> Iterator[list[str]]:
    """The tokens of each step, which begin with its letter.

    Words in front of a letter that say nothing are left out; whatever else stands
    there makes a step of its own, which has no letter.
    """
    step: list[str] = []
    for token in tokens:
        if len(token) == 1 and "a" <= token <= "z":
            if step:
                yield step
            step = []
        elif not step and token.lower() in WORDS:
            continue
        step.append(token)
    if step:
        yield step
