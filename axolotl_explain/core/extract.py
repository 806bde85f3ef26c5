"""Find the answer in a completion, and compare it."""

from __future__ import annotations

from axolotl_explain.core.target import TargetFormat, marker_lines


def extract_answer(
    completion: str, layout: TargetFormat, prompt: str = ""
) -> str | None:
    """The answer a completion gives, or None where it gives none.

    Explanation first: all that follows the last line that begins with the marker, so
    that an explanation may mention the marker. Answer first: the rest of the line of
    the first one. Where the prompt ends in the marker, so that the answer comes at
    once, the completion's first line answers, with or without the marker; explanation
    first, only in a completion without the marker.

    >>> extract_answer("Two and two.\\nFinal answer: 4", TargetFormat())
    '4'
    """
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
    """Whether the whole extracted answer equals gold, white space at the ends aside."""
    return extracted is not None and extracted.strip() == answer.strip()
