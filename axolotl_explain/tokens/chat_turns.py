"""A training row as the turns of a conversation."""

from __future__ import annotations

from collections.abc import Mapping

from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import TargetFormat, with_request
from axolotl_explain.tokens.formatter import TrainingRow


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

    def reply(self, row: TrainingRow, layout: TargetFormat) -> dict[str, str]:
        """The assistant's turn."""
        explanation = "" if self.thinking else row.explanation
        target = layout.target(row.example.answer, explanation)
        turn = {
            "role": "assistant",
            "content": "".join(segment.text for segment in target),
        }
        if self.thinking:
            turn[self.thinking_key] = row.explanation
        return turn
