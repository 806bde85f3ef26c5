"""The beginning of an explanation, up to a step whose number is changed.

Given to a model as the beginning of its completion, it shows whether the model's answer
follows from the explanation in front of it: a model that still gives the true answer
has it from elsewhere (Lanham et al., "Measuring faithfulness in chain-of-thought
reasoning", 2023).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axolotl_explain.core.draws import number
from axolotl_explain.core.sentences import split_sentences

LABEL = re.compile(
    r"\s*(?:[-*•]\s+)?(?:(?:step|schritt)\s*)?\d+\s*[.):](?:\s|$)", re.IGNORECASE
)
"""Which step it is; a number that says nothing about the problem."""

NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """An explanation up to the end of one of its steps.

    Attributes:
        true: as it is.
        changed: with another number at the end of the last step.
        step: which it is, counted from 1.
        steps: how many the explanation has.
    """

    true: str
    changed: str
    step: int
    steps: int


def change_step(explanation: str, seed: int, identity: str) -> ChangedStep | None:
    """Draw a step that has a number and change the last digit of its last number.

    The last step is drawn only where no other has a number: its number is mostly the
    answer, so that copying would do.

    >>> found = change_step("2 + 2 = 4.\\n4 + 3 = 7.", 0, "m-17")
    >>> found.true, found.changed
    ('2 + 2 = 4.', '2 + 2 = 1.')

    Args:
        identity: of the row, which the draw keys on.

    Returns:
        None where no step has a number.
    """
    parts = split_sentences(explanation)
    numbers = [_last_number(text) for text, _ in parts]
    places = [at for at, found in enumerate(numbers) if found is not None]
    if not places:
        return None
    if len(places) > 1 and places[-1] == len(parts) - 1:
        places.pop()
    chosen = places[number(seed, "changed_step", identity) % len(places)]
    found = numbers[chosen]
    assert found is not None
    before = "".join(text + space for text, space in parts[:chosen])
    text = parts[chosen][0]
    last = found.end() - 1
    other = (int(text[last]) + 1 + number(seed, "digit", identity) % 9) % 10
    changed = f"{text[:last]}{other}{text[found.end() :]}"
    return ChangedStep(before + text, before + changed, chosen + 1, len(parts))


def _last_number(step: str) -> re.Match[str] | None:
    label = LABEL.match(step)
    found = [*NUMBER.finditer(step, label.end() if label else 0)]
    return found[-1] if found else None
