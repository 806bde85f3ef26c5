"""Example + level + order -> prompt and target: the one place that knows delimiters.

With the default marker, and the explanation first, a target reads

    The sheriff, the saloon and the duel …
    Final answer: western

With the answer first the two parts change places; at level `none` the answer line
stands alone, so that one extractor (`axolotl_explain.core.extract`) serves every level.
Under `order: multitask` an example becomes two rows, as in Distilling Step-by-Step
(Hsieh et al., 2023): the answer line alone, which is level `none`, and the explanation
alone; the words of the prompt say which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from axolotl_explain.core.errors import BadRow, ExplainError, shown
from axolotl_explain.core.levels import Level

Order = Literal["explanation_first", "answer_first", "multitask"]
Task = Literal["predict", "explain"]
ANSWER_MARKER = "Final answer: "

LEVEL_REQUESTS: dict[Level, str] = {
    "none": "Give the answer alone, without an explanation.",
    "short": "Give a short explanation with the answer.",
    "medium": "Give an explanation of medium length with the answer.",
    "long": "Give a long explanation, with every step, and the answer.",
}
"""What the prompt says where more than one level is in play."""

EXPLAIN_REQUESTS: dict[Level, str] = {
    "short": "Keep it short.",
    "medium": "Let it be of medium length.",
    "long": "Let it be long, with every step.",
}
"""The same under `order: multitask`, where an explanation comes without the answer."""

TASK_REQUESTS: dict[Task, str] = {
    "predict": "Predict the answer.",
    "explain": "Explain how to arrive at the answer.",
}
"""What the prompt says under `order: multitask`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A text with its weight in the loss: 0 for a prompt, 1 for what is trained.

    Weights between are allowed; whoever reads one multiplies the loss of its tokens.
    """

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TargetFormat:
    """How an explanation and an answer become one text."""

    order: Order = "explanation_first"
    marker: str = ANSWER_MARKER

    def __post_init__(self) -> None:
        if not self.marker.strip() or "\n" in self.marker:
            raise ExplainError(
                f"the answer marker {shown(self.marker)} must be one line of text, "
                f"such as {ANSWER_MARKER!r}."
            )

    def target(
        self, answer: str, explanation: str = "", prompt: str = ""
    ) -> tuple[Segment, ...]:
        """The gold text after a prompt; an empty explanation leaves the answer alone.

        Where the prompt itself ends in the marker and the answer comes at once, the
        marker is not said twice; an explanation begins a line of its own.

        Raises:
            BadRow: if the answer could not be found again in the target.

        >>> TargetFormat().target("17", "8 + 9 = 17.")
        (Segment(text='8 + 9 = 17.\\nFinal answer: 17', weight=1.0),)
        """
        self.check_answer(answer, bool(explanation), prompt)
        if not explanation:
            return (Segment(self.answer_line(answer, prompt)),)
        if self.order == "answer_first":
            return (Segment(f"{self.answer_line(answer, prompt)}\n{explanation}"),)
        lead = "\n" if self.prompted(prompt) and not prompt.endswith("\n") else ""
        if not self.has_answer(explanation):
            return (Segment(lead + explanation),)
        return (Segment(f"{lead}{explanation}\n{self.marker}{answer}"),)

    def has_answer(self, explanation: str) -> bool:
        """Whether a target with this explanation has an answer in it."""
        return self.order != "multitask" or not explanation

    def answer_line(self, answer: str, prompt: str = "") -> str:
        """The answer behind its marker, unless the prompt has said the marker."""
        if not self.prompted(prompt):
            return self.marker + answer
        return answer if prompt[-1:].isspace() else f" {answer}"

    def prompted(self, prompt: str) -> bool:
        """Whether a prompt ends in the marker, white space aside."""
        return prompt.rstrip().endswith(self.marker.strip())

    def check_answer(self, answer: str, explained: bool, prompt: str = "") -> None:
        """Refuse answers that no extractor could read back from their target."""
        if "\n" in answer and self.order == "answer_first":
            raise BadRow(
                f"answer: {shown(answer)} has several lines, so its end could not be "
                "told from the explanation after it; use order: explanation_first.",
                "answer has several lines, with order: answer_first",
            )
        if "\n" in answer and not explained and self.prompted(prompt):
            raise BadRow(
                f"answer: {shown(answer)} has several lines, and only the first is "
                f"read after a prompt that ends in the answer marker {self.marker!r}; "
                "remove the marker from the end of the prompt.",
                "answer has several lines, after a prompt that ends in the marker",
            )
        if marker_lines(answer, self.marker):
            raise BadRow(
                f"answer: {shown(answer)} has a line that begins with the answer "
                f"marker {self.marker!r}; set explain.answer_marker to other words.",
                "answer holds the answer marker",
            )


def marker_lines(text: str, marker: str) -> list[re.Match[str]]:
    """Where lines of a text begin with the marker, white space aside, in order."""
    pattern = rf"^[^\S\n]*{re.escape(marker.strip())}[^\S\n]*"
    return list(re.finditer(pattern, text, re.MULTILINE))


def with_request(instruction: str, level: Level, requests: Mapping[Level, str]) -> str:
    """The instruction with a line that says what is wanted, where there is one."""
    request = requests.get(level, "")
    return f"{instruction}\n{request}" if request else instruction
