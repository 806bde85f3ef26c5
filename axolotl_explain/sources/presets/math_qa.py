"""MathQA: AQuA's problems cleaned up, lower case, with programs.

    {"Problem": "a car needs 2 hours for 90 miles . how fast is it ?",
     "Rationale": "\\"speed = 90 / 2 = 45 . answer : b\\"",
     "options": "a ) 30 , b ) 45 , c ) 60 , d ) 90 , e ) none of these",
     "correct": "b", "annotated_formula": "divide(90, 2)",
     "linear_formula": "divide(n0,n1)|", "category": "physics"}

The options are one string, in some rows a list written as one; rationales stand in
quotes of their own.
"""

from __future__ import annotations

import re

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import (
    LETTERS,
    by_letter,
    choice_list,
    choice_texts,
    without_answer,
)
from axolotl_explain.sources.presets.preset import Fields, Preset


def options(text: str) -> list[str]:
    """The choices of a string, found by their letters in order.

    Raises:
        BadRow: if there are not two at least.

    >>> options("a ) 1 , 000 , b ) rs . 20 , c ) none")
    ['1 , 000', 'rs . 20', 'none']
    """
    cuts: list[tuple[int, int]] = []
    for letter in LETTERS.lower():
        begin = cuts[-1][1] if cuts else 0
        pattern = re.compile(rf"(?:^|[\s,\['\"]){letter}\s*\)")
        found = pattern.search(text, begin)
        if found is None:
            break
        cuts.append(found.span())
    if len(cuts) < 2:
        raise BadRow(f"options: {quoted(text)} has no letters.", "no choices")
    ends = [*(start for start, _ in cuts[1:]), len(text)]
    return [
        text[begin:end].strip(" ,'\"[]")
        for (_, begin), end in zip(cuts, ends, strict=True)
    ]


def read(row: Fields) -> Draft:
    """Problem, lettered options, rationale without quotes and letter."""
    given = row.value("options")
    texts = options(given) if isinstance(given, str) else choice_texts(given)
    letter = by_letter(row.text("correct"), texts)
    choice = texts[LETTERS.index(letter)]
    rationale = row.text("Rationale").strip("\" '\n")
    return Draft(
        row.needed("Problem"),
        letter,
        choice_list(texts),
        {"medium": [without_answer(rationale, letter, choice)]},
        meta={"choices": texts, "category": row.text("category")},
    )


PRESET = Preset(
    columns={
        "Problem": ("Problem", "problem", "question"),
        "Rationale": ("Rationale", "rationale"),
        "options": ("options", "Options", "choices"),
        "correct": ("correct", "Correct", "answer"),
        "category": ("category",),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "Problem", "answer": "correct", "medium": "Rationale"},
    any_answer={"correct": "a"},
)
