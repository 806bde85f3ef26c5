"""How a labelled sum is written: with links, or in the order of the alphabet.

`tasks.labelled_sum` shows both forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from string import ascii_lowercase as LETTERS

from axolotl_explain.core.errors import ExplainError, quoted

END = "end"
"""Stands where the last addend would name the next."""
UNASKED = (0, 0, 0, 1, 2)
"""How many letters are not asked for (without links: on either side); one is drawn. In
many problems there are none, which are the easier ones to begin to learn from."""

LINKED = re.compile(rf"([a-z]) ([0-9]{{1,18}}) ([a-z]|{END})")
LINKED_ASKED = re.compile(r"from ([a-z])")
ADDEND = re.compile(r"([a-z]) ([0-9]{1,18})")
ASKED = re.compile(r"from ([a-z]) to ([a-z])")


def linked_lines(rng: Random, length: int, highest: int) -> list[str]:
    """A problem whose addends name each other."""
    unasked = min(rng.choice(UNASKED), len(LETTERS) - length)
    letters = rng.sample(LETTERS, length + unasked)
    following = [*letters[1:length], END]
    following += [rng.choice([*letters, END]) for _ in range(unasked)]
    lines = [
        f"{letter} {rng.randint(0, highest)} {after}"
        for letter, after in zip(letters, following, strict=True)
    ]
    rng.shuffle(lines)
    return [*lines, f"from {letters[0]}"]


def alphabet_lines(rng: Random, length: int, highest: int) -> list[str]:
    """A problem whose addends follow the alphabet."""
    first = rng.randint(0, len(LETTERS) - length)
    last = first + length - 1
    low = max(0, first - rng.choice(UNASKED))
    high = min(len(LETTERS) - 1, last + rng.choice(UNASKED))
    lines = [f"{LETTERS[at]} {rng.randint(0, highest)}" for at in range(low, high + 1)]
    rng.shuffle(lines)
    return [*lines, f"from {LETTERS[first]} to {LETTERS[last]}"]


def parse(text: str) -> dict[str, int]:
    """Letter -> its number for those that are asked for, in the order of the sum.

    Raises:
        ExplainError: if it is no labelled sum.
    """
    *lines, last = [line.strip() for line in text.strip().split("\n")]
    asked, linked_asked = ASKED.fullmatch(last), LINKED_ASKED.fullmatch(last)
    found = None
    if asked:
        found = _between(_matched(ADDEND, lines), asked[1], asked[2])
    elif linked_asked:
        found = _along(_matched(LINKED, lines), linked_asked[1])
    if found is None or len(found) < 2:
        raise ExplainError(
            f"input: {quoted(text)} is no labelled sum such as "
            f"'b 7 end\\na 3 b\\nfrom a' or 'b 7\\na 3\\nfrom a to b'."
        )
    return found


def _matched(form: re.Pattern[str], lines: Sequence[str]) -> dict[str, re.Match[str]]:
    """Letter -> its line; nothing if a line does not match or a letter stands twice."""
    found = [form.fullmatch(line) for line in lines]
    by_letter = {match[1]: match for match in found if match}
    return by_letter if len(by_letter) == len(lines) else {}


def _between(
    lines: Mapping[str, re.Match[str]], first: str, last: str
) -> dict[str, int] | None:
    """The numbers of the letters from one to another; None if one is missing."""
    asked = LETTERS[LETTERS.index(first) : LETTERS.index(last) + 1]
    if any(letter not in lines for letter in asked):
        return None
    return {letter: int(lines[letter][2]) for letter in asked}


def _along(lines: Mapping[str, re.Match[str]], first: str) -> dict[str, int] | None:
    """The numbers from a letter on to the end; None if there is no way there."""
    found: dict[str, int] = {}
    letter = first
    while letter != END:
        if letter in found or letter not in lines:
            return None
        found[letter] = int(lines[letter][2])
        letter = lines[letter][3]
    return found
