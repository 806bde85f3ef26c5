"""`merge_method`: legacy where the default would give another model."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.merge_method import set_merge_method, unmergeable

LORA = {"adapter": "lora"}
SAVED = {"lora_modules_to_save": ["embed_tokens", "lm_head"]}


def method(tied: bool, **keys: Any) -> Any:
    recipe = {**LORA, **keys}
    set_merge_method(recipe, lambda: tied)
    return recipe.get("merge_method")


# Measured for each row: logits of the adapter against those of the merged model, by
# both methods.
@pytest.mark.parametrize(
    ("tied", "keys", "expected"),
    [
        (True, SAVED, "legacy"),
        (True, {"lora_modules_to_save": ["lm_head"]}, "legacy"),
        (True, {"lora_modules_to_save": ["model.embed_tokens"]}, "legacy"),
        (False, SAVED, None),
        (True, {**SAVED, "peft_ensure_weight_tying": True}, None),
        (True, {"lora_modules_to_save": ["score"]}, None),
        (True, {"peft_trainable_token_indices": [5, 6]}, "legacy"),
        (True, {"peft_trainable_token_indices": {"embed_tokens": [5]}}, "legacy"),
        (False, {"peft_trainable_token_indices": [5, 6]}, None),
        (True, {"peft_trainable_token_indices": [5], "adapter": None}, None),
        (True, {"lora_target_modules": ["q_proj"]}, None),
        (False, {"lora_target_modules": ["q_proj", "embed_tokens"]}, "legacy"),
        (True, {**SAVED, "adapter": None}, None),
    ],
)
def test_the_method_that_answers_as_the_adapter_is_set(
    tied: bool, keys: dict[str, Any], expected: str | None
) -> None:
    assert method(tied, **keys) == expected


def test_a_method_that_loses_weights_is_refused() -> None:
    with pytest.raises(ExplainError, match="merge_method: memory_efficient would give"):
        method(True, **SAVED, merge_method="memory_efficient")


def test_a_merge_that_no_method_gets_right_is_refused_and_training_is_not() -> None:
    keys = {"lora_target_modules": ["q_proj", "lm_head"]}
    assert unmergeable({**LORA, **keys}, lambda: True)
    assert method(True, **keys) == "legacy"
    with pytest.raises(ExplainError, match="lora_target_modules: lm_head: the base"):
        method(True, **keys, merge_lora=True)


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (r".*(q_proj|lm_head)", "lm_head"),
        (r"(model\.layers.*proj|.*embed_tokens)", "model.embed_tokens"),
        (r"model\.layers\..*_proj", ""),
        ("all-linear", ""),
        ("q_proj", ""),
        ("lm_head", "lm_head"),
        ("*(", ""),
    ],
)
def test_a_pattern_of_layers_may_take_the_head_too(pattern: str, named: str) -> None:
    said = unmergeable({**LORA, "lora_target_modules": pattern}, lambda: True)
    assert bool(said) is bool(named)
    assert said.startswith(f"lora_target_modules: {named}: " if named else "")


def test_the_base_model_is_looked_at_only_where_it_matters() -> None:
    def fail() -> bool:
        raise AssertionError

    set_merge_method({**LORA, "lora_target_linear": True}, fail)
