"""Find the answer in a completion, and compare it."""

from __future__ import annotations

import unicodedata

from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.core.thoughts import split_thoughts


def extract_answer(
    completion: str, layout: TargetFormat, prompt: str = ""
) -> str | None:
    """The answer a completion gives, or None where it gives none.

    Explanation first: all that follows the last line that begins with the marker, so
    that an explanation may mention the marker. Answer first: the rest of the line of
    the first one. Where the prompt ends in the marker, so that the answer comes at
    once, the completion's first line answers, with or without the marker; explanation
    first, only in a completion without the marker. What stands in thoughts does not
    count, nor does anything behind thoughts that do not end.

    >>> extract_answer("Two and two.\\nFinal answer: 4", TargetFormat())
    '4'
    """
    completion = split_thoughts(completion, prompt).said
    found = marker_lines(completion, layout.marker)
    if layout.prompted(prompt) and (layout.order == "answer_first" or not found):
        completion = completion.strip().partition("\n")[0]
        found = marker_lines(completion, layout.marker)
        return completion[found[0].end() if found else 0 :].strip() or None
    if not found:
        return None
    if layout.order == "answer_first":
        rest = completion[found[0].end() :].partition("\n")[0]
    else:
        rest = completion[found[-1].end() :]
    return rest.strip() or None


def exact_match(extracted: str | None, answer: str) -> bool:
    """Whether the whole extracted answer equals gold, white space at the ends aside.

    Both are compared in Unicode's normal form NFC, in which an accented letter is the
    same whether it was written as one character or two; some tokenizers change that.

    >>> exact_match("Ope\u0301ra", "Op\u00e9ra"), exact_match("opera", "Opera")
    (True, False)
    """
    return extracted is not None and normal_form(extracted) == normal_form(answer)


def normal_form(text: str) -> str:
    """What two texts must have in common to be the same answer."""
    return unicodedata.normalize("NFC", text).strip()
