"""Every strategy by every order, level, tokenizer, preset and limit."""

from __future__ import annotations

from typing import Any

from tests.training.same_tokens.case import KINDS, Case, explained, one
from tests.training.same_tokens.rows import PRESETS

ORDERS = ("explanation_first", "answer_first", "multitask")
LEVELS: dict[str, Any] = {
    **{level: level for level in ("none", "short", "medium", "long", "all")},
    "mix": {"none": 1, "long": 3},
}
TOKENIZERS: dict[str, dict[str, Any]] = {
    "sentencepiece": {},
    "tekken": {},
    "llama": {"special_tokens": {"pad_token": "<|finetune_right_pad_id|>"}},
    "qwen3": {},
    "gemma3": {},
    "mistral": {"special_tokens": {"pad_token": "[control_768]"}},
    "phi4": {},
    "smollm2": {},
    "smollm3": {
        "special_tokens": {
            "bos_token": "<|begin_of_text|>",
            "pad_token": "<|finetune_right_pad_id|>",
        }
    },
    "gpt2": {"special_tokens": {"pad_token": "<|endoftext|>"}},
}
LACKING = ("gemma3", "mistral")
"""Whose tokenizers here lack characters of other answers."""
OWN_TEMPLATE = {"llama": "llama3", "smollm3": "llama3", "mistral": "mistral_v1"}
"""Base models have no template in their tokenizer; the recipe names one."""


def with_tokenizer(name: str, kind: str) -> Case:
    """Odd rows at all levels, with another tokenizer."""
    keys = {"sequence_len": 1_024, **TOKENIZERS[name]}
    if kind == "chat" and name in OWN_TEMPLATE:
        keys["chat_template"] = OWN_TEMPLATE[name]
    explain = {"level": "all", "on_bad_row": "skip"}
    rows = "plain_answers" if name in LACKING else "mixed"
    return one(rows, kind, tokenizer=name, explain=explain, keys=keys)


LEVEL_GRID = {
    f"levels/{kind}, {order}, {name}": explained("sums", kind, order=order, level=level)
    for kind in KINDS
    for order in ORDERS
    for name, level in LEVELS.items()
}
BY_TOKENIZER = {
    f"tokenizers/{name}, {kind}": with_tokenizer(name, kind)
    for name in TOKENIZERS
    for kind in ("instruct", "chat")
    if (name, kind) != ("gpt2", "chat")
}
ODD = {
    f"odd/{kind}, {order}": one(
        "plain_answers" if kind == "seq2seq" else "mixed",
        kind,
        explain={"order": order, "level": "all"},
        keys={"sequence_len": 1_024},
    )
    for kind in KINDS
    for order in ORDERS
}
PUBLIC = {
    f"presets/{path.stem}": one(
        path.stem, explain={"preset": path.stem}, keys={"sequence_len": 1_024}
    )
    for path in sorted(PRESETS.glob("*.jsonl"))
}
LENGTH = {
    f"length/{kind}, {name}, {order}": one(
        "long",
        kind,
        explain={"on_too_long": name, "order": order, **limit},
        keys={"sequence_len": 96},
    )
    for kind, limit in {
        "instruct": {},
        "chat": {},
        "seq2seq": {"max_target_tokens": 60},
    }.items()
    for name, order in (
        ("drop", "explanation_first"),
        ("shorten", "explanation_first"),
        ("shorten", "answer_first"),
        ("shorten", "multitask"),
    )
}

GRIDS = {**LEVEL_GRID, **BY_TOKENIZER, **ODD, **PUBLIC, **LENGTH}
