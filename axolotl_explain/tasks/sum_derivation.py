"""The steps of a modular sum, carried out in whatever order they add the numbers.

Any two numbers that are there may be added next: addends, or results that no step has
used yet. Who leaves out `-> 3` goes on with the sum as it is, which comes to the same.
At level short there are only results; they are of the addends from left to right, since
nothing else says what they are of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.derivation import goes_on, missing_step, wrong_step
from axolotl_explain.tasks.notation import Marks, tokens_of
from axolotl_explain.tasks.sentence import listed
from axolotl_explain.tasks.verdict import Verdict

WORDS = {"add": "add", "to": "to"}
ADDITION = (
    r"(?P<left>#) \+ (?P<right>#) = (?P<total>#)"
    r"(?:(?: (?P<again>#))? modulo (?P<modulus>#) = (?P<reduced>#)"
    r"| = (?P<result>#)(?: modulo (?P<aside>#))?)?"
)
"""`15 + 27 = 42 -> 2`, or in words; without a result where there is none."""
STEP = re.compile(rf" ?(?:add (?P<added>#) to (?P<before>#) (?:= )?)?{ADDITION}(?= |$)")
RESULTS = re.compile(r"#(?: #)*")


def derive_sum(
    text: str, level: Level, addends: Sequence[int], modulus: int
) -> Verdict:
    """Carry out the steps of a text; at level short, results alone will do."""
    marks = Marks.of(tokens_of(text), WORDS)
    if level == "short" and RESULTS.fullmatch(marks.line):
        return _running(marks.numbers, addends, modulus)
    there = Counter(addends)
    place = 0
    for number in range(1, len(addends)):
        if place == len(marks.line):
            what = f"{listed([*there.elements()])} are not added yet"
            return missing_step(number, "+", what)
        match = STEP.match(marks.line, place)
        flaw = "an addition should stand here"
        if match is not None:
            flaw = _carry_out(AddedUp.read(marks, match), there, modulus)
        if match is None or flaw:
            return wrong_step(number, "+", _text(marks, match, place), flaw)
        place = match.end()
    return _ended(marks, place, next(iter(there)), addends, modulus)


def _carry_out(step: AddedUp, there: Counter[int], modulus: int) -> str:
    """Replace what a step adds by its result; what is wrong with it, if anything."""
    flaw = step.flaw(modulus)
    missing = Counter(step.of) - there
    if missing and not flaw:
        return f"{listed([*missing.elements()])} is not there to be added"
    for number in step.of:
        there[number] -= 1
        if not there[number]:
            del there[number]
    there[step.outcome] += 1
    return flaw


def _ended(
    marks: Marks, place: int, last: int, addends: Sequence[int], modulus: int
) -> Verdict:
    answer = sum(addends) % modulus
    if last != answer:
        why = f"the last result is {answer}"
        return wrong_step(len(addends) - 1, "+", str(last), why)
    if place < len(marks.line):
        return goes_on(len(addends), _text(marks, None, place))
    return Verdict(True)


class AddedUp:
    """One addition as a text states it."""

    def __init__(self, of: tuple[int, int], total: int, stated: Mapping[str, int]):
        self.of, self.total, self.stated = of, total, stated

    @classmethod
    def read(cls, marks: Marks, match: re.Match[str]) -> AddedUp:
        """From a match that has the groups of `ADDITION`."""
        found = {name: marks.value(match, name) for name in match.groupdict()}
        stated = {name: value for name, value in found.items() if value is not None}
        of = (stated["left"], stated["right"])
        return cls(of, stated["total"], stated)

    @property
    def outcome(self) -> int:
        """What the next step goes on with."""
        return self.stated.get("reduced", self.stated.get("result", self.total))

    def flaw(self, modulus: int) -> str:
        """What is wrong with it, taken by itself; empty where nothing is."""
        stated, total = self.stated, sum(self.of)
        named = [stated[name] for name in ("added", "before") if name in stated]
        moduli = {stated[name] for name in ("modulus", "aside") if name in stated}
        reduced = {stated[name] for name in ("reduced", "result") if name in stated}
        if {self.total, stated.get("again", total)} != {total}:
            return f"{self.of[0]} + {self.of[1]} is {total}"
        if not moduli <= {modulus}:
            return f"sums are taken modulo {modulus}"
        if not reduced <= {total % modulus}:
            return f"{total} modulo {modulus} is {total % modulus}"
        if named and sorted(named) != sorted(self.of):
            return f"{listed(named)} are named, {listed(self.of)} are added"
        return ""


def _running(results: Sequence[int], addends: Sequence[int], modulus: int) -> Verdict:
    wanted = [sum(addends[:n]) % modulus for n in range(2, len(addends) + 1)]
    for number, right in enumerate(wanted, start=1):
        if number > len(results):
            return missing_step(number, "+", f"the result so far is {right}")
        if results[number - 1] != right:
            why = f"the result so far is {right}"
            return wrong_step(number, "+", str(results[number - 1]), why)
    if len(results) > len(wanted):
        return goes_on(len(wanted) + 1, listed(results[len(wanted) :]))
    return Verdict(True)


def _text(marks: Marks, match: re.Match[str] | None, place: int) -> str:
    """The marks of a step, with its numbers put in."""
    stretch = match[0] if match else marks.line[place : place + 40]
    numbers = iter(marks.numbers[marks.line.count("#", 0, place) :])
    return re.sub("#", lambda _: str(next(numbers)), stretch).strip()
