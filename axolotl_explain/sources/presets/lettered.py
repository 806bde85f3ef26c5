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
SAID = re.compile(
    r"(?:^|[\s.,;])(?:(?:so|hence|thus|therefore|and)\b,?\s*)?(?:the\s+)?"
    r"(?:(?:correct|right|final)\s+)?(?:answer|ans|option|choice)(?:\s+is)?\b"
    r"[\s\-:=.]*(?:option\s*)?\(?\b([A-Ea-e])\b\s*\)?[\s.!\"]*$",
    re.IGNORECASE,
)
ALONE = re.compile(r"\n\s*\(?([A-E])\)?\.?$")
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
    raise _no_choice(answer, texts)


def without_answer(rationale: str, letter: str) -> str:
    """A rationale without an end that only names the right letter.

    One that names another letter stays as it is, for checks to find.

    >>> without_answer("8 + 9 = 17.\\nCorrect answer - A", "A")
    '8 + 9 = 17.'
    """
    rationale = rationale.strip()
    start = max(0, len(rationale) - TAIL)
    found = SAID.search(rationale, start) or ALONE.search(rationale, start)
    if found is None or found[1].upper() != letter:
        return rationale
    # The character in front of the words may be the full stop of a sentence.
    stop = 1 if rationale[found.start()] == "." else 0
    return rationale[: found.start() + stop].rstrip(" \n,;=>-")


def _bare(text: str) -> str:
    return " ".join(text.strip(" .,;:!?\"'()").casefold().split())


def _no_choice(answer: str, texts: Sequence[str]) -> BadRow:
    return BadRow(
        f"answer: {quoted(answer)} is none of the choices {quoted(list(texts))}.",
        "answer is none of the choices" if answer else "no answer",
    )
