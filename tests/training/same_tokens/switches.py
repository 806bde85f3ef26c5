"""Switches of experiments: coverage, control, filter and derived levels."""

from __future__ import annotations

from typing import Any

from tests.training.same_tokens.case import explained

COVERAGE: dict[str, dict[str, Any]] = {
    "coverage": {"coverage": 0.5},
    "coverage 0": {"coverage": 0.0},
    "coverage, all, multitask": {
        "coverage": 0.5,
        "level": "all",
        "order": "multitask",
    },
    **{
        f"control {control}": {"control": control}
        for control in ("shuffle_steps", "shuffle_tokens", "mismatched")
    },
    **{
        f"control {control}, all, seed 1": {
            "control": control,
            "level": "all",
            "seed": 1,
            "coverage": 0.7,
        }
        for control in ("shuffle_steps", "shuffle_tokens", "mismatched")
    },
    "mix, seed 1": {"level": {"none": 1, "short": 1, "long": 2}, "seed": 1},
}
DERIVE: dict[str, dict[str, Any]] = {
    "length": {"derive_levels": {"by": "length"}, "level": "requested"},
    "length, multitask": {
        "derive_levels": {"by": "length"},
        "level": "requested",
        "order": "multitask",
    },
    "sentences": {"derive_levels": {"by": "sentences"}, "level": "all"},
    "sentences, budgets": {
        "derive_levels": {"by": "sentences", "budgets": {"short": 9, "medium": 16}},
        "level": "all",
    },
    "sentences, from": {
        "derive_levels": {"by": "sentences", "from": "long"},
        "level": "short",
        "on_missing_level": "nearest",
    },
    "steps": {"derive_levels": {"by": "steps"}, "level": "all"},
    "steps, short": {
        "derive_levels": {"by": "steps"},
        "level": "short",
        "on_missing_level": "answer_only",
    },
}
SWITCHES = {
    **{
        f"switches/{name}": explained("many", **block)
        for name, block in COVERAGE.items()
    },
    **{
        f"switches/derived by {name}": explained("one_each", **block)
        for name, block in DERIVE.items()
    },
    "switches/derived by sentences, seq2seq": explained(
        "one_each", "seq2seq", **DERIVE["sentences, budgets"]
    ),
    "switches/filter": explained("arrives", filter="consistent"),
    "switches/filter, seq2seq": explained("arrives", "seq2seq", filter="consistent"),
    "switches/all at once": explained(
        "many",
        "chat",
        derive_levels={"by": "sentences", "from": "long"},
        level="all",
        coverage=0.5,
        control="shuffle_tokens",
        filter="consistent",
        order="multitask",
    ),
}
