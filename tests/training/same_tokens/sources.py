"""How rows are read: conversations, columns, tables, gaps and bad rows."""

from __future__ import annotations

from tests.training.same_tokens.case import KINDS, explained
from tests.training.same_tokens.rows import TABLES

READ = {
    **{f"read/talks, {kind}": explained("talks", kind, messages={}) for kind in KINDS},
    "read/talks with a system prompt of the recipe": explained(
        "talks", "chat", messages={}, system="Not this one."
    ),
    "read/reasoning field": explained(
        "fields", "chat", messages={"explanation": "field", "level": "medium"}
    ),
    "read/separator": explained(
        "separated", messages={"explanation": "separator", "separator": "####"}
    ),
    **{
        f"read/several, {several}": explained(
            "several",
            columns={
                "instruction": "{{ q }} ({{ a | length }})",
                "answer": "a",
                "system": "s",
                "long": "w",
            },
            several_explanations=several,
            **({"on_missing_level": "nearest"} if several == "levels" else {}),
        )
        for several in ("draw", "each", "join", "levels")
    },
    "read/several, levels, all": explained(
        "several",
        columns={"instruction": "q", "answer": "a", "long": "w"},
        several_explanations="levels",
        level="all",
    ),
    **{
        f"read/{name}": explained(name, on_missing_level="nearest", level="short")
        for name in TABLES
    },
    "read/bad rows refused": explained("bad"),
    "read/bad rows skipped": explained("bad", on_bad_row="skip"),
    "read/requested": explained("requested", level="requested"),
    **{
        f"read/missing level, {fallback}": explained(
            "gaps", level="medium", on_missing_level=fallback
        )
        for fallback in ("error", "nearest", "answer_only", "drop")
    },
    "read/missing level, multitask": explained(
        "gaps", "chat", order="multitask", on_missing_level="nearest"
    ),
}
