"""`type: axolotl_explain.seq2seq`: source and target of an encoder–decoder model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.template import DEFAULT_SOURCE
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.formatter import TemplateFormatter, Written
from axolotl_explain.tokens.join import Join, SourceAndTarget
from axolotl_explain.tokens.source_target import SourceTargetEncoder
from axolotl_explain.training.strategy import ExplainStrategy

LEAST_SOURCE = 2
"""Tokens; Axolotl leaves out rows whose input_ids are fewer."""


class Seq2SeqFormatter(TemplateFormatter):
    """The template's text for the encoder, the target for the decoder."""

    default_template = DEFAULT_SOURCE
    encoder: SourceTargetEncoder

    def __init__(self, tokenizer: Any, settings: DatasetSettings) -> None:
        options = settings.options
        encoder = SourceTargetEncoder(tokenizer, options.line_break)
        super().__init__(encoder, options.template, settings.requests, options.layout)

    @property
    def stop_ids(self) -> list[int]:
        return self.encoder.stop_ids

    def write(self, row: TrainingRow) -> Written:
        target = self.layout.target(row.example.answer, row.explanation)
        self.require_answer(row)
        return Written(self.prompt(row), target, ())

    @property
    def described(self) -> dict[str, Any]:
        return {**super().described, "line_break": self.encoder.line_break}

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        encoded = super().encode(rows)
        for source, _ in encoded:
            self._require_source(source)
        return encoded

    def _require_source(self, source: list[int]) -> None:
        if len(source) < LEAST_SOURCE:
            raise ExplainError(
                f"instruction: its prompt is {len(source)} token, and Axolotl leaves "
                f"out rows of fewer than {LEAST_SOURCE}; add words to explain.template."
            )


def source_and_target(cfg: Any, settings: DatasetSettings, sequence_len: int) -> Join:
    """The source within `sequence_len`, the target within its own limit."""
    limit = settings.options.max_target_tokens
    return SourceAndTarget(sequence_len, limit or sequence_len)


def load(tokenizer: Any, cfg: Any, ds_cfg: Mapping[str, Any]) -> ExplainStrategy:
    """Called by Axolotl for each dataset entry of this type."""
    return ExplainStrategy.for_entry(
        Seq2SeqFormatter, tokenizer, cfg, ds_cfg, source_and_target
    )
