"""`type: axolotl_explain.instruct`: an instruction template, for base models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.errors import ExplainError
from axolotl_explain.formats import with_request
from axolotl_explain.formatter import TextFormatter, TrainingRow, Written
from axolotl_explain.prompts import (
    DEFAULT_TEMPLATE,
    compile_template,
    names_in,
    names_of,
    render,
)
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.strategy import ExplainStrategy
from axolotl_explain.tokens import end_token


class InstructFormatter(TextFormatter):
    """The template's text, the target, the end-of-sequence token."""

    def __init__(self, tokenizer: Any, settings: DatasetSettings) -> None:
        options = settings.options
        super().__init__(tokenizer, options.layout, special_tokens=True)
        self.template = options.template or DEFAULT_TEMPLATE
        self.requests = settings.requests
        self.end = (end_token(tokenizer),)
        compile_template(self.template)
        if options.order == "multitask" and "instruction" not in names_in(
            self.template
        ):
            raise ExplainError(
                "explain.template: it does not read instruction, below which order: "
                "multitask says whether to predict or to explain; add {{ instruction }}"
                " to the template."
            )

    @property
    def stop_ids(self) -> list[int]:
        return list(self.end)

    def prompt(self, row: TrainingRow) -> str:
        example = row.example
        asked = with_request(example.instruction, row.level, self.requests)
        return render(self.template, {**names_of(example), "instruction": asked})

    def write(self, row: TrainingRow) -> Written:
        prompt = self.prompt(row)
        target = self.layout.target(row.example.answer, row.explanation, prompt)
        return Written(prompt, target, self.end)


def load(tokenizer: Any, cfg: Any, ds_cfg: Mapping[str, Any]) -> ExplainStrategy:
    """Called by Axolotl for each dataset entry of this type."""
    return ExplainStrategy.for_entry(InstructFormatter, tokenizer, cfg, ds_cfg)
