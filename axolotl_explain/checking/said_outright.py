"""Where a text says outright that something is the answer.

Behind the marker, `the answer is` or a label such as `"label":`, as an order to reply
with it, or as the last words of an input whose text has come to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.grading.answer_kinds import MARKS
from axolotl_explain.grading.flexible import SENTENCE_END, phrases_in

AROUND = f"{MARKS}()[]{{}}"
LABEL = re.compile(
    r"(?:^|[\s{(\[,;|])[\"'*]*(?:(?:gold|true|correct|right|expected|reference)[\s_-]+)?"
    r"(?P<name>label|ans|target|output|class|category|gold|(?:ground[\s_-]*)?truth|verdict|"
    r"answer[\s_-]*key|key|antwort|(?:correct|right)[\s_-]+(?:choice|option))"
    r"[\"'*]*\s*(?:[:=]|[-=]>)[\s\"'*]*",
    re.IGNORECASE,
)
"""What a file calls its answers; read where it stands once, since examples of how to
answer repeat it."""
WRAP = re.compile(
    r"<(?:answer|final_answer|solution|label|target|output|gold)>\s*"
    r"|\\(?:f?boxed|fbox)\s*\{\s*|#{4}\s+"
    r"|#{1,6}[^\S\n]*(?:(?:correct|final|expected|gold)\s+)?"
    r"(?:answer|label|target|solution|output|result)[^\S\n]*:?[^\S\n]*\n\s*",
    re.IGNORECASE,
)
"""What stands around or above an answer in a solved example."""
LABEL_ENDS = re.compile(r"[.\s]*(?:[\"'*]|\Z|\n|[}\])]|</|\.\s)")
ORDER = re.compile(
    r"(?:^|[.!?:;]\s+|\n\s*)(?:(?:just|please|simply|only|now|then|always)\s+)*"
    r"(?:reply|respond|answer|write|say|output|return|print|give|state|choose|pick|"
    r"select)"
    r"(?:\s+(?:with|by|only|just|exactly|simply|the\s+(?:number|word|letter|value|text|"
    r"label)))*\s*:?\s*[\"'(*`]*",
    re.IGNORECASE,
)
ORDER_ENDS = re.compile(r"[\"')*`]*\s*(?:[.!]?\s*(?:\Z|\n)|[.!]\s)")
GOES_ON = re.compile(r"[,;:]?\s+(?:so|and|as|because|since|which|but)\b|[;:(–—]|,\s")
"""How a sentence goes on behind the answer that it has said."""
IN_DOUBT = re.compile(
    r"\b(?:if|whether|when|where|unless|suppose|assume|not|or|either|between|oder|wenn)"
    r"\b|\?|/",
    re.IGNORECASE,
)
ASKED = re.compile(r"(?P<said>[^\n]*)(?:[.?!][\"')]*[^\S\n]*\n\s*|[?!][\"')]*\s+)\Z")
"""A line that has come to its end, before what stands last."""
SHORT_ANSWER = 3
LEAST_SAID = 4
"""Words; a shorter line before the answer may be a choice, as the last one is."""


def bare(text: str) -> str:
    """A text in lower case and single spaces, without marks around it."""
    return " ".join(text.strip(AROUND).split()).casefold()


def said_answer(text: str, gold: str, layout: TargetFormat) -> str:
    """The words in which a text says an answer outright; empty where it does not.

    Args:
        gold: the answer, in lower case and without marks around it.
    """
    for said in _said_answers(text, gold, layout):
        if bare(said) == gold:
            return said.strip()
    lowered = text.casefold()
    marks = (LABEL, WRAP) if _behind_colon(lowered, gold) else (WRAP,)
    for mark in marks:
        if said := _behind(mark, LABEL_ENDS, text, gold):
            return said
    ends = any(ORDER_ENDS.match(lowered, end) for end in _ends(lowered, gold))
    return _behind(ORDER, ORDER_ENDS, text, gold) if ends else ""


def ending_answer(text: str, gold: str) -> str:
    """The last words of a text, where they are the answer and no part of it.

    >>> ending_answer("It holds 9; a cart brings 8 more.\\n17", "17")
    '17'
    >>> ending_answer("Is it red or blue?\\nred\\nblue", "blue")
    ''
    """
    end = text.rstrip(AROUND)
    if gold.count(" ") >= SHORT_ANSWER or not end.casefold().endswith(gold):
        return ""
    before = end[: len(end) - len(gold)].rstrip("\"'*`$([{“‘")
    found = ASKED.search(before)
    if found is None or len(found["said"].split()) < LEAST_SAID:
        return ""
    return text[len(before) :].strip()


def _behind(mark: re.Pattern[str], ends: re.Pattern[str], text: str, gold: str) -> str:
    """What says the answer behind a mark that a text has once."""
    found = [*mark.finditer(text)]
    if len(found) != 1:
        return ""
    rest = text[found[0].end() :]
    if not rest.casefold().startswith(gold) or not ends.match(rest[len(gold) :]):
        return ""
    return f"{found[0][0]}{rest[: len(gold)]}".strip()


def _behind_colon(lowered: str, gold: str) -> bool:
    """Whether the answer stands anywhere as it would behind a label."""
    for end in _ends(lowered, gold):
        before = end - len(gold) - 1
        while before >= 0 and (lowered[before] in "\"'*" or lowered[before].isspace()):
            before -= 1
        if before >= 0 and lowered[before] in ":=>":
            return True
    return False


def _ends(lowered: str, gold: str) -> Iterator[int]:
    """Where a text has the answer: the place behind each."""
    place = lowered.find(gold)
    while place >= 0:
        yield place + len(gold)
        place = lowered.find(gold, place + 1)


def _said_answers(text: str, gold: str, layout: TargetFormat) -> Iterator[str]:
    for found in marker_lines(text, layout.marker):
        yield text[found.end() :].partition("\n")[0]
    for phrase in phrases_in(text):
        said = SENTENCE_END.split(text[phrase.end() :], maxsplit=1)[0]
        yield said
        yield _first_said(text, phrase, said, gold)


def _first_said(text: str, phrase: re.Match[str], said: str, gold: str) -> str:
    """The answer that a sentence says and then goes on; empty where it is in doubt."""
    words = said.lstrip(AROUND)
    behind = words[len(gold) :].lstrip("\"'*`”’)")
    if not words.casefold().startswith(gold) or not GOES_ON.match(behind):
        return ""
    before = re.split(r"[.!?]\s|\n", text[: phrase.start()])[-1]
    return "" if IN_DOUBT.search(f"{before} {said}") else gold
