"""A training row as text -> its ids: what `type:` chooses, behind one interface."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import Kind, Segment, TargetFormat
from axolotl_explain.core.template import compile_template, names_in, written_prompt
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoded, Encoder


class Formatter(Protocol):
    """Encodes training rows, and prompts alone for generation, with the same code."""

    layout: TargetFormat

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        """Ids that generation is given; an explanation in the row is not read."""

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        """Ids of each prompt, the same as `prompts`, and of its target with the end.

        Raises:
            ExplainError: naming the field, where a row cannot be written.
        """

    @property
    def stop_ids(self) -> list[int]:
        """Ids at which generation ends."""

    def read(self, completion: str) -> str:
        """A decoded completion in the words that targets are written in."""
        return completion

    def loses(self, target: Encoded) -> bool:
        """Whether a target holds less than the text that it was made of."""
        return False


@dataclass(frozen=True, slots=True)
class Written:
    """One training row as text; `end` holds the ids that end the model's turn."""

    prompt: str
    target: tuple[Segment, ...]
    end: tuple[int, ...]


class TextFormatter(Formatter):
    """A formatter that writes texts and leaves the ids to an `Encoder`."""

    def __init__(self, encoder: Encoder, layout: TargetFormat) -> None:
        self.encoder = encoder
        self.layout = layout

    @abstractmethod
    def prompt(self, row: TrainingRow) -> str:
        """The prompt as text."""

    @abstractmethod
    def write(self, row: TrainingRow) -> Written:
        """The whole row as text."""

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        return self.encoder.prompts([self.prompt(row) for row in rows])

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        written = [self.write(row) for row in rows]
        prompts = self.encoder.prompts([one.prompt for one in written])
        targets = self.encoder.targets([one.target for one in written])
        return [
            (prompt, target + Encoded.uniform(list(one.end), Kind.END))
            for prompt, target, one in zip(prompts, targets, written, strict=True)
        ]


class TemplateFormatter(TextFormatter):
    """Renders `explain.template`, or the kind's own template where there is none."""

    default_template: ClassVar[str]

    def __init__(
        self,
        encoder: Encoder,
        template: str | None,
        requests: Mapping[Level, str],
        layout: TargetFormat,
    ) -> None:
        super().__init__(encoder, layout)
        self.template = template or self.default_template
        self.requests = requests
        compile_template(self.template)
        if layout.order == "multitask":
            self._require_instruction()

    def prompt(self, row: TrainingRow) -> str:
        return written_prompt(self.template, row.example, row.level, self.requests)

    def _require_instruction(self) -> None:
        if "instruction" not in names_in(self.template):
            raise ExplainError(
                "explain.template: it does not read instruction, below which order: "
                "multitask says whether to predict or to explain; add "
                "{{ instruction }} to the template."
            )
