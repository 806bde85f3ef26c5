"""A formatter whose prompt is a jinja2 template filled in with the example's texts."""

from __future__ import annotations

from typing import ClassVar

from axolotl_explain.errors import ExplainError
from axolotl_explain.formats import with_request
from axolotl_explain.formatter import TextFormatter, TrainingRow
from axolotl_explain.prompts import compile_template, names_in, names_of, render
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.tokens import Encoder


class TemplateFormatter(TextFormatter):
    """Renders `explain.template`, or the kind's own template where there is none."""

    default_template: ClassVar[str]

    def __init__(self, encoder: Encoder, settings: DatasetSettings) -> None:
        super().__init__(encoder, settings.options.layout)
        self.template = settings.options.template or self.default_template
        self.requests = settings.requests
        compile_template(self.template)
        if settings.options.order == "multitask":
            self._require_instruction()

    def prompt(self, row: TrainingRow) -> str:
        example = row.example
        asked = with_request(example.instruction, row.level, self.requests)
        return render(self.template, {**names_of(example), "instruction": asked})

    def _require_instruction(self) -> None:
        if "instruction" not in names_in(self.template):
            raise ExplainError(
                "explain.template: it does not read instruction, below which order: "
                "multitask says whether to predict or to explain; add "
                "{{ instruction }} to the template."
            )
