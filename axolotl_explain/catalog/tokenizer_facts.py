"""What a model's tokenizer says about how its rows have to be written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.tokens.chat_notices import dated
from axolotl_explain.tokens.chat_template import ANSWER, QUESTION, ChatTemplate

FIELD = "reasoning_content"
"""The reasoning field that Axolotl fills unless a recipe names another."""
PADS = ("<|finetune_right_pad_id|>", "<|endoftext|>", "<pad>", "[PAD]", "<unk>")
"""Tokens that pad well where a tokenizer names none; else its end token does."""
LLAMA3 = "<|start_header_id|>"
CHARACTERS = 3
"""Of a token, at least, where no tokenizer is at hand."""
AROUND = 64
"""Tokens of a row beside its texts: headings, roles, the answer's marker."""
BATCH = 1_000


class Lengths(NamedTuple):
    """Tokens of the longest prompt, target and row, and of all rows together."""

    prompt: int
    target: int
    row: int
    total: int


@dataclass(frozen=True, slots=True)
class TokenizerFacts:
    """A tokenizer, and what its chat template can do.

    Attributes:
        tokenizer: None where it is not on this machine.
        template: whether there is a chat template that answers can be trained with.
        trouble: why a template that is there cannot be used.
        reasoning: whether the template has a reasoning field.
        dated: whether it writes today's date into prompts.
        pad: the token to pad with, where it names none itself.
    """

    tokenizer: Any = None
    template: bool = False
    trouble: str = ""
    reasoning: bool = False
    dated: bool = False
    pad: str | None = None

    @property
    def like_llama3(self) -> bool:
        """Whether Axolotl's template `llama3` writes the same without the date."""
        return LLAMA3 in str(getattr(self.tokenizer, "chat_template", ""))

    def lengths(self, examples: Sequence[Example], levels: Collection[str]) -> Lengths:
        """How many tokens rows have, with the longest explanation of each example.

        Args:
            levels: those that are trained.
        """
        asked = self._counts([_asked(one) for one in examples])
        said = self._counts([_said(one, levels) for one in examples])
        rows = [sum(both) + AROUND for both in zip(asked, said, strict=True)]
        return Lengths(
            max(asked, default=0) + AROUND,
            max(said, default=0) + AROUND // 2,
            max(rows, default=0),
            sum(rows),
        )

    def _counts(self, texts: Sequence[str]) -> list[int]:
        if self.tokenizer is None:
            return [len(text) // CHARACTERS for text in texts]
        found: list[int] = []
        for start in range(0, len(texts), BATCH):
            ids = self.tokenizer(list(texts[start : start + BATCH]))["input_ids"]
            found += map(len, ids)
        return found


def tokenizer_facts(name: str) -> TokenizerFacts:
    """Load a model's tokenizer from this machine and try its chat template."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError):
        return TokenizerFacts()
    pad = None if tokenizer.pad_token else _pad(tokenizer)
    if not getattr(tokenizer, "chat_template", None):
        return TokenizerFacts(tokenizer, pad=pad)
    template = ChatTemplate(tokenizer, None, {})
    try:
        prompt = template.prompt([QUESTION])
        template.answer(prompt, template.render([QUESTION, ANSWER]))
    except ExplainError as error:
        return TokenizerFacts(tokenizer, trouble=str(error), pad=pad)
    return TokenizerFacts(
        tokenizer,
        template=True,
        reasoning=_has_field(template),
        dated=dated(template) is not None,
        pad=pad,
    )


def _asked(one: Example) -> str:
    before = [turn.content for turn in one.history]
    return "\n".join([one.system, *before, one.instruction, one.input])


def _said(one: Example, levels: Collection[str]) -> str:
    texts = [text for level, text in one.explanations.items() if level in levels]
    return f"{max(texts, key=len, default='')}\n{one.answer}"


def _pad(tokenizer: Any) -> str | None:
    known = tokenizer.get_vocab()
    found = (one for one in (*PADS, tokenizer.eos_token) if one in known)
    return next(found, None)


def _has_field(template: ChatTemplate) -> bool:
    try:
        template.tags(FIELD)
    except ExplainError:
        return False
    return True
