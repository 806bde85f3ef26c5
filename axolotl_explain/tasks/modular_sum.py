"""Modular sums: add numbers from left to right, keeping each result modulo m.

The steps of `15 + 27 + 1` modulo 10 read:

    short   2
            3
    medium  15 + 27 = 42 -> 2
            2 + 1 = 3 -> 3
    long    Add 27 to 15: 15 + 27 = 42, and 42 modulo 10 is 2.
            Add 1 to 2: 2 + 1 = 3, and 3 modulo 10 is 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from random import Random

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.tasks.derivation import judge_derivation
from axolotl_explain.tasks.meta import modulus_of
from axolotl_explain.tasks.sentence import Piece, Sentence, write
from axolotl_explain.tasks.sum_derivation import derive_sum
from axolotl_explain.tasks.task import ProblemCounts, Task, TaskOptions, at_least
from axolotl_explain.tasks.verdict import Verdict, compare

NAME = "modular_sum"
INSTRUCTION = "Add the numbers modulo {modulus}."
NUMBER = re.compile(r"[0-9]{1,18}")
FOLLOWS = 0
"""The modulus that follows from the largest addend."""


@dataclass(frozen=True, kw_only=True)
class ModularSumOptions(TaskOptions):
    """Options of `axolotl explain generate modular-sum`; lengths count addends.

    Attributes:
        modulus: unless it is given, `max_value` + 1 or 10, whichever is more, so that
            every digit of every addend matters.
    """

    max_value: int = 9
    modulus: int = FOLLOWS
    min_length: int = 5
    max_length: int = 20
    test_long_max_length: int = 40

    def __post_init__(self) -> None:
        if self.modulus == FOLLOWS:
            object.__setattr__(self, "modulus", max(10, self.max_value + 1))
        super().__post_init__()
        at_least("min_length", self.min_length, 2)


@dataclass(frozen=True, slots=True)
class Addition:
    """One addend added to the result so far."""

    before: int
    addend: int
    modulus: int

    @property
    def total(self) -> int:
        return self.before + self.addend

    @property
    def result(self) -> int:
        return self.total % self.modulus


def additions(addends: Sequence[int], modulus: int) -> Iterator[Addition]:
    """All steps, left to right; the first starts from the first addend as it is."""
    before = addends[0]
    for addend in addends[1:]:
        step = Addition(before, addend, modulus)
        yield step
        before = step.result


def _equation(step: Addition) -> Piece:
    text = f"{step.before} + {step.addend} = {step.total}"
    return Piece(text, f"here {text}")


def _result(step: Addition) -> Piece:
    value = f"{step.before} + {step.addend} modulo {step.modulus} is {step.result}"
    return Piece(str(step.result), value)


def _short(step: Addition) -> tuple[Piece, ...]:
    return (_result(step),)


def _medium(step: Addition) -> tuple[Piece, ...]:
    return (_equation(step), Piece(" -> "), _result(step))


def _long(step: Addition) -> tuple[Piece, ...]:
    task = f"Add {step.addend} to {step.before}"
    modulo = f"{step.total} modulo {step.modulus}"
    return (
        Piece(task, f"{task!r} comes here"),
        Piece(": "),
        _equation(step),
        Piece(", and "),
        Piece(modulo, f"here {modulo}"),
        Piece(" is "),
        _result(step),
        Piece("."),
    )


WORDING: dict[Level, Callable[[Addition], tuple[Piece, ...]]] = {
    "short": _short,
    "medium": _medium,
    "long": _long,
}


def sentences(steps: Iterable[Addition], level: Level) -> Iterator[Sentence]:
    """The steps in the words of an explained level, each when it is asked for."""
    return (_sentence(step, level) for step in steps)


@lru_cache(maxsize=10_000)
def _sentence(step: Addition, level: Level) -> Sentence:
    """The same step comes again and again: a sum modulo 10 has a hundred of them."""
    return Sentence("+", WORDING[level](step))


def draw(options: ModularSumOptions, length: int, rng: Random) -> list[int]:
    """Addends, each uniform and independent of the others."""
    return [rng.randint(0, options.max_value) for _ in range(length)]


def spell(addends: Sequence[int]) -> str:
    """A sum as it stands in `input`.

    >>> spell([15, 27, 1])
    '15 + 27 + 1'
    """
    return " + ".join(str(addend) for addend in addends)


def key(addends: Iterable[int]) -> str:
    """The same for sums of the same numbers in any order.

    >>> key([15, 27, 1]) == key([27, 1, 15])
    True
    """
    return spell(sorted(addends))


def count(options: ModularSumOptions, length: int) -> ProblemCounts:
    """Sequences of numbers, and multisets of them."""
    numbers = options.max_value + 1
    return ProblemCounts(numbers**length, comb(numbers + length - 1, length))


def as_example(addends: Sequence[int], modulus: int, id: str) -> Example:
    """A problem with its answer and its explanation at every level.

    `meta` has the keys that ListOps has, so that files of both tasks can be mixed.
    """
    steps = [*additions(addends, modulus)]
    return Example(
        id=id,
        instruction=INSTRUCTION.format(modulus=modulus),
        input=spell(addends),
        answer=str(steps[-1].result),
        explanations={level: write(sentences(steps, level)) for level in EXPLAINED},
        meta={
            "task": NAME,
            "list_length": len(addends),
            "num_operators": len(steps),
            "depth": 1,
            "operators": ["+"] * len(steps),
            "modulus": modulus,
        },
    )


def parse(text: str) -> list[int]:
    """The addends of a problem.

    Raises:
        ExplainError: if it is no sum of at least two whole numbers.
    """
    parts = [part.strip() for part in text.split("+")]
    if len(parts) < 2 or not all(NUMBER.fullmatch(part) for part in parts):
        raise ExplainError(f"input: {quoted(text)} is no sum such as '3 + 7 + 2'.")
    return [int(part) for part in parts]


def verify(example: Example, level: Level, text: str) -> Verdict:
    """Re-execute an explanation; at level none only an empty one is right.

    Raises:
        ExplainError: if the example itself is no modular sum; never for the text.
    """
    addends, modulus = parse(example.input), modulus_of(example)
    if level == "none":
        return compare(text, ())
    return judge_derivation(
        text,
        sentences(additions(addends, modulus), level),
        lambda reading: derive_sum(reading, level, addends, modulus),
    )


MODULAR_SUM = Task(
    name=NAME,
    instruction=INSTRUCTION,
    options=ModularSumOptions,
    draw=draw,
    as_example=as_example,
    text=spell,
    parse=parse,
    key=key,
    count=count,
    verify=verify,
)
