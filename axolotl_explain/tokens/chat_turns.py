"""A training row as the turns of a conversation, and a rendered turn as segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from axolotl_explain.core.example import Turn
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import (
    Kind,
    Segment,
    TargetFormat,
    text_of,
    with_request,
)
from axolotl_explain.core.training_row import TrainingRow


class Turns:
    """Writes the turns before the answer, and the answering turn.

    Attributes:
        thinking: whether the explanation goes into the reasoning field.
        thinking_key: the name of that field in a message.
    """

    def __init__(
        self,
        system: str | None,
        requests: Mapping[Level, str],
        thinking: bool,
        thinking_key: str,
    ) -> None:
        self.system = system
        self.requests = requests
        self.thinking = thinking
        self.thinking_key = thinking_key

    def before(self, row: TrainingRow) -> list[dict[str, str]]:
        """The system turn, the history, and the user's: instruction, then input.

        A row's own system prompt goes before that of the recipe.
        """
        example = row.example
        asked = with_request(example.instruction, row.level, self.requests)
        content = f"{asked}\n\n{example.input}" if example.input else asked
        system = example.system or self.system
        turns = [{"role": "system", "content": system}] if system else []
        turns += [turn.to_dict() for turn in example.history]
        return [*turns, {"role": "user", "content": content}]

    def content(self, row: TrainingRow, layout: TargetFormat) -> tuple[Segment, ...]:
        """What the assistant says, besides what stands in the reasoning field."""
        explanation = "" if self.thinking else row.explanation
        return layout.target(row.example.answer, explanation)

    def reply(self, row: TrainingRow, content: Sequence[Segment]) -> dict[str, str]:
        """The assistant's turn."""
        turn = {"role": "assistant", "content": text_of(content)}
        if self.thinking:
            turn[self.thinking_key] = row.explanation
        return turn

    def behind(
        self,
        solved: Sequence[Sequence[TrainingRow]],
        rows: Sequence[TrainingRow],
        layout: TargetFormat,
    ) -> list[TrainingRow]:
        """Rows with solved ones as the turns before them.

        Their explanations stand in the text, also where this package trains them in
        the reasoning field: chat templates leave out what was thought before.
        """
        found = []
        for before, row in zip(solved, rows, strict=True):
            turns = []
            for one in before:
                said = layout.target(one.example.answer, one.explanation)
                turns.append(Turn("user", self.before(one)[-1]["content"]))
                turns.append(Turn("assistant", text_of(said)))
            history = (*turns, *row.example.history)
            found.append(replace(row, example=replace(row.example, history=history)))
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chat template writes around the assistant's words.

    Attributes:
        opening, closing: the tags of the reasoning field with their line breaks; empty
            where there is none.
        end: what ends a turn; empty where nothing does.
    """

    opening: str = ""
    closing: str = ""
    end: str = ""

    def segments(self, turn: str, content: Sequence[Segment]) -> tuple[Segment, ...]:
        """The segments of a rendered turn.

        Args:
            turn: what the template has written, which ends in the content and the end,
                or in the content alone.
        """
        bare = turn.removesuffix(self.end)
        lead = bare[: len(bare) - len(text_of(content))]
        before, explanation, behind = self._reasoning(lead)
        parts = [
            Segment(before, Kind.MARKER),
            Segment(explanation, Kind.EXPLANATION),
            Segment(behind, Kind.MARKER),
            *content,
            Segment(turn[len(bare) :], Kind.END),
        ]
        return tuple(part for part in parts if part.text)

    def _reasoning(self, lead: str) -> tuple[str, str, str]:
        """What stands before the content: tag, explanation, tag."""
        start, end = len(self.opening), len(lead) - len(self.closing)
        framed = lead.startswith(self.opening) and lead.endswith(self.closing)
        if not (self.opening or self.closing) or not framed or start > end:
            return lead, "", ""
        return lead[:start], lead[start:end], lead[end:]
