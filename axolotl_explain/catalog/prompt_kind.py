"""How rows become prompts for a model: instruction, chat or encoder–decoder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from axolotl_explain.catalog.model_facts import ModelFacts
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.catalog.tokenizer_facts import TokenizerFacts
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sources.recognise import Recognised

Kind = Literal["instruct", "chat", "seq2seq"]
BASE = re.compile(r"(?:^|[-_./])(?:base|pt)(?:$|[-_./])", re.IGNORECASE)
CHAT = re.compile(r"(?:^|[-_./])(?:instruct|chat|it)(?:$|[-_./])", re.IGNORECASE)
"""What names of models say of their tuning."""


@dataclass(frozen=True, slots=True)
class PromptKind:
    """The type of a recipe's datasets, and what goes with it.

    Attributes:
        chat_template: as the recipe names it.
        why: in words.
        hint: what the user may want to know as well.
    """

    kind: Kind
    why: str
    thinking: bool = False
    chat_template: str | None = None
    hint: str = ""


def prompt_kind(
    model: ModelFacts,
    tokenizer: TokenizerFacts,
    rows: Recognised,
    thinking: bool | None,
) -> PromptKind:
    """Choose one.

    Args:
        thinking: what the user wants; None to find out.

    Raises:
        ExplainError: if explanations are to be thoughts, which have no place.
    """
    if model.encoder_decoder:
        chosen = PromptKind("seq2seq", "it is an encoder–decoder")
    else:
        chosen = _decoder(model, tokenizer)
    if chosen.kind != "chat":
        if thinking:
            raise ExplainError(
                "--thinking: explanations would stand in the reasoning field of a chat "
                f"template, and {model.name} is asked without one ({chosen.why}); "
                "leave it out."
            )
        return chosen
    return _with_thinking(chosen, model, tokenizer, rows, thinking)


def same_model(name: str) -> ShippedRecipe | None:
    """A shipped recipe for this very model."""
    found = (one for one in shipped_recipes() if one.recipe["base_model"] == name)
    return next(found, None)


def _decoder(model: ModelFacts, tokenizer: TokenizerFacts) -> PromptKind:
    name = model.name.rpartition("/")[2]
    shipped = same_model(model.name)
    if shipped is not None:
        kind: Any = shipped.recipe["datasets"][0]["type"].rpartition(".")[2]
        template = shipped.recipe.get("chat_template")
        return PromptKind(kind, f"as in the recipe {shipped.name}", False, template)
    if tokenizer.template and not BASE.search(name):
        return _templated(tokenizer)
    if tokenizer.tokenizer is None and CHAT.search(name):
        why = "its name says that it is tuned to chat"
        return PromptKind("chat", why, False, "tokenizer_default")
    return PromptKind("instruct", _why_not_chat(tokenizer, name))


def _why_not_chat(tokenizer: TokenizerFacts, name: str) -> str:
    if tokenizer.trouble:
        return f"its chat template cannot be used: {tokenizer.trouble}"
    if tokenizer.tokenizer is not None and not tokenizer.template:
        return "its tokenizer has no chat template"
    if BASE.search(name):
        return "its name says that it is a base model"
    return "its tokenizer is not on this machine to be looked at"


def _templated(tokenizer: TokenizerFacts) -> PromptKind:
    why = "its tokenizer has a chat template"
    if not tokenizer.dated:
        return PromptKind("chat", why, False, "tokenizer_default")
    if tokenizer.like_llama3:
        why += ", here Axolotl's llama3, which writes no date into prompts"
        return PromptKind("chat", why, False, "llama3")
    hint = "the chat template writes today's date into prompts; check says what to do"
    return PromptKind("chat", why, False, "tokenizer_default", hint)


def _with_thinking(
    chosen: PromptKind,
    model: ModelFacts,
    tokenizer: TokenizerFacts,
    rows: Recognised,
    thinking: bool | None,
) -> PromptKind:
    shipped = same_model(model.name)
    known = tokenizer.tokenizer is not None
    able = tokenizer.reasoning or bool(
        shipped and "qwen3" in shipped.name and not known
    )
    if thinking and known and not able:
        raise ExplainError(
            f"--thinking: the chat template of {model.name} has no reasoning field; "
            "leave it out, and the explanation stands in the answer."
        )
    options = rows.block.get("messages")
    thoughts = options is not None and "separator" not in options and rows.explained > 0
    fits = able and thoughts
    wanted = fits if thinking is None else thinking
    why, hint = chosen.why, chosen.hint
    if fits and thinking is None:
        why += ", with a field for the thoughts that the rows hold"
    elif able and thinking is None:
        hint = "its template has a reasoning field; --thinking puts explanations there"
    return PromptKind("chat", why, wanted, chosen.chat_template, hint)
