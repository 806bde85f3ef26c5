"""Texts that stand where somebody or something has still to write an explanation."""

from __future__ import annotations

import re

LONGEST = 60
"""Characters; a longer text says something."""

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


def is_placeholder(text: str) -> bool:
    """Whether a text stands for an explanation that nobody wrote.

    >>> [is_placeholder(text) for text in ("N/A", "…", "[TODO]", "None of it is red.")]
    [True, True, True, False]
    """
    if len(text) > LONGEST:
        return False
    bare = _TAG.sub("", text) if text.startswith("<") else text
    return bool(_PLACEHOLDER.fullmatch(bare))
