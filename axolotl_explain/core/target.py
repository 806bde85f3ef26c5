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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.levels import Level
from axolotl_explain.core.thoughts import has_tags

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


class Kind(IntEnum):
    """What a token of a training row belongs to.

    A marker is whatever is always the same around an explanation and an answer: the
    answer marker, line breaks, the tags of a thinking channel. OTHER is what another
    type of Axolotl wrote, and stands in no row of ours.
    """

    PROMPT = 0
    EXPLANATION = 1
    MARKER = 2
    ANSWER = 3
    END = 4
    OTHER = 5


class Segment(NamedTuple):
    """A part of a training row as text."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class TargetFormat:
    """How an explanation and an answer become one text."""

    order: Order = "explanation_first"
    marker: str = ANSWER_MARKER

    def __post_init__(self) -> None:
        if not self.marker.strip() or "\n" in self.marker:
            raise ExplainError(
                f"the answer marker {quoted(self.marker)} must be one line of text, "
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

        >>> [(part.text, part.kind.name) for part in TargetFormat().target("17", "9+8")]
        [('9+8', 'EXPLANATION'), ('\\nFinal answer: ', 'MARKER'), ('17', 'ANSWER')]
        """
        self.check_answer(answer, bool(explanation), prompt)
        value, explained = (answer, Kind.ANSWER), (explanation, Kind.EXPLANATION)
        if not explanation:
            return _segments((self._marker_behind(prompt), Kind.MARKER), value)
        if self.order == "answer_first":
            marker = self._marker_behind(prompt), Kind.MARKER
            return _segments(marker, value, ("\n", Kind.MARKER), explained)
        lead = "\n" if self.prompted(prompt) and not prompt.endswith("\n") else ""
        begin = lead, Kind.MARKER
        if not self.has_answer(explanation):
            return _segments(begin, explained)
        return _segments(begin, explained, (f"\n{self.marker}", Kind.MARKER), value)

    def has_answer(self, explanation: str) -> bool:
        """Whether a target with this explanation has an answer in it."""
        return self.order != "multitask" or not explanation

    def _marker_behind(self, prompt: str) -> str:
        """The marker, unless the prompt has it already."""
        if not self.prompted(prompt):
            return self.marker
        return "" if prompt[-1:].isspace() else " "

    def prompted(self, prompt: str) -> bool:
        """Whether a prompt ends in the marker, white space aside."""
        return prompt.rstrip().endswith(self.marker.strip())

    def check_answer(self, answer: str, explained: bool, prompt: str = "") -> None:
        """Refuse answers that no extractor could read back from their target."""
        if "\n" in answer and self.order == "answer_first":
            raise BadRow(
                f"answer: {quoted(answer)} has several lines, so its end could not be "
                "told from the explanation after it; use order: explanation_first.",
                "answer has several lines, with order: answer_first",
            )
        if "\n" in answer and not explained and self.prompted(prompt):
            raise BadRow(
                f"answer: {quoted(answer)} has several lines, and only the first is "
                f"read after a prompt that ends in the answer marker {self.marker!r}; "
                "remove the marker from the end of the prompt.",
                "answer has several lines, after a prompt that ends in the marker",
            )
        if marker_lines(answer, self.marker):
            raise BadRow(
                f"answer: {quoted(answer)} has a line that begins with the answer "
                f"marker {self.marker!r}; set explain.answer_marker to other words.",
                "answer holds the answer marker",
            )
        if has_tags(answer):
            raise BadRow(
                f"answer: {quoted(answer)} holds the tags of thoughts, inside of which "
                "no answer is looked for; read the column as messages: {explanation: "
                "think}, or move the thoughts to explanations.",
                "answer holds the tags of thoughts",
            )


def _segments(*parts: tuple[str, Kind]) -> tuple[Segment, ...]:
    return tuple(Segment(text, kind) for text, kind in parts if text)


def text_of(segments: Iterable[Segment]) -> str:
    """The text that segments make together."""
    return "".join(segment.text for segment in segments)


def marker_lines(text: str, marker: str) -> list[re.Match[str]]:
    """Where lines of a text begin with the marker, white space aside, in order."""
    core = marker.strip()
    found = []
    place = text.find(core)
    while place >= 0:
        begin = text.rfind("\n", 0, place) + 1
        if not text[begin:place].strip():
            found += [one for one in [_line_start(core).match(text, begin)] if one]
        # No other one in this line begins it.
        line_end = text.find("\n", place)
        place = text.find(core, line_end) if line_end >= 0 else -1
    return found


@lru_cache(maxsize=64)
def _line_start(core: str) -> re.Pattern[str]:
    return re.compile(rf"[^\S\n]*{re.escape(core)}[^\S\n]*")


def with_request(instruction: str, level: Level, requests: Mapping[Level, str]) -> str:
    """The instruction with a line that says what is wanted, where there is one."""
    request = requests.get(level, "")
    return f"{instruction}\n{request}" if request else instruction
