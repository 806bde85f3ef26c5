"""Choice questions: the choices as a lettered list, and which of them is right.

Whatever a dataset states as the answer (a letter, the text of a choice, its index), the
example's answer is the letter of its place in the list, `A` for the first; so one
letter is what is trained and compared, and never the wording of a choice.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.core.example import as_text

LETTERS = string.ascii_uppercase
PREFIX = r"^\s*\(?{letter}\s*[).:]\s*"
LETTER = r"[(\[\"'*]*\b(?P<letter>[A-E])\b"
LEAD = r"(?:(?:(?:so|hence|thus|therefore|and|then)\b|[∴⇒→]|=+>)[\s,:]*)"
OF_KIND = r"(?:correct|right|final|required|best)\s+"
NOUN = r"(?:answer|ans|option|choice)s?"
CHOOSE = r"(?:we\s+)?(?:choose|pick|select|mark)\s+"
LINK = r"(?:\s*(?:(?:is|(?:will|would|must|should)\s+be)\b|[-–—:=.,;>]))*\s*"
BEGIN = r"(?:^|(?<=[\s.,;:!?)\]>*]))"
NAMES = (
    # Answer choice B; Hence, the answer will be B; CORRECT OPTION:(Option B)
    rf"{BEGIN}{LEAD}*(?:{CHOOSE})?(?:(?:the|our|my)\s+)?(?:{OF_KIND})*{NOUN}(?:\s+{NOUN})*\b{LINK}"
    rf"[(\[]?(?:{NOUN}\b{LINK})?{LETTER}",
    # Thus, C is the correct answer; option B is right
    rf"(?:{BEGIN}{LEAD}+|(?:^|(?<=[\n.,;:!?]))\s*)(?:(?:the\s+)?{NOUN}\s+)?{LETTER}"
    rf"[)\]\"']*\s*(?:is|(?:will|must|should)\s+be)\s+(?:(?:the|our|my)\s+)?"
    rf"(?:{OF_KIND})*(?:{NOUN}|correct|right)\b",
    # So B; a letter that is a line of its own
    rf"(?:(?<=\n)|^)\s*{LEAD}*(?:{CHOOSE})?[(\[*]*(?-i:(?P<letter>[A-E]))\b",
)
NAMED = [re.compile(one + r"(?P<rest>[^\n]*)$", re.IGNORECASE) for one in NAMES]
"""Ends that name a letter; what follows it is looked at where one is found."""
UNFINISHED = re.compile(
    rf"\b(?:{NOUN}|that|is|are|be|as|to|of|for|with|by|in|at|than|which|gives|get|"
    r"means|find|see|say|us|the|our|my|we|choose|pick|select|mark)$",
    re.IGNORECASE,
)
"""Words that what is left of a rationale cannot end in."""
HAS_NOUN = re.compile(rf"\b{NOUN}\b", re.IGNORECASE)
SENTENCE_START = re.compile(r"[.!?](?:\s|$)|\n")
MARKS = " \t.,;:!?*\"'()[]{}"
TAIL = 200
"""Where the letter is looked for, in characters from the end."""


def choice_texts(value: object) -> list[str]:
    """The texts of the choices, from any of the forms that copies have.

    These are a list of texts (their own `A)` cut), `{text: […], label: […]}`, a list
    of `{text, label}`, and `{A: …, B: …}`.

    Raises:
        BadRow: for anything else, or more choices than letters.

    >>> choice_texts(["A)125", "B)150"]), choice_texts({"text": ["red"], "label": "A"})
    (['125', '150'], ['red'])
    """
    if isinstance(value, Mapping):
        inner = value.get("text")
        value = inner if inner is not None else [v for v in value.values() if v]
    if not isinstance(value, list | tuple) or not value:
        raise BadRow(f"choices: {quoted(value)} is no list of choices.", "no choices")
    if len(value) > len(LETTERS):
        raise BadRow(f"choices: there are {len(value)}.", "more than 26 choices")
    texts = [
        as_text(one.get("text") if isinstance(one, Mapping) else one, "choices")
        for one in value
    ]
    found = [
        re.match(PREFIX.format(letter=letter), text, re.IGNORECASE)
        for letter, text in zip(LETTERS, texts, strict=False)
    ]
    if all(found):
        return [
            text[match.end() :] if match else text
            for text, match in zip(texts, found, strict=True)
        ]
    return texts


def choice_labels(value: object) -> list[str]:
    """The dataset's own labels of the choices, or the first letters."""
    if isinstance(value, Mapping) and value.get("label"):
        return [str(label) for label in value["label"]]
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return [str(one.get("label")) for one in value]
    return list(LETTERS)


def choice_list(texts: Sequence[str]) -> str:
    """The choices, one a line.

    >>> print(choice_list(["red", "blue"]))
    A) red
    B) blue
    """
    pairs = zip(LETTERS, texts, strict=False)
    return "\n".join(f"{letter}) {text}" for letter, text in pairs)


def by_letter(answer: str, texts: Sequence[str], labels: Any = LETTERS) -> str:
    """The letter of the choice that a label names.

    Args:
        labels: those of the dataset, in the order of the texts.

    Raises:
        BadRow: if it names none.
    """
    name = answer.strip(" ().").casefold()
    for letter, label, _ in zip(LETTERS, labels, texts, strict=False):
        if name == str(label).strip().casefold():
            return letter
    raise _no_choice(answer, texts)


def by_index(answer: str, texts: Sequence[str]) -> str:
    """The letter of the choice at an index that counts from 0.

    Raises:
        BadRow: if there is none.
    """
    if answer.isdecimal() and int(answer) < len(texts):
        return LETTERS[int(answer)]
    raise _no_choice(answer, texts)


def by_text(answer: str, texts: Sequence[str]) -> str:
    """The letter of the choice with a text, case and outer marks aside.

    Raises:
        BadRow: if none or several have it.
    """
    for key in (str.strip, _bare):
        places = [n for n, text in enumerate(texts) if key(text) == key(answer)]
        if len(places) == 1:
            return LETTERS[places[0]]
        if places:
            raise BadRow(
                f"answer: {quoted(answer)} is several of the choices "
                f"{quoted(list(texts))}.",
                "answer is several of the choices",
            )
    raise _no_choice(answer, texts)


def without_answer(rationale: str, letter: str, choice: str = "") -> str:
    """A rationale without an end that only names the right letter.

    One that names another letter stays as it is, for checks to find; so does an end
    that is the rest of a longer sentence, which would be left unfinished.

    Args:
        choice: the text of the right choice, which the end may say too.

    >>> without_answer("8 + 9 = 17.\\nCorrect answer - A", "A")
    '8 + 9 = 17.'
    >>> without_answer("It is 17. We see that the answer is A", "A")
    'It is 17. We see that the answer is A'
    """
    rationale = rationale.strip()
    for pattern in NAMED:
        found = pattern.search(rationale, max(0, len(rationale) - TAIL))
        while found:
            left = rationale[: found.start()]
            if _names(found, letter, choice) and _is_finished(left):
                return left.rstrip(" \n,;=>-*")
            found = pattern.search(rationale, found.start() + 1)
    return rationale


def _names(found: re.Match[str], letter: str, choice: str) -> bool:
    rest = found["rest"].strip(MARKS)
    return found["letter"].upper() == letter and rest in ("", choice.strip(MARKS))


def _is_finished(left: str) -> bool:
    sentence = SENTENCE_START.split(left)[-1]
    return not (UNFINISHED.search(sentence.rstrip()) or HAS_NOUN.search(sentence))


def _bare(text: str) -> str:
    return " ".join(text.strip(" .,;:!?\"'()").casefold().split())


def _no_choice(answer: str, texts: Sequence[str]) -> BadRow:
    return BadRow(
        f"answer: {quoted(answer)} is none of the choices {quoted(list(texts))}.",
        "answer is none of the choices" if answer else "no answer",
    )
