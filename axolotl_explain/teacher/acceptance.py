"""Whether a reply is an explanation that is kept, and if not, why.

The first of these reasons that holds is told:

    malformed, refusal, cut off, thinking alone, empty, damaged text, no answer,
    wrong answer, no explanation, answer line within, says another answer,
    cannot be read back, betrays the hint, not shorter, a wrong step, repeated
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.levels import Level
from axolotl_explain.core.reply import explanation_of
from axolotl_explain.core.same_text import same_form
from axolotl_explain.core.target import TargetFormat, marker_lines, text_of
from axolotl_explain.core.thoughts import split_thoughts
from axolotl_explain.grading.flexible import Gold, Same
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.targets.usable import is_placeholder
from axolotl_explain.tasks.verify_explanation import verify_explanation
from axolotl_explain.teacher.phrases import betrays_hint, is_refusal

TARGET = TargetFormat()
"""The target that the written rows are trained on, unless a recipe says otherwise."""


class Reason(StrEnum):
    """Why a reply is rejected."""

    MALFORMED = "malformed"
    REFUSAL = "refusal"
    CUT_OFF = "cut off"
    THINKING_ALONE = "thinking alone"
    EMPTY = "empty"
    DAMAGED = "damaged text"
    NO_ANSWER = "no answer"
    WRONG = "wrong answer"
    NO_EXPLANATION = "no explanation"
    LINE_WITHIN = "answer line within"
    SAYS_ANOTHER = "says another answer"
    BETRAYS = "betrays the hint"
    NOT_SHORTER = "not shorter"
    WRONG_STEP = "a wrong step"
    UNREADABLE = "cannot be read back"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What becomes of a reply.

    Attributes:
        explanation: that it gives, whether it is kept or not.
        reason: why it is rejected; None where it is kept.
    """

    explanation: str
    reason: Reason | None = None

    @property
    def kept(self) -> bool:
        """Whether the explanation is right."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reply has to be, besides right.

    Attributes:
        shorter_than: the text that it shortens.
        hinted: whether the answer was shown.
        verified: whether each step has to be right, of a generated problem.
        others: texts that are kept already, in the form that alike ones share.
        same: a further comparison of answers.
    """

    level: Level
    shorter_than: str | None = None
    hinted: bool = False
    verified: bool = False
    others: Collection[str] = ()
    same: Same | None = None


def accept(
    completion: str,
    reply: ServerReply | None,
    example: Example,
    wanted: Wanted,
    layout: TargetFormat,
) -> Acceptance:
    """Judge one reply.

    Args:
        completion: what counts of the reply.
        reply: None where the server sent none that can be read.
        layout: how the teacher writes its answer.
    """
    if reply is None:
        return Acceptance("", Reason.MALFORMED)
    why = _no_text(completion, reply)
    if why is not None:
        return Acceptance("", why)
    extracted = extract_answer(completion, layout)
    explanation = explanation_of(completion, layout)
    if extracted is None:
        refuses = is_refusal(completion)
        return Acceptance(explanation, Reason.REFUSAL if refuses else Reason.NO_ANSWER)
    gold = Gold.of(example.answer, example.meta.get("choices"), wanted.same)
    if not is_right(gold, extracted):
        return Acceptance(explanation, Reason.WRONG)
    return Acceptance(explanation, _flaw(explanation, example, wanted, gold, layout))


def is_right(gold: Gold, extracted: str) -> bool:
    """Whether what stands behind the answer marker is the stored answer."""
    return exact_match(extracted, gold.answer) or gold.stated("", extracted) is True


def _no_text(completion: str, reply: ServerReply) -> Reason | None:
    """Why there is nothing to judge; None where there is."""
    if reply.refusal or reply.finish == "content_filter":
        return Reason.REFUSAL
    if reply.finish == "length":
        return Reason.CUT_OFF
    if not completion:
        thought = reply.thought or split_thoughts(reply.text).thought
        return Reason.THINKING_ALONE if thought else Reason.EMPTY
    return None if encodable(completion) else Reason.DAMAGED


def encodable(text: str) -> bool:
    """Whether a text can stand in a file; half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flaw(
    explanation: str, example: Example, wanted: Wanted, gold: Gold, layout: TargetFormat
) -> Reason | None:
    """Why an explanation with the right answer is not kept."""
    if not explanation or is_placeholder(explanation):
        return Reason.NO_EXPLANATION
    if _lines_within(explanation, layout):
        return Reason.LINE_WITHIN
    if gold.stated(explanation, None) is False:
        return Reason.SAYS_ANOTHER
    if not _reads_back(explanation, example.answer):
        return Reason.UNREADABLE
    return _unwanted(explanation, example, wanted)


def _unwanted(explanation: str, example: Example, wanted: Wanted) -> Reason | None:
    """Why a right explanation is not the one that is wanted."""
    longest = wanted.shorter_than
    if wanted.hinted and betrays_hint(explanation):
        return Reason.BETRAYS
    if longest is not None and len(explanation) >= len(longest):
        return Reason.NOT_SHORTER
    if wanted.verified and not steps_are_right(example, wanted.level, explanation):
        return Reason.WRONG_STEP
    if wanted.others and same_form(explanation) in wanted.others:
        return Reason.REPEATED
    return None


def _lines_within(explanation: str, layout: TargetFormat) -> bool:
    return any(
        marker_lines(explanation, marker) for marker in {layout.marker, TARGET.marker}
    )


def steps_are_right(example: Example, level: Level, explanation: str) -> bool | None:
    """Whether every step is, of a generated problem; None of any other."""
    verdict = verify_explanation(replace(example, explanations={}), level, explanation)
    return None if verdict is None else verdict.valid


def _reads_back(explanation: str, answer: str) -> bool:
    """Whether a target with this explanation gives its answer again."""
    try:
        text = text_of(TARGET.target(answer, explanation))
    except BadRow:
        return False
    return exact_match(extract_answer(text, TARGET), answer)
