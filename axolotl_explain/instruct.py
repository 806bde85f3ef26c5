"""`type: axolotl_explain.instruct`: an instruction template, for base models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import quoted
from axolotl_explain.core.template import DEFAULT_TEMPLATE
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.tokens.encoder import Encoder, end_token
from axolotl_explain.tokens.formatter import Notice, TemplateFormatter, Written
from axolotl_explain.tokens.served_template import (
    conversation_of,
    instruct_template,
    is_ours,
)
from axolotl_explain.training.strategy import ExplainStrategy


class InstructFormatter(TemplateFormatter):
    """The template's text, the target, the end-of-sequence token."""

    default_template = DEFAULT_TEMPLATE

    def __init__(self, tokenizer: Any, settings: DatasetSettings) -> None:
        options = settings.options
        encoder = Encoder(tokenizer, special_tokens=True)
        super().__init__(encoder, options.template, settings.requests, options.layout)
        self.end = (end_token(tokenizer),)
        self.tokenizer = tokenizer

    @property
    def stop_ids(self) -> list[int]:
        return list(self.end)

    def write(self, row: TrainingRow) -> Written:
        prompt = self.prompt(row)
        target = self.layout.target(row.example.answer, row.explanation, prompt)
        self.require_answer(row)
        return Written(prompt, target, self.end)

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        return conversation_of(self.template, row.example, row.level, self.requests)

    @property
    def served_template(self) -> str | None:
        begins = bool(self.encoder.frame[0])
        return instruct_template(self.template, begins)

    def notices(self) -> list[Notice]:
        """Whether the model looks like one that chats: its template ends in its end.

        Base models often come with a chat template too, whose turns end in another
        token than theirs.
        """
        template = str(getattr(self.tokenizer, "chat_template", None) or "")
        end = str(self.tokenizer.eos_token)
        if (
            not template
            or is_ours(template)
            or not ("eos_token" in template or end in template)
        ):
            return []
        message = (
            f"the tokenizer has a chat template whose turns end in {quoted(end)}; the "
            "model is saved with another, which writes the prompts of this recipe"
        )
        return [Notice("chat-model-as-instruct", message)]


def load(tokenizer: Any, cfg: Any, ds_cfg: Mapping[str, Any]) -> ExplainStrategy:
    """Called by Axolotl for each dataset entry of this type."""
    return ExplainStrategy.for_entry(InstructFormatter, tokenizer, cfg, ds_cfg)
