"""Labelled sums: modular sums whose addends are found by their letters, not by place.

    l 9
    n 2
    k 4
    m 8
    from l to n

asks for 9 + 8 + 2, in the order of the letters. The numbers stand in any order, and up
to two letters on either side are not asked for, so that a model has to look each one
up. The steps modulo 10 read:

    short   l 9
            m 7
            n 9
    medium  l 9
            m 8 + 9 = 17 -> 7
            n 2 + 7 = 9 -> 9
    long    Start with l, which is 9.
            Take m, which is 8: 8 + 9 = 17, and 17 modulo 10 is 7.
            Take n, which is 2: 2 + 7 = 9, and 9 modulo 10 is 9.

Letters in front of the operands are the index hints of Zhou et al., "What Algorithms
can Transformers Learn?" (2023, arXiv 2310.16028).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase as LETTERS

from axolotl_explain.errors import ExplainError, shown
from axolotl_explain.example import Example
from axolotl_explain.levels import EXPLAINED, Level
from axolotl_explain.tasks.meta import modulus_of
from axolotl_explain.tasks.modular_sum import Addition, ModularSumOptions, additions
from axolotl_explain.tasks.sentence import Piece, Sentence, write
from axolotl_explain.tasks.stream import stream
from axolotl_explain.tasks.task import Split, Task, bad_option
from axolotl_explain.tasks.verdict import Verdict, compare

NAME = "labelled_sum"
INSTRUCTION = "Add the numbers of these letters modulo {modulus}."
UNASKED = (0, 0, 0, 1, 2)
"""How many letters before those that are asked for, and behind them: one is drawn. In
many problems there are none, which are the easier ones to begin to learn from."""

ADDEND = re.compile(r"([a-z]) ([0-9]{1,18})")
ASKED = re.compile(r"from ([a-z]) to ([a-z])")


@dataclass(frozen=True, kw_only=True)
class LabelledSumOptions(ModularSumOptions):
    """Options of `axolotl explain generate labelled-sum`; lengths count addends."""

    min_length: int = 2
    max_length: int = 6
    test_long_max_length: int = 12

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("max_length", "test_long_max_length"):
            if getattr(self, name) > len(LETTERS):
                rule = f"every addend has a letter, of which there are {len(LETTERS)}"
                way_out = f"pass {len(LETTERS)} or less"
                raise bad_option(name, getattr(self, name), rule, way_out)


@dataclass(frozen=True, slots=True)
class Step:
    """One addend, looked up and added to the result so far."""

    letter: str
    addend: int
    addition: Addition | None = None
    """None for the first, to which nothing is added."""


Wording = Callable[[Step], tuple[Piece, ...]]


def _letter(step: Step, before: str = "", after: str = " ") -> tuple[Piece, ...]:
    text = f"{before}{step.letter}"
    return (Piece(text, f"{step.letter} comes here"), Piece(after))


def _value(step: Step) -> Piece:
    return Piece(str(step.addend), f"{step.letter} is {step.addend}")


def _result(addition: Addition) -> Piece:
    value = f"{addition.total} modulo {addition.modulus} is {addition.result}"
    return Piece(str(addition.result), value)


def _equation(addition: Addition) -> Piece:
    text = f"{addition.addend} + {addition.before} = {addition.total}"
    return Piece(text, f"here {text}")


def _short(step: Step) -> tuple[Piece, ...]:
    result = _value(step) if step.addition is None else _result(step.addition)
    return (*_letter(step), result)


def _medium(step: Step) -> tuple[Piece, ...]:
    if step.addition is None:
        return (*_letter(step), _value(step))
    steps = (_equation(step.addition), Piece(" -> "), _result(step.addition))
    return (*_letter(step), *steps)


def _long(step: Step) -> tuple[Piece, ...]:
    if step.addition is None:
        start = _letter(step, "Start with ", ", which is ")
        return (*start, _value(step), Piece("."))
    modulo = f"{step.addition.total} modulo {step.addition.modulus}"
    return (
        *_letter(step, "Take ", ", which is "),
        _value(step),
        Piece(": "),
        _equation(step.addition),
        Piece(", and "),
        Piece(modulo, f"here {modulo}"),
        Piece(" is "),
        _result(step.addition),
        Piece("."),
    )


WORDING: Mapping[Level, Wording] = {"short": _short, "medium": _medium, "long": _long}


def steps(addends: Mapping[str, int], modulus: int) -> Iterator[Step]:
    """All steps, in the order of the mapping."""
    values = [*addends.values()]
    added: list[Addition | None] = [None, *additions(values, modulus)]
    for (letter, value), addition in zip(addends.items(), added, strict=True):
        yield Step(letter, value, addition)


def sentences(
    addends: Mapping[str, int], modulus: int, level: Level
) -> Iterator[Sentence]:
    """The steps in the words of an explained level."""
    for step in steps(addends, modulus):
        operator = "start" if step.addition is None else "+"
        yield Sentence(operator, WORDING[level](step))


def problem(
    options: LabelledSumOptions, seed: int, split: Split, index: int, attempt: int = 0
) -> Example:
    """The problem at a place of a data set: length, letters and numbers are uniform."""
    rng = stream(NAME, seed, split, index, attempt)
    length = rng.choice(options.lengths(split))
    first = rng.randint(0, len(LETTERS) - length)
    last = first + length - 1
    low = max(0, first - rng.choice(UNASKED))
    high = min(len(LETTERS) - 1, last + rng.choice(UNASKED))
    numbers = {
        LETTERS[at]: rng.randint(0, options.max_value) for at in range(low, high + 1)
    }
    listed = [*numbers]
    rng.shuffle(listed)
    return as_example(
        {letter: numbers[letter] for letter in listed},
        (LETTERS[first], LETTERS[last]),
        options.modulus,
        f"{NAME}-{split}-{index}",
    )


def as_example(
    numbers: Mapping[str, int], asked: tuple[str, str], modulus: int, id: str
) -> Example:
    """A problem with its answer and its explanation at every level.

    Args:
        numbers: letter -> its number, in the order in which they stand in the problem.
        asked: the first and the last letter of the sum.
    """
    addends = between(numbers, *asked)
    lines = [f"{letter} {number}" for letter, number in numbers.items()]
    return Example(
        id=id,
        instruction=INSTRUCTION.format(modulus=modulus),
        input="\n".join([*lines, f"from {asked[0]} to {asked[1]}"]),
        answer=str([*additions([*addends.values()], modulus)][-1].result),
        explanations={
            level: write(sentences(addends, modulus, level)) for level in EXPLAINED
        },
        meta={
            "task": NAME,
            "list_length": len(addends),
            "num_operators": len(addends) - 1,
            "depth": 1,
            "operators": ["+"] * (len(addends) - 1),
            "modulus": modulus,
        },
    )


def between(numbers: Mapping[str, int], first: str, last: str) -> dict[str, int]:
    """The numbers of the letters from one to another, in the order of the alphabet."""
    asked = LETTERS[LETTERS.index(first) : LETTERS.index(last) + 1]
    return {letter: numbers[letter] for letter in asked}


def parse(text: str) -> dict[str, int]:
    """Letter -> its number for those that are asked for, in the alphabet's order.

    Raises:
        ExplainError: if it is no labelled sum.
    """
    *lines, last = text.strip().split("\n")
    found = [ADDEND.fullmatch(line.strip()) for line in lines]
    asked = ASKED.fullmatch(last.strip())
    numbers = {match[1]: int(match[2]) for match in found if match}
    if asked and len(numbers) == len(lines) and asked[1] < asked[2]:
        try:
            return between(numbers, asked[1], asked[2])
        except KeyError:
            pass
    raise ExplainError(
        f"input: {shown(text)} is no labelled sum such as 'b 7\\na 3\\nfrom a to b'."
    )


def verify(example: Example, level: Level, text: str) -> Verdict:
    """Re-execute an explanation; at level none only an empty one is right.

    Raises:
        ExplainError: if the example itself is no labelled sum; never for the text.
    """
    addends, modulus = parse(example.input), modulus_of(example)
    return compare(text, () if level == "none" else sentences(addends, modulus, level))


LABELLED_SUM = Task(NAME, INSTRUCTION, LabelledSumOptions, problem, verify)
