"""What a model is asked for a row, as far as that is known without its tokenizer.

Messages for a chat endpoint are; so is the text of a prompt, but where the tokenizer's
own chat template writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.template import (
    DEFAULT_SOURCE,
    DEFAULT_TEMPLATE,
    written_prompt,
)
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.dataset_entries import CHAT
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ
from axolotl_explain.recipe.levels_asked import ANY_LEVEL, level_names
from axolotl_explain.tokens.chat_turns import Turns
from axolotl_explain.tokens.served_template import conversation_of, message_slot


@dataclass(frozen=True, slots=True)
class RowPrompts:
    """The prompts of one dataset of a recipe, or of a trained folder.

    Attributes:
        type: of the dataset.
        template: what writes a prompt; None for `axolotl_explain.chat`.
    """

    type: str
    settings: DatasetSettings
    template: str | None
    requests: Mapping[Level, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: str, settings: DatasetSettings) -> RowPrompts:
        """With the template of the options, or that of the type."""
        template = settings.options.template
        if kind == CHAT:
            return cls(kind, settings, None, settings.requests)
        default = DEFAULT_SOURCE if kind == SEQ2SEQ else DEFAULT_TEMPLATE
        return cls(kind, settings, template or default, settings.requests)

    @property
    def layout(self) -> TargetFormat:
        """How answers are found again."""
        return self.settings.options.layout

    @property
    def levels(self) -> tuple[Level, ...]:
        """Those that were trained; all where the rows decided."""
        trained = self.settings.options.levels_in_play or set(LEVELS)
        return tuple(level for level in LEVELS if level in trained)

    def level(self, wanted: Level | None = None, where: str = "level") -> Level:
        """The level to ask for; the most explained one that was trained by default.

        Under `order: multitask` that is none, which asks for the answer.

        Raises:
            ExplainError: if prompts cannot ask for the level that is wanted.
        """
        if self.settings.options.order == "multitask":
            return wanted or "none"
        names = level_names(self.settings, [wanted] if wanted else [], where)
        return "long" if names[-1] == ANY_LEVEL else names[-1]  # type: ignore[return-value]

    def question(self, text: str, given: str = "") -> Example:
        """A question as it is typed, without an answer.

        Args:
            given: what it is about, the input of the row.
        """
        if self.template is not None and message_slot(self.template) == "input":
            return Example(text, "", text)
        return Example(text.strip(), "", given.strip())

    def text(self, row: TrainingRow) -> str:
        """The prompt, where a template of this package writes it.

        Raises:
            ExplainError: of a chat, or where the template cannot write the row.
        """
        if self.template is None:
            raise ExplainError(
                "the tokenizer's chat template writes this prompt; ask for its "
                "messages instead."
            )
        return written_prompt(self.template, row.example, row.level, self.requests)

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        """The conversation for a chat endpoint, which gives the prompt of training.

        Raises:
            ExplainError: if no conversation gives it.
        """
        if self.type == SEQ2SEQ:
            raise ExplainError(
                "an encoder–decoder model does not chat; send it the prompt as text."
            )
        if self.template is None:
            options = self.settings.options
            turns = Turns(options.system, self.requests, options.thinking, "")
            return turns.before(row)
        return conversation_of(self.template, row.example, row.level, self.requests)
