"""Three tokenizers, and what each makes of a text when asked without this package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import mistral_common
from axolotl.utils.mistral import HFMistralTokenizer
from mistral_common.protocol.instruct.messages import SystemMessage, UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from tokenizers import Tokenizer
from transformers import AutoTokenizer

MISTRAL = Path(mistral_common.__file__).parent / "data"
MISTRAL_FILES = {
    "sentencepiece": MISTRAL / "mistral_instruct_tokenizer_241114.model.v7",
    "tekken": MISTRAL / "tekken_240911.json",
}
KINDS = ("bpe", *MISTRAL_FILES)


@dataclass(frozen=True)
class Kind:
    """One kind of tokenizer.

    Attributes:
        tokenizer: as Axolotl loads it.
        keys: what a recipe says to get it.
        prompt_ids: a prompt of a base model as text -> ids, by the tokenizer's maker.
        chat_ids: user and system text -> ids of a prompt, by the tokenizer's maker.
    """

    tokenizer: Any
    keys: dict[str, Any]
    prompt_ids: Callable[[str], list[int]]
    chat_ids: Callable[[str, str | None], list[int]]


@cache
def make_kind(name: str, base_model: Path) -> Kind:
    if name == "bpe":
        return _bpe(base_model)
    return _mistral(MISTRAL_FILES[name])


def _bpe(base_model: Path) -> Kind:
    raw = Tokenizer.from_file(str(base_model / "tokenizer.json"))

    def ids(text: str) -> list[int]:
        return list(raw.encode(text, add_special_tokens=True).ids)

    def chat(user: str, system: str | None) -> list[int]:
        opening = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
        return ids(
            f"{opening}<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"
        )

    return Kind(AutoTokenizer.from_pretrained(base_model), {}, ids, chat)


def _mistral(file: Path) -> Kind:
    raw = MistralTokenizer.from_file(str(file))

    def ids(text: str) -> list[int]:
        return list(raw.instruct_tokenizer.tokenizer.encode(text, bos=True, eos=False))

    def chat(user: str, system: str | None) -> list[int]:
        messages: list[Any] = [UserMessage(content=user)]
        if system:
            messages.insert(0, SystemMessage(content=system))
        return raw.encode_chat_completion(
            ChatCompletionRequest(messages=messages)
        ).tokens

    keys = {"tokenizer_config": str(file), "tokenizer_use_mistral_common": True}
    return Kind(HFMistralTokenizer.from_pretrained(str(file)), keys, ids, chat)
