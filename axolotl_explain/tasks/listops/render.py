"""The words of ListOps explanations: one sentence per operator, at every level.

The steps of `[MAX 4 [MED 9 4 ] [SM 15 27 1 ] ]` read:

    short   MED 6
            SM 3
            MAX 6
    medium  MED 9, 4 -> sorted 4, 9 -> 6
            SM 15, 27, 1 -> sum 43 -> 3
            MAX 4, 6, 3 -> 6
    long    MED sorts 9, 4 into 4, 9; the two middle numbers are 4 and 9, their sum is
            13 and their truncated mean is 6.
            SM adds 15, 27, 1: 15 + 27 = 42, 42 + 1 = 43, and 43 modulo 10 is 3.
            MAX takes the largest of 4, 6, 3, which is 6.

Each sentence starts with its operator and ends with its result.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise

from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.listops.expression import ListOpsStep
from axolotl_explain.tasks.sentence import Piece, Sentence, listed

Pieces = tuple[Piece, ...]


def short(step: ListOpsStep, modulus: int) -> Pieces:
    """Operator and result."""
    return (_operator(step), Piece(" "), _result(step, modulus))


def medium(step: ListOpsStep, modulus: int) -> Pieces:
    """Operator, numbers, the value between (of MED and SM) and the result."""
    between: dict[str, Pieces] = {
        "MED": (Piece(" -> sorted "), _sorted(step)),
        "SM": (Piece(" -> sum "), _sum(step)),
    }
    start = (_operator(step), Piece(" "), _numbers(step))
    end = (Piece(" -> "), _result(step, modulus))
    return start + between.get(step.operator, ()) + end


def long(step: ListOpsStep, modulus: int) -> Pieces:
    """A whole sentence with every value on the way."""
    body = LONG[step.operator](step, modulus)
    return (_operator(step), *body, _result(step, modulus), Piece("."))


def _long_extreme(word: str) -> Callable[[ListOpsStep, int], Pieces]:
    start, end = Piece(f" takes the {word} of "), Piece(", which is ")
    return lambda step, modulus: (start, _numbers(step), end)


def _long_median(step: ListOpsStep, modulus: int) -> Pieces:
    ordered = sorted(step.numbers)
    half = len(ordered) // 2
    sorting = (Piece(" sorts "), _numbers(step), Piece(" into "), _sorted(step))
    if len(ordered) % 2:
        return (*sorting, Piece("; the middle number is "))
    left, right = ordered[half - 1 : half + 1]
    middle = f"{left} and {right}"
    return (
        *sorting,
        Piece("; the two middle numbers are "),
        Piece(middle, f"the two middle numbers of {listed(ordered)} are {middle}"),
        Piece(", their sum is "),
        Piece(str(left + right), f"the sum of {middle} is {left + right}"),
        Piece(" and their truncated mean is "),
    )


def _long_sum(step: ListOpsStep, modulus: int) -> Pieces:
    total = sum(step.numbers)
    running = pairwise(accumulate(step.numbers))
    additions = [
        f"{before} + {number} = {after}"
        for number, (before, after) in zip(step.numbers[1:], running, strict=True)
    ] or [f"the sum is {total}"]
    pieces = [Piece(" adds "), _numbers(step), Piece(":")]
    for addition in additions:
        pieces += [Piece(" "), Piece(addition, f"here {addition}"), Piece(",")]
    modulo = f"{total} modulo {modulus}"
    return (*pieces, Piece(" and "), Piece(modulo, f"here {modulo}"), Piece(" is "))


LONG: dict[str, Callable[[ListOpsStep, int], Pieces]] = {
    "MIN": _long_extreme("smallest"),
    "MAX": _long_extreme("largest"),
    "MED": _long_median,
    "SM": _long_sum,
}
"""Operator -> what stands between it and its result at level long."""

WORDING: dict[Level, Callable[[ListOpsStep, int], Pieces]] = {
    "short": short,
    "medium": medium,
    "long": long,
}


def sentence(step: ListOpsStep, level: Level, modulus: int) -> Sentence:
    """One step in the words of an explained level."""
    return Sentence(step.operator, WORDING[level](step, modulus))


def _operator(step: ListOpsStep) -> Piece:
    return Piece(step.operator, f"{step.operator} of {listed(step.numbers)} comes here")


def _numbers(step: ListOpsStep) -> Piece:
    numbers = listed(step.numbers)
    return Piece(numbers, f"{step.operator} acts on {numbers}")


def _sorted(step: ListOpsStep) -> Piece:
    ordered = listed(sorted(step.numbers))
    return Piece(ordered, f"the sorted list of {listed(step.numbers)} is {ordered}")


def _sum(step: ListOpsStep) -> Piece:
    total = sum(step.numbers)
    return Piece(str(total), f"the sum of {listed(step.numbers)} is {total}")


def _result(step: ListOpsStep, modulus: int) -> Piece:
    modulo = f" modulo {modulus}" if step.operator == "SM" else ""
    claim = f"{step.operator} of {listed(step.numbers)}{modulo} is {step.result}"
    return Piece(str(step.result), claim)
