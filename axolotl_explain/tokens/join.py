"""A prompt and its target -> one training row, as the kind of model wants it.

A model with a decoder alone reads both as one run of tokens. An encoder–decoder model
reads the prompt with its encoder (the source) and is trained on the target by itself.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.target import Kind
from axolotl_explain.tokens.encoder import IGNORE_INDEX, Encoded, flat


class EncodedRow(NamedTuple):
    """What is trained on: the ids that are read, and the run that gives the labels."""

    input_ids: list[int]
    labels: Encoded


class Join(Protocol):
    """Says how much room a target has behind a prompt, and puts the two together.

    Attributes:
        train_on_inputs: whether the loss reads the prompt too.
    """

    train_on_inputs: bool

    @abstractmethod
    def room(self, num_prompt_tokens: int) -> int:
        """How many tokens a target may have; less than 1 where the prompt is too long.

        Every target has an end, so none fits into less than 1."""

    @abstractmethod
    def too_long(self, num_prompt_tokens: int) -> Outcome:
        """What becomes of a row that does not fit."""

    @abstractmethod
    def row(self, prompt: list[int], target: Encoded) -> EncodedRow:
        """The training row of a target that fits."""

    @abstractmethod
    def num_read(self, num_prompt_tokens: int, row: EncodedRow) -> int:
        """How many tokens of a training row the loss reads."""


@dataclass(frozen=True, slots=True)
class Continuation(Join):
    """Prompt and target in one run of at most `sequence_len` tokens."""

    sequence_len: int
    train_on_inputs: bool

    def room(self, num_prompt_tokens: int) -> int:
        return self.sequence_len - num_prompt_tokens

    def too_long(self, num_prompt_tokens: int) -> Outcome:
        return Outcome.TOO_LONG

    def row(self, prompt: list[int], target: Encoded) -> EncodedRow:
        run = Encoded.uniform(prompt, Kind.PROMPT) + target
        return EncodedRow(run.ids, run)

    def num_read(self, num_prompt_tokens: int, row: EncodedRow) -> int:
        skipped = 0 if self.train_on_inputs else num_prompt_tokens
        return len(row.labels.ids) - skipped


@dataclass(frozen=True, slots=True)
class SourceAndTarget(Join):
    """A source of at most `sequence_len` tokens, and labels with a limit of their own.

    The model makes the decoder's input from the labels, shifted by one.
    """

    sequence_len: int
    max_target_tokens: int
    train_on_inputs: bool = False

    def room(self, num_prompt_tokens: int) -> int:
        return self.max_target_tokens if num_prompt_tokens <= self.sequence_len else 0

    def too_long(self, num_prompt_tokens: int) -> Outcome:
        source = num_prompt_tokens > self.sequence_len
        return Outcome.TOO_LONG if source else Outcome.TARGET_TOO_LONG

    def row(self, prompt: list[int], target: Encoded) -> EncodedRow:
        return EncodedRow(prompt, target)

    def num_read(self, num_prompt_tokens: int, row: EncodedRow) -> int:
        return len(row.labels.ids)


@dataclass(frozen=True, slots=True)
class Column:
    """The lists of one column, end to end; list i begins at `offsets[i]`."""

    offsets: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]


def to_columns(
    rows: Sequence[EncodedRow | None], train_on_inputs: bool
) -> dict[str, Column]:
    """The columns of a batch; None becomes an empty row.

    Types are those of Axolotl's own strategies, so that datasets can be joined:
    input_ids int32, attention_mask int8, labels int64. KINDS has the kind of each
    label as int8.
    """
    inputs = flat([row.input_ids if row else [] for row in rows])
    labels = [row.labels if row else EMPTY for row in rows]
    offsets, ids = flat([run.ids for run in labels])
    kinds = np.concatenate([EMPTY.kinds, *(run.kinds for run in labels)])
    trained = (kinds != Kind.PROMPT) | train_on_inputs
    label_ids = np.where(trained, ids, IGNORE_INDEX).astype(np.int64)
    return {
        "input_ids": Column(*inputs),
        "attention_mask": Column(inputs[0], np.ones(len(inputs[1]), np.int8)),
        "labels": Column(offsets, label_ids),
        KINDS: Column(offsets, kinds),
    }


EMPTY = Encoded.uniform([], Kind.PROMPT)
KINDS = "explain_kinds"
