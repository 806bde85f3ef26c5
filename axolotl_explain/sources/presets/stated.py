"""Where a text says its answer in prose: `The answer is Paris. It has been …`.

The answer ends with its sentence, or with its quotation marks. That "the reason for the
answer is …" or "the answer is that …" states none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

OF_KIND = r"(?:(?:correct|final|right|best|short|full|most\s+likely|overall)\s+)*"
SAID = re.compile(
    r"(?:^|(?<=[\s(*_#。]))(?:(?:so|hence|thus|therefore|then|finally),?\s+)?"
    r"(?:(?:"
    rf"(?:the|my|our)\s+{OF_KIND}answer(?:\s+to\s[^.:\n]{{1,80}}?)?"
    rf"|(?P<bare>{OF_KIND}answer)"
    r")(?:\s+is\b[*_]*\s*:?|[*_]*\s*:)"
    r"|(?P<titled>(?:\w+[^\S\n]+){1,3}answer)[*_]*\s*:)"
    r"[*_\s]*(?P<rest>[^\n]*[^\s.\n])",
    re.IGNORECASE,
)
ABOUT_IT = re.compile(
    r"\b(?:behind|for|of|to|about|with|from|in|on|by|against|supports?|explains?)$",
    re.IGNORECASE,
)
"""Words in front of "the answer" that make another thing of what is said."""
NO_ANSWER = re.compile(
    r"(?:that|because|based|as\s+follows|correct|incorrect|wrong|right|given|found|"
    r"not|also|therefore|derived|obtained|due)\b",
    re.IGNORECASE,
)
CLOSING = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}
SENTENCE_END = re.compile(r"[.!?](?=[\"'”’)*_]*(?:\s|$))|[。！？]")
TITLE = re.compile(
    r"\b(?:mr|mrs|ms|dr|st|prof|vs|mt|ft|gen|col|lt|rev|approx|fig|e\.g|i\.e)$", re.I
)
NUMBERED = re.compile(r"\bno$", re.I)
INITIAL = re.compile(
    r"(?:(?<!\w)(?:[A-Za-z]\.\s?)+[A-Za-z]|(?<![\w.])[A-Z][a-z]+\s[A-Z])$"
)
NEW_SENTENCE = re.compile(
    r"\s+(?:it|its|the|this|that|these|he|she|they|we|you|i|a|an|in|on|at|there|so|"
    r"therefore|because|as|since|if|when|here|now|but|and)\b",
    re.IGNORECASE,
)
REASON = re.compile(r"(?:,\s*(?:because|since|as|which|so|given)|\s+because)\b", re.I)
MARKS = " *_\t"


class StatedAnswer(NamedTuple):
    """An answer and the part of the text that states it."""

    start: int
    end: int
    answer: str
    begins_sentence: bool

    def is_all_of(self, text: str) -> bool:
        """Whether a text says nothing else."""
        beside = text[: self.start] + text[self.end :]
        return not beside.strip(" .*_#\t")


def stated_answer(text: str, begin: int = 0) -> StatedAnswer | None:
    """The last answer that a text states from a place on; None where it states none.

    >>> stated_answer("So I pick it. The answer is 'B'. It is true.").answer
    'B'
    """
    for said in reversed([*SAID.finditer(text, begin)]):
        before = text[: said.start()].rstrip(" \t*_#(")
        begins = not before or before[-1] in ".!?:;。\n"
        if (said["bare"] or said["titled"]) and not begins:
            continue
        if ABOUT_IT.search(before) or NO_ANSWER.match(said["rest"]):
            continue
        answer, length = _first_sentence(said["rest"])
        if answer:
            end = said.start("rest") + length
            return StatedAnswer(said.start(), end, answer, begins)
    return None


def _first_sentence(rest: str) -> tuple[str, int]:
    """The answer that a text begins with, and how much of the text that takes."""
    closing = CLOSING.get(rest[0])
    close = rest.find(closing, 1) if closing else -1
    if close > 0 and not rest[close + 1 : close + 2].isalnum():
        return rest[1:close].rstrip(".,"), close + 1
    end = len(rest)
    for found in SENTENCE_END.finditer(rest):
        if _ends(rest[: found.start()], rest[found.end() :]):
            end = found.start()
            break
    reason = REASON.search(rest, 0, end)
    end = reason.start() if reason else end
    return rest[:end].strip(MARKS + "\"'"), end


def _ends(before: str, behind: str) -> bool:
    """Whether a full stop between two texts ends a sentence, or shortens a word.

    >>> _ends("Dr", " Smith"), _ends("J", " K. Rowling"), _ends("no", " Ice melts.")
    (False, False, True)
    """
    if TITLE.search(before) or (
        NUMBERED.search(before) and behind[:2].strip().isdigit()
    ):
        return False
    if len(before) == 1 and re.match(r"\s[A-Z]\.", behind):
        return False
    return not INITIAL.search(before) or NEW_SENTENCE.match(behind) is not None
