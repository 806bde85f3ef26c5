"""What a recipe does to explanations, before they are trained on and in the loss.

A result says little without it: levels may be derived, explanations may be shuffled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.internalise_options import internalise_block
from axolotl_explain.recipe.loss_options import loss_block

DERIVED = {
    "length": "levels are derived: each explanation has the level of its tercile, in "
    "tokens, among those of its dataset",
    "sentences": "levels are derived: short and medium are the first whole sentences "
    "of an explanation within a budget of tokens",
    "steps": "levels are derived: medium is the calculations of an explanation, short "
    "their results",
}
CONTROLS = {
    "shuffle_steps": "a control arm: the steps of each explanation are in a random "
    "order",
    "shuffle_tokens": "a control arm: the words of each explanation are in a random "
    "order",
    "mismatched": "a control arm: each row has the explanation of another",
}
CONSISTENT = "rows whose explanation arrives at another answer are left out"
MULTITASK = (
    "answers and explanations are trained apart, on two rows an example; evaluation "
    "asks to predict"
)


def describe(recipe: Mapping[str, Any]) -> list[str]:
    """A sentence for each switch, with the datasets where it does not hold for all.

    Args:
        recipe: as it is written; what is no recipe says nothing.
    """
    default = _mapping(recipe.get("explain"))
    entries = [
        entry
        for entry in _listed(recipe.get("datasets"))
        if str(entry.get("type")).startswith("axolotl_explain")
    ]
    paths: dict[str, list[str]] = {}
    for entry in entries:
        for sentence in _sentences({**default, **_mapping(entry.get("explain"))}):
            paths.setdefault(sentence, []).append(str(entry.get("path")))
    said = [
        sentence
        if len(found) == len(entries)
        else f"{', '.join(dict.fromkeys(found))}: {sentence}"
        for sentence, found in paths.items()
    ] or ([] if entries else _sentences(default))
    return [*said, *_of_the_stage(recipe), *_of_the_loss(recipe)]


def _of_the_stage(recipe: Mapping[str, Any]) -> list[str]:
    """A sentence for a stage of `explain.internalise` that takes something away."""
    try:
        block = internalise_block(recipe)
    except ExplainError:
        return []
    cut = None if block is None else block.cut(0)
    return [] if cut is None else [f"internalising: {cut.in_words}"]


def _of_the_loss(recipe: Mapping[str, Any]) -> list[str]:
    """A sentence for `explain.loss`; none where it is absent or cannot be read."""
    try:
        loss = loss_block(recipe)
    except ExplainError:
        return []
    if loss is None:
        return []
    given, parts = loss.target_weights(), loss.wanted_shares
    told = [
        f"{kind} has {parts[kind]:.4g} of it"
        if kind in parts
        else f"{kind} weighs {given[kind]:.4g}"
        for kind in sorted(loss.named)
    ]
    told += [
        f"{kind} goes to {ramp.to:.4g} from {ramp.start:.0%} to {ramp.end:.0%} of the "
        "training"
        for kind, ramp in loss.ramps.items()
    ]
    return [
        f"the loss counts each token of a step{': ' if told else ' once'}"
        f"{', '.join(told)}"
    ]


def _sentences(block: Mapping[str, Any]) -> list[str]:
    coverage = block.get("coverage")
    sentences = [
        DERIVED.get(str(_mapping(block.get("derive_levels")).get("by"))),
        CONSISTENT if block.get("filter") == "consistent" else None,
        f"{coverage:.4g} of the rows keep their explanation, the rest have the answer "
        "alone"
        if isinstance(coverage, int | float) and coverage < 1
        else None,
        CONTROLS.get(str(block.get("control"))),
        MULTITASK if block.get("order") == "multitask" else None,
    ]
    return [sentence for sentence in sentences if sentence]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [_mapping(one) for one in value] if isinstance(value, list) else []
