"""How a text may write one step of ListOps, and what must be said at each level.

    short   MED 6                                   or  MED of 9, 4 is 6
    medium  MED 9, 4 -> sorted 4, 9 -> 6
    long    MED sorts 9, 4 into 4, 9; the two middle numbers are 4 and 9, their sum is
            13 and their truncated mean is 6.

A form that says more is right at every level that asks for less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.tasks.listops.expression import OPERATORS
from axolotl_explain.tasks.notation import Marks

ARGUMENTS = r"(?:= )?(?P<arguments>#(?: (?:\+ )?#)*)"
RESULT = r" = (?P<result>#)"
SORTED = r" = (?P<sorted>#(?: #)*)"
MIDDLE = r" = (?P<middle># (?:\+ )?#) = (?P<between>#)"
TOTAL = r" = (?P<total>#)"
ADDITIONS = r" = (?P<additions># \+ # = #(?: # \+ # = #)*)"
MODULO = r"(?: (?P<again>#))? modulo (?P<modulus>#)"

BRIEF = (r"(?:= )?(?P<result>#)", ARGUMENTS + RESULT)
PLAIN: dict[Level, Sequence[str]] = {"short": BRIEF, "long": (ARGUMENTS + RESULT,)}
FORMS: Mapping[str, Mapping[Level, Sequence[str]]] = {
    "MIN": PLAIN,
    "MAX": PLAIN,
    "MED": {
        "short": BRIEF,
        "medium": (ARGUMENTS + SORTED + RESULT,),
        "long": (f"{ARGUMENTS}{SORTED}(?:{MIDDLE})?{RESULT}",),
    },
    "SM": {
        "short": BRIEF,
        "medium": (
            f"{ARGUMENTS}{TOTAL}(?:{RESULT})?",
            f"{ARGUMENTS}{TOTAL}{MODULO}{RESULT}",
        ),
        "long": (
            f"{ARGUMENTS}{ADDITIONS}(?:{MODULO})?{RESULT}",
            f"{ARGUMENTS}{TOTAL}{MODULO}{RESULT}",
        ),
    },
}
"""Operator -> the least level at which a form is right -> forms, as lines of marks."""
COMPILED = {
    operator: {
        level: [re.compile(form) for form in forms.get(level, ())]
        for level in EXPLAINED
    }
    for operator, forms in FORMS.items()
}

_FILLED = {
    "MIN": "takes smallest least minimum of",
    "MAX": "takes largest greatest maximum of",
    "MED": "sorts sorted median middle number numbers two their sum truncated mean of",
    "SM": "adds sum total of",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    operator: {**dict.fromkeys(words.split(), ""), "into": "="}
    for operator, words in _FILLED.items()
}
"""Operator -> the words that its steps may have, with their marks."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says of one step.

    Attributes:
        arguments: ascending; None where the text does not name them.
    """

    operator: str
    arguments: tuple[int, ...] | None
    result: int


def claims(
    operator: str, tokens: Sequence[str], level: Level, modulus: int
) -> Iterator[Claim]:
    """What a step says, in each way that it can be read in which it is right.

    Args:
        tokens: what stands behind the operator.
    """
    marks = Marks.of(tokens, WORDS[operator])
    for form in _forms(operator, level):
        match = form.fullmatch(marks.line)
        if match is None:
            continue
        said = {name: marks.values(match, name) for name in match.groupdict()}
        said = {name: said[name] for name in said if match[name] is not None}
        found = _claim(operator, said, level, modulus)
        if found is not None:
            yield found


def _forms(operator: str, level: Level) -> Iterator[re.Pattern[str]]:
    for one in EXPLAINED[EXPLAINED.index(level) :]:
        yield from COMPILED[operator][one]


def _claim(
    operator: str, said: Mapping[str, list[int]], level: Level, modulus: int
) -> Claim | None:
    """The claim of a step; None where one of its numbers is wrong."""
    if "arguments" not in said:
        return Claim(operator, None, said["result"][0])
    arguments = said["arguments"]
    result = OPERATORS[operator](arguments, modulus)
    if level == "long" and not _is_whole(operator, said):
        return None
    right = {
        "result": [result],
        "sorted": sorted(arguments),
        "total": [sum(arguments)],
        "again": [sum(arguments)],
        "modulus": [modulus],
    }
    # Who leaves out the result of SM says that the sum is it.
    result_said = said.get("result", said.get("total"))
    if result_said != [result] or any(
        said[name] != right[name] for name in right.keys() & said.keys()
    ):
        return None
    if not _adds_up(said) or not _is_middle(said):
        return None
    return Claim(operator, tuple(sorted(arguments)), result)


def _is_whole(operator: str, said: Mapping[str, list[int]]) -> bool:
    """Whether the two middle numbers of a MED and the additions of an SM are said."""
    if operator == "MED":
        return len(said["arguments"]) % 2 == 1 or "middle" in said
    return operator != "SM" or len(said["arguments"]) == 1 or "additions" in said


def _is_middle(said: Mapping[str, list[int]]) -> bool:
    """Whether the two middle numbers and their sum are right, where they are said."""
    if "middle" not in said:
        return True
    ordered = sorted(said["arguments"])
    half = len(ordered) // 2
    middle = ordered[half - 1 : half + 1]
    if len(ordered) % 2 or sorted(said["middle"]) != middle:
        return False
    return said["between"] == [sum(middle)]


def _adds_up(said: Mapping[str, list[int]]) -> bool:
    """Whether additions, where there are some, add all arguments in any order."""
    if "additions" not in said:
        return True
    numbers = said["additions"]
    there = Counter(said["arguments"])
    for left, right, total in zip(*[iter(numbers)] * 3, strict=True):
        if total != left + right or Counter((left, right)) - there:
            return False
        there = there - Counter((left, right)) + Counter((total,))
    return there.total() == 1
