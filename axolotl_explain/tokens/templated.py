"""A formatter whose prompt is a jinja2 template filled in with the example's texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.template import compile_template, names_in, written_prompt
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoder
from axolotl_explain.tokens.formatter import TextFormatter


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
