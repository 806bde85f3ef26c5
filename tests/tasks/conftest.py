"""A second, stupid way to evaluate problems: replace text until a number is left."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable

import pytest

INNERMOST = re.compile(r"\[(MIN|MAX|MED|SM) ([0-9 ]+) \]")
Brute = Callable[..., list[tuple[str, str, int]]]


def brute_steps(problem: str, modulus: int = 10) -> list[tuple[str, str, int]]:
    """(operator, numbers, result) of each step; the last result is the answer."""
    ways = {
        "MIN": lambda numbers: sorted(numbers)[0],
        "MAX": lambda numbers: sorted(numbers)[-1],
        "MED": lambda numbers: int(statistics.median(numbers)),
        "SM": lambda numbers: sum(numbers) % modulus,
    }
    steps = []
    while found := INNERMOST.search(problem):
        numbers = [int(text) for text in found[2].split()]
        result = ways[found[1]](numbers)
        steps.append((found[1], found[2], result))
        problem = problem.replace(found[0], str(result), 1)
    assert problem == str(steps[-1][2])
    return steps


@pytest.fixture(scope="session")
def brute() -> Brute:
    return brute_steps
