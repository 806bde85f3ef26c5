"""A recipe whose tokens are recorded, and short ways to write one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Way = Literal["wrap", "prepare"]
KINDS = ("instruct", "chat", "seq2seq")
SEQ2SEQ = {"model_type": "AutoModelForSeq2SeqLM"}
THINKING = {"chat_template": "qwen3"}


@dataclass(frozen=True)
class Entry:
    """One dataset of a recipe: a name in `rows`, a strategy, further keys."""

    rows: str
    kind: str = "instruct"
    keys: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One recipe.

    Attributes:
        datasets: its datasets.
        tokenizer: the name of a place in `places`.
        explain: the recipe's own block.
        keys: further keys of the recipe.
        tests: its test datasets.
        way: `wrap` asks the strategy of the first dataset alone, which is quicker;
            `prepare` is all that Axolotl does before training.
    """

    datasets: tuple[Entry, ...]
    tokenizer: str = "bpe"
    explain: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    tests: tuple[Entry, ...] = ()
    way: Way = "wrap"


def one(rows: str, kind: str = "instruct", **changes: Any) -> Case:
    """A recipe of one dataset."""
    keys = changes.pop("keys", {})
    if kind == "seq2seq":
        changes = {"tokenizer": "t5", **changes}
        keys = {**SEQ2SEQ, **keys}
    return Case((Entry(rows, kind),), keys=keys, **changes)


def explained(rows: str, kind: str = "instruct", **explain: Any) -> Case:
    """A recipe of one dataset that differs from the plainest by these options."""
    return one(rows, kind, explain=explain)
