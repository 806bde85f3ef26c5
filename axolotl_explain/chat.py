"""`type: axolotl_explain.chat`: the chat template of the tokenizer or the recipe.

Which template that is, Axolotl's own chat strategy decides; its prompter is taken over
with all its keys (`chat_template`, `chat_template_kwargs`, …). The prompt is what the
template writes with `add_generation_prompt`, the target is the rest of the whole
conversation, up to and with the end of the assistant's turn.

Where the generation prompt opens thoughts and an answered conversation has none, as
with DeepSeek-R1's template, the target ends the thoughts before the answer: with
`thinking: true` behind the explanation, otherwise at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from axolotl.prompt_strategies.chat_template import load as load_chat_template

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.target import Kind, text_of
from axolotl_explain.core.thoughts import has_tags
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.tokens.chat_notices import dated, ends_otherwise, headless
from axolotl_explain.tokens.chat_template import ChatTemplate
from axolotl_explain.tokens.chat_turns import Frame, Turns
from axolotl_explain.tokens.encoder import Encoded, Encoder, end_token
from axolotl_explain.tokens.formatter import Formatter, Notice, TextFormatter, Written
from axolotl_explain.tokens.kinds import DecodedOffsets, kinds_of
from axolotl_explain.tokens.served_template import chat_template
from axolotl_explain.training.strategy import ExplainStrategy


class ChatFormatter(TextFormatter):
    """Writes conversations with a jinja2 chat template."""

    def __init__(
        self, tokenizer: Any, settings: DatasetSettings, prompter: Any
    ) -> None:
        encoder = Encoder(tokenizer, special_tokens=False)
        super().__init__(encoder, settings.options.layout)
        self.tokenizer = tokenizer
        self.turns = _turns(settings, prompter)
        self.template = ChatTemplate(
            tokenizer, prompter.chat_template, prompter.chat_template_kwargs
        )
        self.end_text = self.template.end
        field = self.turns.thinking_key
        tags = self.template.tags(field) if self.turns.thinking else ("", "")
        self.frame = Frame(*tags, self.end_text)
        self.end_ids = self._end_ids() if self.end_text else []

    @property
    def stop_ids(self) -> list[int]:
        end = self.tokenizer.eos_token_id
        return list(dict.fromkeys([*self.end_ids, *([] if end is None else [end])]))

    def prompt(self, row: TrainingRow) -> str:
        before = self.turns.before(row)
        return self._whole(self.template.prompt(before), before)

    def prompts_behind(
        self, solved: Sequence[Sequence[TrainingRow]], rows: Sequence[TrainingRow]
    ) -> list[list[int]]:
        return self.prompts(self.turns.behind(solved, rows, self.layout))

    def read(self, completion: str) -> str:
        """The answering turn without the heading that the prompt leaves to it."""
        return super().read(completion).removeprefix(self.template.heading)

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        return self.turns.before(row)

    @property
    def served_template(self) -> str | None:
        template = self.template
        return chat_template(template.source, self.turns.system, template.kwargs)

    @property
    def described(self) -> dict[str, Any]:
        kwargs = dict(self.template.kwargs)
        return {**_described(self.turns), "chat_template_kwargs": kwargs}

    def notices(self) -> list[Notice]:
        end = self.end_ids[0] if self.end_ids else None
        template = self.template
        found = (dated(template), headless(template), ends_otherwise(template, end))
        return [one for one in found if one is not None]

    def write(self, row: TrainingRow) -> Written:
        before, content = self.turns.before(row), self.turns.content(row, self.layout)
        prompt = self.template.prompt(before)
        whole = self.template.render([*before, self.turns.reply(row, content)])
        target = self.template.answer(prompt, whole, self._thought(row))
        self.require_answer(row)
        if not target.removesuffix(self.end_text).endswith(text_of(content)):
            raise BadRow(
                "answer: the chat template does not write it as it stands: "
                f"{quoted(target[-80:])}.",
                "the chat template does not write the answer as it stands",
            )
        end = () if self.end_text else (end_token(self.tokenizer),)
        segments = self.frame.segments(target, content)
        return Written(self._whole(prompt, before), segments, end)

    def _whole(self, prompt: str, before: Sequence[Mapping[str, str]]) -> str:
        """A prompt that holds all that it is made of.

        Raises:
            BadRow: if the template leaves out the system prompt or a question.
        """
        for turn in before:
            role, text = turn["role"], turn["content"].strip()
            if role != "assistant" and text not in prompt:
                raise BadRow(
                    f"the chat template does not write what the {role} says "
                    f"({quoted(text)}), so the model would never see it; use another "
                    "template (chat_template: …), or remove it from the row.",
                    f"the chat template leaves out what the {role} says",
                )
        return prompt

    def _thought(self, row: TrainingRow) -> str:
        """What goes into the reasoning field."""
        if not self.turns.thinking:
            return ""
        if has_tags(row.explanation):
            raise BadRow(
                f"explanations: {quoted(row.explanation)} holds the tags of thoughts, "
                "which the chat template writes; remove them.",
                "explanation holds the tags of thoughts",
            )
        return row.explanation

    def _end_ids(self) -> list[int]:
        """The token that ends a turn, in a list.

        Raises:
            ExplainError: if the tokenizer writes it in pieces, since generation could
                not stop at them.
        """
        ids = self.encoder.prompts([self.end_text])[0]
        own = {
            *self.tokenizer.all_special_ids,
            *self.tokenizer.get_added_vocab().values(),
        }
        if len(ids) > 1 and ids[0] not in own:
            raise ExplainError(
                f"the chat template ends a turn with {quoted(self.end_text)}, which is "
                "no token of this tokenizer, so generation would not know where to "
                f"stop; add it to the recipe as tokens: [{self.end_text!r}], or use "
                "the template that the model was trained with."
            )
        return ids[:1]


class MistralFormatter(Formatter):
    """Writes conversations with mistral_common, which gives ids and no text."""

    def __init__(
        self, tokenizer: Any, settings: DatasetSettings, prompter: Any
    ) -> None:
        self.layout = settings.options.layout
        self.prompter = prompter
        self.turns = _turns(settings, prompter)
        self.tokenizer = tokenizer
        self.end = end_token(tokenizer)
        if self.turns.thinking:
            raise ExplainError(
                "explain.thinking: mistral_common tokenizers have no reasoning field "
                "here; remove thinking to put the explanation in the assistant's text."
            )

    @property
    def stop_ids(self) -> list[int]:
        return [self.end]

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        return self.turns.before(row)

    @property
    def described(self) -> dict[str, Any]:
        return _described(self.turns)

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        return [self._ids(self.turns.before(row), prompt=True) for row in rows]

    def prompts_behind(
        self, solved: Sequence[Sequence[TrainingRow]], rows: Sequence[TrainingRow]
    ) -> list[list[int]]:
        return self.prompts(self.turns.behind(solved, rows, self.layout))

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        return [self._encode(row) for row in rows]

    def _encode(self, row: TrainingRow) -> tuple[list[int], Encoded]:
        before, content = self.turns.before(row), self.turns.content(row, self.layout)
        prompt = self._ids(before, prompt=True)
        whole = self._ids([*before, self.turns.reply(row, content)], prompt=False)
        if whole[: len(prompt)] != prompt or whole[-1] != self.end:
            raise ExplainError(
                "mistral_common encodes a conversation differently once it is "
                "answered; use axolotl_explain.instruct with this tokenizer."
            )
        ids = whole[len(prompt) : -1]
        kinds = kinds_of(content, len(ids), DecodedOffsets(self.tokenizer, ids))
        return prompt, Encoded(ids, kinds) + Encoded.uniform([self.end], Kind.END)

    def _ids(self, messages: list[dict[str, str]], prompt: bool) -> list[int]:
        return list(self.prompter.build_prompt(messages, add_generation_prompt=prompt))


def _described(turns: Turns) -> dict[str, Any]:
    return {
        "system": turns.system,
        "thinking": turns.thinking,
        "thinking_key": turns.thinking_key,
    }


def _turns(settings: DatasetSettings, prompter: Any) -> Turns:
    options = settings.options
    key = str(prompter.template_thinking_key)
    return Turns(options.system, settings.requests, options.thinking, key)


@contextmanager
def _without_false_alarm() -> Iterator[None]:
    """Axolotl says of its own masks that an end other than eos would not be trained."""

    def is_true(record: logging.LogRecord) -> bool:
        return "turn terminator won't be trained" not in record.getMessage()

    logger = logging.getLogger("axolotl.prompt_strategies.chat_template")
    logger.addFilter(is_true)
    try:
        yield
    finally:
        logger.removeFilter(is_true)


def _refuse_no_template(tokenizer: Any, cfg: Any) -> None:
    if getattr(tokenizer, "chat_template", None):
        return
    name = cfg.tokenizer_config or cfg.base_model
    raise ExplainError(
        f"chat_template: the tokenizer {name} has none, as many of base models, and "
        "the recipe names none; add chat_template: chatml (or the one that the model "
        "will be served with), or use type: axolotl_explain.instruct."
    ) from None


def load(tokenizer: Any, cfg: Any, ds_cfg: Mapping[str, Any]) -> ExplainStrategy:
    """Called by Axolotl for each dataset entry of this type."""

    def make(tokenizer: Any, settings: DatasetSettings) -> Formatter:
        with _without_false_alarm():
            try:
                prompter = load_chat_template(tokenizer, cfg, ds_cfg).prompter
            except ValueError:
                _refuse_no_template(tokenizer, cfg)
                raise
        if cfg.tokenizer_use_mistral_common:
            return MistralFormatter(tokenizer, settings, prompter)
        return ChatFormatter(tokenizer, settings, prompter)

    return ExplainStrategy.for_entry(make, tokenizer, cfg, ds_cfg)
