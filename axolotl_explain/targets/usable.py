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

ROOM = 60
"""Characters that marks and white space around an answer may take."""
BOXED = re.compile(r"\\(?:f?boxed|fbox)\s*\{(.*)\}", re.DOTALL)
MARKS = " \t\n*_\"'`“”‘’.,;:!$"
LONGEST = 60
"""Characters of a placeholder; a longer text says something."""

_AROUND = r"[-–—_.…?!*/\\#~+=|'\"()\[\]{}<>,;:·•&%$@^`\s]*"
_NAME = r"(?:explanation|rationale|reasoning|reason|justification|comment)s?"
_ABSENT = (
    r"(?:available|applicable|provided|given|needed|required|known|found|written|"
    r"specified|supplied)"
)
_WORDS = "|".join(
    [
        r"n\s?[./\\]?\s?a",
        r"none|null|nil|nan|undefined|unknown|missing|empty|blank|unavailable|pending",
        r"(?:lorem ipsum|to ?do:|fixme:|tbd:).*|to ?do(?:\s+later)?|tb[adc]|fixme|wip",
        r"xxx+|string|placeholder(?:\s+text)?",
        r"(?:an\s+)?error(?:\s+(?:occurred|(?:while\s+)?generating\b.*))?",
        r"(?:api|request|internal\s+server)\s+error|failed|time\s?out|timed\s+out",
        r"(?:i(?:['’]?m|\s+am)\s+)?(?:not\s+sure|unsure)|no\s+idea|idk|dunno",
        r"i\s+(?:do\s+not|don['’]?t)\s+know|(?:ref|value|name|num|div/0)!",
        r"to be (?:added|written|done|determined|defined|decided|completed|filled in)",
        rf"(?:(?:insert|write|add|enter|put)\s+)?(?:(?:your|an?|the|my|some|example|"
        rf"sample)\s+)*{_NAME}(?:\s+(?:goes\s+)?here)?",
        rf"missing\s+{_NAME}",
        rf"(?:not|no|none|un)[\s-]*(?:yet\s+)?{_ABSENT}",
        rf"(?:there\s+(?:is|was)\s+)?no\s+{_NAME}"
        rf"(?:\s+(?:(?:is|was|are|were|has\s+been)\s+)?{_ABSENT})?",
        rf"{_NAME}\s+(?:(?:is|was|are|were)\s+)?(?:not\s+{_ABSENT}|unavailable|missing)",
        r"(?:see|same\s+as)\s+(?:above|below|before|previous(?:ly)?)|as\s+above|ditto",
        r"k\.\s?A|keine?(?:\s+(?:Angaben?|Erklärung|Begründung))?",
        r"ningun[oa]|aucune?|nessuna|nenhuma|暂无|无|無|なし|없음",
    ]
)
_PLACEHOLDER = re.compile(
    rf"(?:{_AROUND}(?:{_NAME}\s*:\s*)?(?:{_WORDS}){_AROUND}"
    rf"|{_AROUND}n\s?[./\\]?\s?a\s*[-–—:(,.;]\s*(?:{_WORDS}){_AROUND}"
    r"|[\[({<\"']?[-–—_.…?!*/\\#~\s]*[\])}>\"']?)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?(?:think|thinking|thought|reasoning|explanation|rationale)>")


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


def is_placeholder(text: str) -> bool:
    """Whether a text stands for an explanation that nobody wrote.

    >>> [is_placeholder(text) for text in ("N/A", "…", "[TODO]", "None of it is red.")]
    [True, True, True, False]
    """
    if len(text) > LONGEST:
        return False
    bare = _TAG.sub("", text) if text.startswith("<") else text
    return bool(_PLACEHOLDER.fullmatch(bare))


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
