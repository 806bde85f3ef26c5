"""A training row as text -> its ids: what `type:` chooses, behind one interface."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import Kind, Segment, TargetFormat, text_of
from axolotl_explain.core.template import compile_template, names_in, written_prompt
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoded, Encoder
from axolotl_explain.tokens.round_trip import RoundTrip


class Notice(NamedTuple):
    """What a user should know about the prompts or the end of a dataset's rows.

    Attributes:
        code: of the finding that `check` makes of it.
        message: what it is.
        way_out: what to do, where it is worth a warning in training.
    """

    code: str
    message: str
    way_out: str = ""


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

    def prompts_behind(
        self, solved: Sequence[Sequence[TrainingRow]], rows: Sequence[TrainingRow]
    ) -> list[list[int]]:
        """Ids of prompts that begin with solved rows, as a base model is asked.

        Args:
            solved: what stands in front of each row, the first one first.
        """

    @property
    def stop_ids(self) -> list[int]:
        """Ids at which generation ends."""

    def read(self, completion: str) -> str:
        """A decoded completion in the words that targets are written in."""
        return completion

    @property
    def may_lose(self) -> bool:
        """Whether the tokenizer lacks characters that targets may have."""
        return False

    def loses(self, target: Encoded) -> bool:
        """Whether a target holds less than the text that it was made of."""
        return False

    def notices(self) -> list[Notice]:
        """What a user should know, whatever the rows are."""
        return []

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        """The conversation that gives, by `served_template`, the prompt of a row.

        Raises:
            ExplainError: if no conversation does.
        """
        raise ExplainError(
            "an encoder–decoder model does not chat; send it the prompt as text."
        )

    @property
    def served_template(self) -> str | None:
        """The chat template by which a server asks as training did; None: no chat."""
        return None

    @property
    def described(self) -> dict[str, Any]:
        """What prompts are made with, by the names of `explain.json`."""
        return {}


@dataclass(frozen=True, slots=True)
class Written:
    """One training row as text; `end` holds the ids that end the model's turn."""

    prompt: str
    target: tuple[Segment, ...]
    end: tuple[int, ...]


class TextFormatter(Formatter):
    """A formatter that writes texts and leaves the ids to an `Encoder`.

    Attributes:
        names: what a template of the user's own reads; none where there is no such.
    """

    names: Collection[str] = ()

    def __init__(self, encoder: Encoder, layout: TargetFormat) -> None:
        self.encoder = encoder
        self.layout = layout
        self.round_trip = RoundTrip(encoder, layout)
        self.round_trip.require_marker()

    @abstractmethod
    def prompt(self, row: TrainingRow) -> str:
        """The prompt as text."""

    @abstractmethod
    def write(self, row: TrainingRow) -> Written:
        """The whole row as text."""

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        return self.encoder.prompts([self.prompt(row) for row in rows])

    def prompts_behind(
        self, solved: Sequence[Sequence[TrainingRow]], rows: Sequence[TrainingRow]
    ) -> list[list[int]]:
        texts = [
            "".join([*map(self._solved, before), self.prompt(row)])
            for before, row in zip(solved, rows, strict=True)
        ]
        return self.encoder.prompts(texts)

    def _solved(self, row: TrainingRow) -> str:
        """A row with its target, and an empty line behind it."""
        written = self.write(row)
        return f"{written.prompt}{text_of(written.target)}\n\n"

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        written = [self.write(row) for row in rows]
        prompts = self.encoder.prompts([one.prompt for one in written])
        targets = self.encoder.targets([one.target for one in written])
        return [
            (prompt, target + Encoded.uniform(list(one.end), Kind.END))
            for prompt, target, one in zip(prompts, targets, written, strict=True)
        ]

    def sizes(self, written: Sequence[Written]) -> list[tuple[int, int]]:
        """Tokens of each prompt, and of its target with the end; kinds aside."""
        prompts = self.encoder.prompts([one.prompt for one in written])
        targets = self.encoder.target_sizes([one.target for one in written])
        return [
            (len(prompt), size + len(one.end))
            for prompt, size, one in zip(prompts, targets, written, strict=True)
        ]

    def read(self, completion: str) -> str:
        return self.encoder.read(completion)

    @property
    def may_lose(self) -> bool:
        unknown = self.encoder.tokenizer.unk_token_id
        return unknown is not None and not self.round_trip.lossless

    def loses(self, target: Encoded) -> bool:
        if not self.may_lose:
            return False
        unknown = self.encoder.tokenizer.unk_token_id
        kinds = target.kinds.tolist()
        pairs = zip(target.ids, kinds, strict=True)
        return any(one == unknown and kind != Kind.END for one, kind in pairs)

    def require_answer(self, row: TrainingRow) -> None:
        """Refuse a row whose answer no completion could match.

        Raises:
            BadRow: naming the answer and what comes back in its place.
        """
        asked = self.layout.has_answer(row.explanation)
        if asked and not self.round_trip.lossless:
            self.round_trip.require(row.example.answer)


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
        self.names = names_in(self.template)
        if requests and "instruction" not in self.names:
            says = "whether to predict or to explain"
            if layout.order != "multitask":
                says = "how much explanation is wanted"
            raise ExplainError(
                "explain.template: it does not read instruction, below which the "
                f"prompt says {says}; add {{{{ instruction }}}} to the template."
            )
        _refuse_doubled(self.template, encoder)

    def prompt(self, row: TrainingRow) -> str:
        """The prompt as text.

        Raises:
            ExplainError: if the template leaves out a part of the row.
        """
        text = written_prompt(self.template, row.example, row.level, self.requests)
        self._require_parts(row)
        request = self.requests.get(row.level, "").strip()
        if request and request.casefold() not in text.casefold():
            raise ExplainError(
                f"explain.template: it does not write {quoted(request)}, the last line "
                "of instruction, by which the prompt says what is wanted; write the "
                "whole of {{ instruction }}."
            )
        return text

    @property
    def described(self) -> dict[str, Any]:
        return {"template": self.template}

    def _require_parts(self, row: TrainingRow) -> None:
        for name in PARTS:
            value = getattr(row.example, name)
            # The same instruction above every input may be left out.
            needed = name != "instruction" or not row.example.input
            if value and needed and name not in self.names:
                raise ExplainError(
                    f"explain.template: it does not read {name}, which the row has "
                    f"({quoted(value)}), so the model would never see it; add "
                    f"{{{{ {name} }}}}, or, to leave it out on purpose, name it "
                    f"without writing it: {{% set ignored = {name} %}}."
                )


PARTS = ("instruction", "input", "system", "history")
"""What a template must read where a row has it."""

LEADING_BLOCKS = re.compile(r"(?:\s|\{%.*?%\}|\{#.*?#\})*", re.DOTALL)


def _refuse_doubled(template: str, encoder: Encoder) -> None:
    """Refuse a template that writes what the tokenizer puts around it.

    Raises:
        ExplainError: naming the token.
    """
    before, behind = encoder.frame
    begins = LEADING_BLOCKS.sub("", template, count=1)
    for token, place, doubled in (
        (before, "begins", begins.startswith(before)),
        (behind, "ends", template.rstrip().endswith(behind)),
    ):
        if token and doubled:
            raise ExplainError(
                f"explain.template: it {place} with {quoted(token)}, which the "
                "tokenizer adds by itself, so that there would be two; remove it from "
                "the template."
            )
