"""A completion in its parts: the explanation, and the answer where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.core.thoughts import split_thoughts


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model has answered.

    Attributes:
        completion: all that it wrote, without the end.
        answer: behind the answer marker; None where it gives none.
    """

    completion: str
    explanation: str
    answer: str | None

    @property
    def parsed(self) -> bool:
        """Whether there is an answer."""
        return self.answer is not None


def read_reply(completion: str, layout: TargetFormat, prompt: str = "") -> Reply:
    """Take a completion apart.

    >>> read_reply("2 + 2 = 4.\\nFinal answer: 4", TargetFormat()).answer
    '4'
    """
    return Reply(
        completion,
        explanation_of(completion, layout, prompt),
        extract_answer(completion, layout, prompt),
    )


def before_end(completion: str, ends: Sequence[str]) -> str:
    """A completion up to the first end token that stands in it as text.

    >>> before_end("4</s>\\n", ["</s>", "<pad>"])
    '4'
    """
    found = [at for end in ends if end and (at := completion.find(end)) >= 0]
    return completion[: min(found)] if found else completion


def explanation_of(completion: str, layout: TargetFormat, prompt: str = "") -> str:
    """A completion without its answer, which is where `extract_answer` finds it.

    Without an answer marker all of it is explanation, unless the prompt ends in the
    marker and the first line answers. Thoughts are explanation, without their tags.

    >>> explanation_of("2 + 2 = 4.\\nFinal answer: 4", TargetFormat())
    '2 + 2 = 4.'
    """
    parts = split_thoughts(completion, prompt)
    said = _said(parts.said, layout, prompt)
    return f"{parts.thought}\n{said}".strip() if parts.thought else said


def _said(completion: str, layout: TargetFormat, prompt: str) -> str:
    found = marker_lines(completion, layout.marker)
    if layout.prompted(prompt) and (layout.order == "answer_first" or not found):
        return completion.strip().partition("\n")[2].strip()
    if not found:
        return completion.strip()
    if layout.order != "answer_first":
        return completion[: found[-1].start()].strip()
    answer = found[0]
    rest = completion[answer.end() :].partition("\n")[2]
    return f"{completion[: answer.start()]}{rest}".strip()
