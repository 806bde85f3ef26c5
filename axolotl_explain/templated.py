"""A formatter whose prompt is a jinja2 template filled in with the example's texts."""

from __future__ import annotations

from typing import Any, ClassVar

from axolotl_explain.formats import with_request
from axolotl_explain.formatter import TextFormatter, TrainingRow
from axolotl_explain.prompts import compile_template, render
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.tokens import Encoder


class TemplateFormatter(TextFormatter):
    """Renders `explain.template`, or the kind's own template where there is none."""

    default_template: ClassVar[str]

    def __init__(self, encoder: Encoder, settings: DatasetSettings) -> None:
        options = settings.options
        super().__init__(encoder, options.layout)
        self.template = options.template or self.default_template
        self.requests = options.requests if settings.asks_for_level else None
        compile_template(self.template)

    def prompt(self, row: TrainingRow) -> str:
        example = row.example
        variables: dict[str, Any] = {
            "instruction": with_request(example.instruction, row.level, self.requests),
            "input": example.input,
            "id": example.id,
            "meta": example.meta,
        }
        return render(self.template, variables)
