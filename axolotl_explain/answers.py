"""Find the answer in a completion, compare it, and say how sure the share is."""

from __future__ import annotations

import math

from axolotl_explain.formats import TargetFormat, marker_lines


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


def wilson_interval(
    successes: int, trials: int, z: float = 1.96
) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, JASA 22, 1927), in [0, 1].

    >>> tuple(round(bound, 3) for bound in wilson_interval(8, 10))
    (0.49, 0.943)

    Raises:
        ValueError: if there are no trials or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes in {trials} trials")
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    spread = share * (1 - share) / trials + z * z / (4 * trials * trials)
    half = z * math.sqrt(spread) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
