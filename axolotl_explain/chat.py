"""`type: axolotl_explain.chat`: the chat template of the tokenizer or the recipe.

Which template that is, Axolotl's own chat strategy decides; its prompter is taken over
with all its keys (`chat_template`, `chat_template_kwargs`, …). The prompt is what the
template writes with `add_generation_prompt`, the target is the rest of the whole
conversation, up to and with the end of the assistant's turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl.prompt_strategies.chat_template import load as load_chat_template
from jinja2 import TemplateError

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.target import Kind, text_of
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.tokens.chat_turns import Frame, Turns
from axolotl_explain.tokens.encoder import Encoded, Encoder, end_token
from axolotl_explain.tokens.formatter import Formatter, TextFormatter, Written
from axolotl_explain.tokens.kinds import DecodedOffsets, kinds_of
from axolotl_explain.training.strategy import ExplainStrategy

PROBE = "PROBE-OF-THE-REASONING-FIELD"
QUESTION = {"role": "user", "content": "Question"}


class ChatFormatter(TextFormatter):
    """Writes conversations with a jinja2 chat template."""

    def __init__(
        self, tokenizer: Any, settings: DatasetSettings, prompter: Any
    ) -> None:
        encoder = Encoder(tokenizer, special_tokens=False)
        super().__init__(encoder, settings.options.layout)
        self.tokenizer = tokenizer
        self.prompter = prompter
        self.turns = _turns(settings, prompter)
        self.end_text = self._find_end()
        tags = self._find_tags() if self.turns.thinking else ("", "")
        self.frame = Frame(*tags, self.end_text)
        self.end_ids = self._end_ids() if self.end_text else []

    @property
    def stop_ids(self) -> list[int]:
        end = self.tokenizer.eos_token_id
        return list(dict.fromkeys([*self.end_ids, *([] if end is None else [end])]))

    def prompt(self, row: TrainingRow) -> str:
        return self._render(self.turns.before(row), add_generation_prompt=True)

    def write(self, row: TrainingRow) -> Written:
        before, content = self.turns.before(row), self.turns.content(row, self.layout)
        prompt = self._render(before, add_generation_prompt=True)
        whole = self._render([*before, self.turns.reply(row, content)])
        target = _continuation(prompt, whole)
        if not target.removesuffix(self.end_text).endswith(text_of(content)):
            raise BadRow(
                "answer: the chat template does not write it as it stands: "
                f"{quoted(target[-80:])}.",
                "the chat template does not write the answer as it stands",
            )
        end = () if self.end_text else (end_token(self.tokenizer),)
        return Written(prompt, self.frame.segments(target, content), end)

    def _render(self, messages: Sequence[Mapping[str, Any]], **keys: Any) -> str:
        keys = {"add_generation_prompt": False, **keys}
        try:
            text: str = self.tokenizer.apply_chat_template(
                list(messages),
                tokenize=False,
                chat_template=self.prompter.chat_template,
                **{**self.prompter.chat_template_kwargs, **keys},
            )
        except TemplateError as error:
            roles = ", ".join(str(message["role"]) for message in messages)
            raise BadRow(
                f"the chat template refuses a conversation of {roles}: {error}; where "
                "it names a token, give it under special_tokens.",
                f"the chat template refuses the turns ({str(error)[:80]})",
            ) from None
        return text

    def _find_end(self) -> str:
        """What the template writes behind an assistant's turn, white space cut."""
        content = "PROBE-OF-THE-END"
        whole = self._render([QUESTION, {"role": "assistant", "content": content}])
        return whole.rpartition(content)[2].strip()

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

    def _find_tags(self) -> tuple[str, str]:
        """What the template writes around the reasoning field."""
        field, content = self.turns.thinking_key, "PROBE-OF-THE-CONTENT"
        answer = {"role": "assistant", "content": content, field: PROBE}
        whole = self._render([QUESTION, answer])
        if PROBE not in whole:
            raise ExplainError(
                f"explain.thinking: the chat template does not write {field}, so the "
                "explanation would be lost; use a model whose template has a "
                "reasoning field (such as chat_template: qwen3), or remove thinking "
                "to put the explanation in the assistant's text."
            )
        prompt = self._render([QUESTION], add_generation_prompt=True)
        before, _, behind = whole.partition(PROBE)
        opening = before.removeprefix(prompt)
        if opening == before:
            opening = before.removeprefix(prompt.rstrip()).lstrip()
        return opening, behind.partition(content)[0]


def _continuation(prompt: str, whole: str) -> str:
    """What an answered conversation adds to its prompt, white space at the end cut.

    The prompt stays what generation gets where it ends in more white space than the
    answered conversation has there (Axolotl's qwen3: `<think>` and two line breaks).

    Raises:
        ExplainError: if they differ in anything else.
    """
    if whole.startswith(prompt):
        return whole[len(prompt) :].rstrip()
    rest = whole.removeprefix(prompt.rstrip())
    if rest == whole or not rest[:1].isspace():
        raise ExplainError(
            "the chat template writes a conversation differently once it is "
            f"answered: it ends {quoted(prompt[-40:])} before the answer (some do so "
            "only with a system prompt); use another template (chat_template: …) or "
            "axolotl_explain.instruct."
        )
    return rest.strip()


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

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        return [self._ids(self.turns.before(row), prompt=True) for row in rows]

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


def _turns(settings: DatasetSettings, prompter: Any) -> Turns:
    options = settings.options
    key = str(prompter.template_thinking_key)
    return Turns(options.system, settings.requests, options.thinking, key)


def load(tokenizer: Any, cfg: Any, ds_cfg: Mapping[str, Any]) -> ExplainStrategy:
    """Called by Axolotl for each dataset entry of this type."""

    def make(tokenizer: Any, settings: DatasetSettings) -> Formatter:
        prompter = load_chat_template(tokenizer, cfg, ds_cfg).prompter
        if cfg.tokenizer_use_mistral_common:
            return MistralFormatter(tokenizer, settings, prompter)
        return ChatFormatter(tokenizer, settings, prompter)

    return ExplainStrategy.for_entry(make, tokenizer, cfg, ds_cfg)
