"""The steps of a ListOps problem, carried out in whatever order they can be.

A step is right where an operator of the problem has just these arguments by now (in any
order), and has not been carried out yet. Several operators may fit; all of them are
followed, so that an order is right if it is in any way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.derivation import goes_on, missing_step, wrong_step
from axolotl_explain.tasks.listops.expression import (
    OPERATORS,
    ListOpsStep,
    Tokens,
    carry_out,
)
from axolotl_explain.tasks.listops.step_forms import Claim, claims
from axolotl_explain.tasks.notation import tokens_of
from axolotl_explain.tasks.sentence import listed
from axolotl_explain.tasks.verdict import Verdict

MOST_WAYS = 512
"""So many ways to understand the steps so far are followed at a time. Only problems of
hundreds of operators have more."""


def derive_listops(text: str, level: Level, tokens: Tokens, modulus: int) -> Verdict:
    """Carry out the steps of a text."""
    problem = Operators.of(tokens, modulus)
    ways: list[int] = [0]
    number = 0
    for number, step in enumerate(_by_operator(tokens_of(text)), start=1):
        operator, told = step[0], " ".join(step)
        if number > len(problem.steps):
            return goes_on(number, told)
        if operator not in OPERATORS:
            return wrong_step(number, _next(problem, ways[0]), told, "no operator")
        said = [*claims(operator, step[1:], level, modulus)]
        if not said:
            return wrong_step(number, operator, told, f"this is no right {operator}")
        ways = problem.carried_out(ways, said)
        if not ways:
            why = f"no {operator} with these numbers is to be carried out here"
            return wrong_step(number, operator, told, why)
    if number < len(problem.steps):
        return missing_step(number + 1, _next(problem, ways[0]), _due(problem, ways[0]))
    return Verdict(True)


@dataclass(frozen=True, slots=True)
class Operators:
    """The operators of a problem. A set of them is a number, bit n for the nth."""

    steps: Sequence[ListOpsStep]
    needs: Sequence[int]
    """The operators among the arguments of each."""
    parent: Sequence[int]
    """The one whose argument each is; -1 of the outermost."""
    places: Mapping[tuple[str, int], Sequence[int]]
    """(operator, result) -> those that have them."""

    @classmethod
    def of(cls, tokens: Tokens, modulus: int) -> Operators:
        """Those of a problem, innermost first and left to right."""
        needs: list[int] = []
        parent: list[int] = []
        waiting: list[list[int]] = []
        for token in tokens:
            if token.startswith("["):
                waiting.append([])
            elif token == "]":
                inner = waiting.pop()
                place = len(needs)
                for child in inner:
                    parent[child] = place
                needs.append(sum(1 << child for child in inner))
                parent.append(-1)
                if waiting:
                    waiting[-1].append(place)
        steps = carry_out(tokens, modulus)
        places: dict[tuple[str, int], list[int]] = {}
        for place, step in enumerate(steps):
            places.setdefault((step.operator, step.result), []).append(place)
        return cls(steps, needs, parent, places)

    def due(self, done: int) -> Iterator[int]:
        """Those that can be carried out after a set of others."""
        for place, needs in enumerate(self.needs):
            if not done >> place & 1 and needs & done == needs:
                yield place

    def carried_out(self, ways: Sequence[int], said: Sequence[Claim]) -> list[int]:
        """The sets that may have been carried out after one more step.

        Args:
            ways: the sets that may have been before it.
        """
        fitting = {
            place: tuple(sorted(self.steps[place].numbers))
            for claim in said
            for place in self.places.get((claim.operator, claim.result), ())
            if claim.arguments in (None, tuple(sorted(self.steps[place].numbers)))
        }
        found: dict[int, None] = {}
        for done in ways:
            # Of equal ones with the same parent, one is as good as the other.
            unlike: dict[tuple[int, tuple[int, ...]], int] = {}
            for place, numbers in fitting.items():
                needs = self.needs[place]
                if not done >> place & 1 and needs & done == needs:
                    unlike.setdefault((self.parent[place], numbers), place)
            found.update((done | 1 << place, None) for place in unlike.values())
            if len(found) >= MOST_WAYS:
                break
        return [*found]


def _next(problem: Operators, done: int) -> str:
    return problem.steps[next(problem.due(done))].operator


def _due(problem: Operators, done: int) -> str:
    step = problem.steps[next(problem.due(done))]
    return f"{step.operator} of {listed(step.numbers)} is not carried out yet"


def _by_operator(tokens: Sequence[str]) -> Iterator[list[str]]:
    """The tokens of each step, from its operator on, without brackets before it."""
    step: list[str] = []
    for token in tokens:
        if token in OPERATORS:
            if step:
                yield step
            step = []
        elif not step and token in "[(":
            continue
        step.append(token)
    if step:
        yield step
