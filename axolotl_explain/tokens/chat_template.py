"""A chat template: what it writes, and what is found out about it by trying.

The prompt is what it writes with `add_generation_prompt`; an answer is what an answered
conversation adds to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.thoughts import closing_of, opening_at_end

PROBE = "PROBE-OF-THE-CONTENT"
THOUGHT = "PROBE-OF-THE-REASONING-FIELD"
QUESTION = {"role": "user", "content": "Question"}
ANSWER = {"role": "assistant", "content": PROBE}


class ChatTemplate:
    """Renders conversations.

    Args:
        template: in jinja2; None for the tokenizer's own.
        kwargs: what else it is given, as the recipe says.
    """

    def __init__(
        self, tokenizer: Any, template: str | None, kwargs: Mapping[str, Any]
    ) -> None:
        self.tokenizer = tokenizer
        self.template = template
        self.kwargs = kwargs
        # One moment for all rows: a template may write the time, to the second.
        self.now = datetime.now()

    @property
    def source(self) -> str:
        """The template as text."""
        return str(self.template or getattr(self.tokenizer, "chat_template", "") or "")

    def prompt(self, messages: Sequence[Mapping[str, Any]], **keys: Any) -> str:
        """What generation is given."""
        return self.render(messages, add_generation_prompt=True, **keys)

    def render(self, messages: Sequence[Mapping[str, Any]], **keys: Any) -> str:
        """A conversation as text.

        Raises:
            BadRow: if the template refuses it.
        """
        keys = {"add_generation_prompt": False, **self.kwargs, **keys}
        if "strftime_now" in self.source:
            keys = {"strftime_now": self.now.strftime, **keys}
        try:
            text: str = self.tokenizer.apply_chat_template(
                list(messages), tokenize=False, chat_template=self.template, **keys
            )
        except TemplateError as error:
            roles = ", ".join(str(message["role"]) for message in messages)
            raise BadRow(
                f"the chat template refuses a conversation of {roles}: {error}; where "
                "it names a token, give it under special_tokens.",
                f"the chat template refuses the turns ({str(error)[:80]})",
            ) from None
        return text

    @cached_property
    def end(self) -> str:
        """What it writes behind an assistant's turn, white space cut."""
        return self.render([QUESTION, ANSWER]).rpartition(PROBE)[2].strip()

    @cached_property
    def heading(self) -> str:
        """What an answer begins with in its first line, where the prompt lacks it.

        Such as `assistant: `, which the model then writes by itself.
        """
        prompt = self.prompt([QUESTION])
        whole = self.render([QUESTION, ANSWER])
        if not whole.startswith(prompt):
            return ""
        return whole[len(prompt) :].partition(PROBE)[0].rpartition("\n")[2]

    @cached_property
    def opened(self) -> str:
        """What opens thoughts in the prompt and is gone from an answered conversation.

        So DeepSeek-R1's template does it. Empty where the template keeps it, or opens
        none.
        """
        prompt = self.prompt([QUESTION])
        opening = opening_at_end(prompt)
        before = self.render([QUESTION, ANSWER]).partition(PROBE)[0]
        gone = before.startswith(prompt.removesuffix(opening))
        gone = gone and opening.strip() not in before
        return opening if opening and gone else ""

    def answer(self, prompt: str, whole: str, thought: str = "") -> str:
        """What an answered conversation adds to its prompt, white space at the end cut.

        Args:
            thought: what stands in thoughts that the prompt opens, where an answered
                conversation has none.
        """
        if not self.opened or not prompt.endswith(self.opened):
            return continuation(prompt, whole)
        said = continuation(prompt.removesuffix(self.opened), whole)
        return f"{thought}{closing_of(self.opened)}{said}"

    def tags(self, field: str) -> tuple[str, str]:
        """What stands around the reasoning field of an answer.

        Raises:
            ExplainError: if the template has no room for it.
        """
        if self.opened:
            return "", closing_of(self.opened)
        whole = self.render([QUESTION, {**ANSWER, field: THOUGHT}])
        if THOUGHT not in whole:
            raise ExplainError(
                f"explain.thinking: the chat template does not write {field}, so the "
                "explanation would be lost; use a model whose template has a "
                "reasoning field (such as chat_template: qwen3), or remove thinking "
                "to put the explanation in the assistant's text."
            )
        prompt = self.prompt([QUESTION])
        before, _, behind = whole.partition(THOUGHT)
        opening = before.removeprefix(prompt)
        if opening == before:
            opening = before.removeprefix(prompt.rstrip()).lstrip()
        return opening, behind.partition(PROBE)[0]


def continuation(prompt: str, whole: str) -> str:
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
