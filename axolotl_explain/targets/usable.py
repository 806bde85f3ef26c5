"""What of an example's explanations can be trained, and what only looks like one.

A placeholder such as `N/A` explains nothing: the level counts as missing. An
explanation that ends in the line of the answer already, as files of targets do, would
have that line twice: it is cut off the explanation, since the target brings it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from axolotl_explain.core.errors import quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.targets.placeholder import is_placeholder

ROOM = 60
"""Characters that marks and white space around an answer may take."""
BOXED = re.compile(r"\\(?:f?boxed|fbox)\s*\{(.*)\}", re.DOTALL)
MARKS = " \t\n*_\"'`“”‘’.,;:!$"


@dataclass(frozen=True, slots=True)
class Usable:
    """An example with the explanations that can be trained.

    Attributes:
        outcome: what was done to them.
        placeholders: level -> what stood in its place and was left out.
        arrived: the levels whose explanation said the stored answer in its last line.
    """

    example: Example
    outcome: Outcome = Outcome.AS_WANTED
    placeholders: Mapping[Level, str] = field(default_factory=dict)
    arrived: frozenset[Level] = frozenset()

    @property
    def hint(self) -> str:
        """What an error about a missing level says of placeholders; or nothing."""
        told = [
            f"explanations.{level} is {quoted(text)}, which explains nothing"
            for level, text in self.placeholders.items()
        ]
        return f" ({'; '.join(told)}.)" if told else ""


def without_answer_line(explanation: str, answer: str, marker: str) -> str:
    """An explanation without last lines that say the answer behind the marker.

    >>> without_answer_line("9 + 8.\\nFinal answer: 17.", "17", "Final answer: ")
    '9 + 8.'
    """
    core = marker.strip().rstrip(":") or marker.strip()
    # Nothing but the answer, and marks, can stand behind such a line.
    end = explanation[-(len(core) + len(answer) + ROOM) :]
    if core.casefold() not in end.casefold():
        return explanation
    colon = ":" if marker.strip() != core else ""
    begins = rf"(?:^|(?<=[.!?;]))[^\S\n]*[*_]*{re.escape(core)}[*_]*{colon}"
    for found in reversed([*re.finditer(begins, explanation, re.I | re.M)]):
        if _bare(explanation[found.end() :]) != _bare(answer):
            break
        explanation = explanation[: found.start()].rstrip()
    return explanation


def _bare(text: str) -> str:
    boxed = BOXED.fullmatch(text.strip(MARKS))
    return " ".join((boxed[1] if boxed else text).strip(MARKS).split()).casefold()


def usable(example: Example, marker: str) -> Usable:
    """The example without what only looks like an explanation."""
    kept: dict[Level, str] = {}
    placeholders: dict[Level, str] = {}
    arrived: set[Level] = set()
    outcome = Outcome.AS_WANTED
    for level, text in example.explanations.items():
        bare = without_answer_line(text, example.answer, marker)
        if bare != text:
            arrived.add(level)
            outcome |= Outcome.ANSWER_LINE_CUT
        if is_placeholder(bare):
            placeholders[level] = text
            outcome |= Outcome.PLACEHOLDER
        else:
            kept[level] = bare
    if not outcome:
        return Usable(example)
    bare_example = replace(example, explanations=kept)
    return Usable(bare_example, outcome, placeholders, frozenset(arrived))
