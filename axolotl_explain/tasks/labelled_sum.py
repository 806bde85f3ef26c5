"""Labelled sums: modular sums whose addends are found by their letters, not by place.

    l 9 k
    n 2 end
    m 8 l
    k 4 n
    from l

Behind each number stands the letter of the next addend, so this asks for 9 + 4 + 2. The
lines stand in any order, and nothing leads to up to two of them, so that a model has to
look each one up. The steps modulo 10 read:

    short   l 9
            k 3
            n 5
    medium  l 9
            k 4 + 9 = 13 -> 3
            n 2 + 3 = 5 -> 5
    long    Start with l, which is 9.
            Take k, which is 4: 4 + 9 = 13, and 13 modulo 10 is 3.
            Take n, which is 2: 2 + 3 = 5, and 5 modulo 10 is 5.

Without links the addends follow each other in the alphabet, and the last line names
both ends of the sum; up to two letters on either side are not asked for:

    l 9
    n 2
    k 4
    m 8
    from l to n

Letters in front of the operands are the index hints of Zhou et al., "What Algorithms
can Transformers Learn?" (2023, arXiv 2310.16028).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import factorial, perm
from random import Random
from string import ascii_lowercase as LETTERS

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.tasks.derivation import judge_derivation
from axolotl_explain.tasks.labelled_derivation import derive_labelled
from axolotl_explain.tasks.labelled_lines import (
    alphabet_lines,
    linked_lines,
    parse,
)
from axolotl_explain.tasks.meta import modulus_of
from axolotl_explain.tasks.modular_sum import Addition, ModularSumOptions, additions
from axolotl_explain.tasks.modular_sum import count as sum_count
from axolotl_explain.tasks.modular_sum import key as sum_key
from axolotl_explain.tasks.sentence import Piece, Sentence, write
from axolotl_explain.tasks.task import ProblemCounts, Task, bad_option
from axolotl_explain.tasks.verdict import Verdict, compare

NAME = "labelled_sum"
INSTRUCTION = "Add the numbers of these letters modulo {modulus}."


@dataclass(frozen=True, kw_only=True)
class LabelledSumOptions(ModularSumOptions):
    """Options of `axolotl explain generate labelled-sum`; lengths count addends.

    Attributes:
        linked: whether each addend names the next one, or they follow the alphabet.
    """

    min_length: int = 2
    max_length: int = 6
    test_long_max_length: int = 12
    linked: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("max_length", "test_long_max_length"):
            if getattr(self, name) > len(LETTERS):
                rule = f"every addend has a letter, of which there are {len(LETTERS)}"
                way_out = f"pass {len(LETTERS)} or less"
                raise bad_option(name, getattr(self, name), rule, way_out)


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """One addend, looked up and added to the result so far."""

    letter: str
    addend: int
    addition: Addition | None = None
    """None for the first, to which nothing is added."""


Wording = Callable[[LabelledStep], tuple[Piece, ...]]


def _letter(
    step: LabelledStep, before: str = "", after: str = " "
) -> tuple[Piece, ...]:
    text = f"{before}{step.letter}"
    return (Piece(text, f"{step.letter} comes here"), Piece(after))


def _value(step: LabelledStep) -> Piece:
    return Piece(str(step.addend), f"{step.letter} is {step.addend}")


def _result(addition: Addition) -> Piece:
    value = f"{addition.total} modulo {addition.modulus} is {addition.result}"
    return Piece(str(addition.result), value)


def _equation(addition: Addition) -> Piece:
    text = f"{addition.addend} + {addition.before} = {addition.total}"
    return Piece(text, f"here {text}")


def _short(step: LabelledStep) -> tuple[Piece, ...]:
    result = _value(step) if step.addition is None else _result(step.addition)
    return (*_letter(step), result)


def _medium(step: LabelledStep) -> tuple[Piece, ...]:
    if step.addition is None:
        return (*_letter(step), _value(step))
    steps = (_equation(step.addition), Piece(" -> "), _result(step.addition))
    return (*_letter(step), *steps)


def _long(step: LabelledStep) -> tuple[Piece, ...]:
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


def steps(addends: Mapping[str, int], modulus: int) -> Iterator[LabelledStep]:
    """All steps, in the order of the mapping."""
    values = [*addends.values()]
    added: list[Addition | None] = [None, *additions(values, modulus)]
    for (letter, value), addition in zip(addends.items(), added, strict=True):
        yield LabelledStep(letter, value, addition)


def sentences(
    addends: Mapping[str, int], modulus: int, level: Level
) -> Iterator[Sentence]:
    """The steps in the words of an explained level."""
    for step in steps(addends, modulus):
        operator = "start" if step.addition is None else "+"
        yield Sentence(operator, WORDING[level](step))


def draw(options: LabelledSumOptions, length: int, rng: Random) -> str:
    """A problem whose letters and numbers are uniform."""
    lines = linked_lines if options.linked else alphabet_lines
    return "\n".join(lines(rng, length, options.max_value))


def key(text: str) -> str:
    """The same for problems that ask for the same numbers.

    Letters, the order of lines and lines that are not asked for make no difference: a
    look-up by the numbers that are asked for would answer all of them.
    """
    return sum_key(parse(text).values())


def count(options: LabelledSumOptions, length: int) -> ProblemCounts:
    """Multisets of numbers; texts at least by numbers and letters (or their order)."""
    numbers = sum_count(options, length)
    letters = perm(len(LETTERS), length) if options.linked else factorial(length)
    return ProblemCounts(numbers.exact * letters, numbers.up_to_order)


def as_example(text: str, modulus: int, id: str) -> Example:
    """A problem with its answer and its explanation at every level.

    Raises:
        ExplainError: if the text is no labelled sum.
    """
    addends = parse(text)
    return Example(
        id=id,
        instruction=INSTRUCTION.format(modulus=modulus),
        input=text,
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


def verify(example: Example, level: Level, text: str) -> Verdict:
    """Re-execute an explanation; at level none only an empty one is right.

    Raises:
        ExplainError: if the example itself is no labelled sum; never for the text.
    """
    addends, modulus = parse(example.input), modulus_of(example)
    if level == "none":
        return compare(text, ())
    return judge_derivation(
        text,
        sentences(addends, modulus, level),
        lambda reading: derive_labelled(reading, level, addends, modulus),
    )


LABELLED_SUM = Task(
    name=NAME,
    instruction=INSTRUCTION,
    options=LabelledSumOptions,
    draw=draw,
    as_example=as_example,
    text=str,
    parse=str,
    key=key,
    count=count,
    verify=verify,
)
