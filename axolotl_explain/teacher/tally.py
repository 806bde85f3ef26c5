"""Counts what became of each row, in memory that does not grow with their number."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.example import Example
from axolotl_explain.core.problem import question
from axolotl_explain.grading.choices import Choices
from axolotl_explain.results.annotation import (
    AnnotationSummary,
    LevelTexts,
    Share,
    ShownReply,
    right_by_chance,
)
from axolotl_explain.teacher.acceptance import steps_are_right
from axolotl_explain.teacher.row_questions import Attempt, RowResult, RowRules

SHOWN = 20
"""Replies of each kind that are kept for reading."""
MOST_LABELS = 1_000
"""Different answers that are counted apart."""
LISTED_LABELS = 20
FEW = 50
"""Different answers that guessing is among, at most."""
EACH = 4
"""Rows of each answer, at least, for the answers to be labels."""
SHOWN_CHARACTERS = 4_000


@dataclass(slots=True)
class AnswerCounts:
    """How many different answers there are.

    Attributes:
        choices: number of choices that a row has -> rows.
        many: whether there are too many to count.
    """

    answers: Counter[str] = field(default_factory=Counter)
    choices: Counter[int] = field(default_factory=Counter)
    rows: int = 0
    many: bool = False

    def add(self, example: Example) -> None:
        """Count one more row."""
        self.rows += 1
        found = Choices.of(example.meta.get("choices"))
        self.choices[len(found.texts) if found else 0] += 1
        if not self.many:
            self.answers[example.answer] += 1
            self.many = len(self.answers) > MOST_LABELS

    @property
    def guessed_among(self) -> int | None:
        """How many answers a guess is among; None where they are too many."""
        number, rows = self.choices.most_common(1)[0] if self.choices else (0, 0)
        if number > 1 and 2 * rows > self.rows:
            return number
        labels = len(self.answers)
        few = 1 < labels <= FEW and self.rows >= EACH * labels
        return labels if few and not self.many else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The most frequent answers, where answers are labels."""
        if self.many or self.rows < EACH * len(self.answers):
            return ()
        return tuple(one for one, _ in self.answers.most_common(LISTED_LABELS))


class Tally:
    """Adds up rows, in their order."""

    def __init__(self, rules: RowRules, answers: AnswerCounts) -> None:
        self.rules = rules
        self.answers = answers
        self.summary = AnnotationSummary(model=rules.sampling.model)
        self.summary.levels = {level: LevelTexts() for level in rules.levels}
        self.summary.labels = {label: Share() for label in answers.labels}
        self._shown: dict[bool, list[tuple[float, int, ShownReply]]] = {
            True: [],
            False: [],
        }
        self._number = 0

    def add(self, number: int, example: Example, result: RowResult) -> None:
        """Count one row.

        Args:
            number: of the row in its source, from 1.
        """
        found = self.summary
        if result.own:
            found.own += 1
            return
        explained = bool(result.explanations)
        found.asked += 1
        found.explained += explained
        found.whole += explained and all(
            level in texts for texts in result.explanations for level in found.levels
        )
        found.hinted += result.mode == "hint"
        found.disagreed += not result.agreed
        found.unfinished += not result.finished
        if result.finished:
            self._by_group(example, explained)
        for attempt in result.attempts:
            self._attempt(number, example, attempt)
        for texts in result.explanations:
            for level, text in texts.items():
                found.levels[level].texts += 1
                found.levels[level].characters += len(text)
                right = steps_are_right(example, level, text)
                if right is not None:
                    found.steps.add(right)

    def finished(self, skipped: Mapping[str, int]) -> AnnotationSummary:
        """The summary of all rows.

        Args:
            skipped: reason -> rows that could not be read.
        """
        found, rules = self.summary, self.rules
        found.skipped = dict(skipped)
        found.reasons = dict(Counter(found.reasons).most_common())
        found.tries = dict(sorted(found.tries.items()))
        found.lengths = dict(sorted(found.lengths.items()))
        found.choices = self.answers.guessed_among
        if found.choices is not None:
            found.right_by_chance = right_by_chance(
                found.choices, rules.tries, rules.agree
            )
        for kept, shown in ((True, found.kept), (False, found.rejected)):
            shown += [one for *_, one in sorted(self._shown[kept], reverse=True)]
        return found

    def _by_group(self, example: Example, explained: bool) -> None:
        found = self.summary
        if found.labels:
            label = found.labels.get(example.answer, found.other_labels)
            label.add(explained)
        size = 1 << max(5, len(question(example)).bit_length())
        found.lengths.setdefault(size, Share()).add(explained)

    def _attempt(self, number: int, example: Example, attempt: Attempt) -> None:
        found, request = self.summary, attempt.request
        kept = attempt.accepted.kept
        found.replies += 1
        found.asks.setdefault(request.ask, Share()).add(kept)
        if request.ask == "explain":
            found.tries.setdefault(request.turn, Share()).add(kept)
        if attempt.accepted.reason is not None:
            reason = str(attempt.accepted.reason)
            found.reasons[reason] = found.reasons.get(reason, 0) + 1
        self._tokens(attempt)
        self._number += 1
        draw = -uniform(0, "shown", number, request.key)
        heap = self._shown[kept]
        if len(heap) < SHOWN or draw > heap[0][0]:
            one = (draw, self._number, _shown(number, example, attempt))
            (heapq.heappush if len(heap) < SHOWN else heapq.heapreplace)(heap, one)

    def _tokens(self, attempt: Attempt) -> None:
        found, reply = self.summary, attempt.reply
        if reply is None or reply.completion_tokens is None:
            found.uncounted += 1
            return
        found.prompt_tokens += reply.prompt_tokens or 0
        found.completion_tokens += reply.completion_tokens
        if attempt.accepted.kept:
            level = found.levels.get(attempt.request.level)
            if level is not None:
                level.tokens += reply.completion_tokens
                level.counted += 1


def _shown(number: int, example: Example, attempt: Attempt) -> ShownReply:
    request, accepted, reply = attempt.request, attempt.accepted, attempt.reply
    text = accepted.explanation if accepted.kept else ""
    if not text and reply is not None:
        text = reply.text or reply.refusal or reply.thought
    return ShownReply(
        number,
        example.id,
        _clipped(question(example).strip()),
        _clipped(example.answer),
        request.ask,
        request.level,
        request.turn,
        _clipped(text),
        "" if accepted.kept else str(accepted.reason),
    )


def _clipped(text: str) -> str:
    """A text that a page can hold; half a surrogate pair becomes a mark."""
    whole = text.encode("utf-8", "replace").decode()
    if len(whole) <= SHOWN_CHARACTERS:
        return whole
    return f"{whole[:SHOWN_CHARACTERS]}… ({len(whole):,} characters)"
