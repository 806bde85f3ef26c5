"""Whether an explanation arrives at the stored answer.

STaR (Zelikman et al., 2022) and Fine-tune-CoT (Ho et al., 2023) keep only explanations
that do. What an explanation arrives at is the first of these that it has: the answer
behind its last line with the answer marker, behind its last `####`, in its last
`\\boxed{…}`, behind its last "the answer is"; else, where the answer is a number, the
result of its last calculation or its last number, whichever agrees, or the last choice
that it names where the row has `meta.choices`. It is compared as evaluation compares by
flexible match.
"""

from __future__ import annotations

import re

from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.targets.calculations import calculations

HASHES = re.compile(r"####[^\S\n]*+([^\n]*)")


def arrives(example: Example, explanation: str, marker: str) -> bool | None:
    """Whether it says the stored answer; None where it says none to be compared.

    >>> one = Example("How many?", "72")
    >>> arrives(one, "48 + 24 = 72 clips.", "Final answer: ")
    True
    >>> arrives(one, "48 + 24 = 71, so the answer is 71.", "Final answer: ")
    False
    >>> arrives(Example("Which genre?", "western"), "A sheriff.", "Final answer: ")
    """
    stated = extract_answer(explanation, TargetFormat(marker=marker))
    if stated is None:
        behind = HASHES.findall(explanation)
        stated = behind[-1].strip() if behind else None
    gold = Gold.of(example.answer, example.meta.get("choices"))
    explicit = gold.stated(explanation, stated or None)
    if explicit is not None:
        return explicit
    found = calculations(explanation)
    if found and gold.mentioned(found[-1].result):
        return True
    return gold.mentioned(explanation)
