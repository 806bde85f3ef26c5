"""A ListOps problem as the tuple of its tokens, and what its operators give.

`[MAX 4 [MIN 3 7 ] ]` is the tuple ("[MAX", "4", "[MIN", "3", "7", "]", "]"). Its size
is the length as Long Range Arena counts it: two per operator plus one per number. A
flat tuple has no nesting that could meet Python's recursion limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Tokens = tuple[str, ...]


def median(numbers: Sequence[int]) -> int:
    """The middle number; between two middle numbers their mean, truncated.

    As in Long Range Arena's generator. Numbers are never negative.

    >>> median([4, 9]), median([4, 9, 2])
    (6, 4)
    """
    ordered = sorted(numbers)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2


OPERATORS: dict[str, Callable[[Sequence[int], int], int]] = {
    "MIN": lambda numbers, modulus: min(numbers),
    "MAX": lambda numbers, modulus: max(numbers),
    "MED": lambda numbers, modulus: median(numbers),
    "SM": lambda numbers, modulus: sum(numbers) % modulus,
}
"""Operator -> (numbers, modulus) -> result."""


@dataclass(frozen=True, slots=True)
class ListOpsStep:
    """One operator carried out on numbers."""

    operator: str
    numbers: tuple[int, ...]
    result: int


def carry_out(tokens: Tokens, modulus: int) -> tuple[ListOpsStep, ...]:
    """All steps, innermost first and left to right; the last result is the answer.

    That is: of the operators whose arguments are all numbers by now, the leftmost is
    always next. Expects tokens that `parse` accepts.

    >>> steps = carry_out(("[MAX", "4", "[SM", "15", "27", "1", "]", "]"), modulus=10)
    >>> [(step.operator, step.numbers, step.result) for step in steps]
    [('SM', (15, 27, 1), 3), ('MAX', (4, 3), 4)]
    """
    steps: list[ListOpsStep] = []
    waiting: list[tuple[str, list[int]]] = []
    for token in tokens:
        if token.startswith("["):
            waiting.append((token[1:], []))
            continue
        if token == "]":
            operator, numbers = waiting.pop()
            value = OPERATORS[operator](numbers, modulus)
            steps.append(ListOpsStep(operator, tuple(numbers), value))
        else:
            value = int(token)
        if waiting:
            waiting[-1][1].append(value)
    return tuple(steps)


def depth(tokens: Tokens) -> int:
    """How deep operators are nested; 1 where there is only one.

    >>> depth(("[MAX", "4", "[MIN", "3", "7", "]", "]"))
    2
    """
    deepest = current = 0
    for token in tokens:
        current += token.startswith("[") - (token == "]")
        deepest = max(deepest, current)
    return deepest


def order_key(tokens: Tokens) -> str:
    """The same for problems that differ in the order of arguments alone.

    No operator depends on the order of its arguments, so those of each are sorted, the
    innermost first.

    >>> one = ("[MAX", "4", "[SM", "15", "27", "]", "]")
    >>> other = ("[MAX", "[SM", "27", "15", "]", "4", "]")
    >>> order_key(one) == order_key(other)
    True
    """
    waiting: list[list[str]] = [[]]
    for token in tokens:
        if token.startswith("["):
            waiting.append([token])
        elif token == "]":
            operator, *arguments = waiting.pop()
            waiting[-1].append(" ".join([operator, *sorted(arguments), "]"]))
        else:
            waiting[-1].append(token)
    return waiting[0][0]
