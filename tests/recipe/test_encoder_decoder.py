"""Recipes for encoder–decoder models: what they must say, and what they cannot."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.encoder_decoder import check_encoder_decoder
from axolotl_explain.recipe.install import install_settings

SEQ2SEQ, INSTRUCT = "axolotl_explain.seq2seq", "axolotl_explain.instruct"
T5 = {"model_type": "AutoModelForSeq2SeqLM"}
KERNELS = (
    "lora_mlp_kernel",
    "lora_qkv_kernel",
    "lora_o_kernel",
    "lora_embedding_kernel",
)
REASONS = {
    "sample_packing": "the encoder would mix them",
    "eval_sample_packing": "the encoder would mix them",
    "batch_flattening": "the encoder would mix them",
    "train_on_inputs": "nothing predicts it",
    "chat_template": "the prompt is explain.template",
    "default_system_message": "there is no conversation",
    "do_causal_lm_eval": "use explain.evaluation",
    "eval_table_size": "use explain.evaluation",
    "chunked_cross_entropy": "would not be applied",
    "cut_cross_entropy": "would not be applied",
    "liger_fused_linear_cross_entropy": "would not be applied",
    "use_dynamic_finetuning": "would not be applied",
    "use_eaft": "would not be applied",
    **dict.fromkeys(KERNELS, "know the layers of decoders alone"),
}
"""Key of a recipe -> words of the reason why it is refused."""


def refusal(recipe: dict[str, Any], *kinds: str) -> str:
    with pytest.raises(ExplainError) as caught:
        check_encoder_decoder(recipe, kinds or (SEQ2SEQ,))
    return str(caught.value)


@pytest.mark.parametrize("key", REASONS)
def test_what_only_a_decoder_has_is_refused_with_the_reason(key: str) -> None:
    message = refusal({**T5, key: True})
    assert message.startswith(f"{key}: True cannot go with an encoder–decoder model: ")
    assert REASONS[key] in message
    assert message.endswith("Remove the key.")


@pytest.mark.parametrize("key", REASONS)
def test_what_is_switched_off_is_fine_and_so_it_is_with_other_models(key: str) -> None:
    check_encoder_decoder({**T5, key: False}, [SEQ2SEQ])
    check_encoder_decoder({key: True}, [INSTRUCT])


def test_one_run_over_several_devices_is_refused() -> None:
    assert refusal({**T5, "context_parallel_size": 2}).startswith("context_parallel_")
    check_encoder_decoder({**T5, "context_parallel_size": 1}, [SEQ2SEQ])


@pytest.mark.parametrize("model_type", [None, "AutoModelForCausalLM", "LlamaForCausal"])
def test_another_kind_of_model_is_refused_with_the_line_to_add(
    model_type: str | None,
) -> None:
    message = refusal({"model_type": model_type} if model_type else {})
    assert "add model_type: AutoModelForSeq2SeqLM" in message


def test_a_class_of_encoder_decoder_models_may_be_named() -> None:
    recipe = {"model_type": "T5ForConditionalGeneration"}
    check_encoder_decoder(recipe, [SEQ2SEQ])


@pytest.mark.parametrize("kind", [INSTRUCT, "axolotl_explain.chat"])
def test_rows_of_another_type_are_refused(kind: str) -> None:
    assert refusal(dict(T5), kind).startswith("model_type: AutoModelForSeq2SeqLM is an")
    assert f"cannot read rows of type {kind}" in refusal(dict(T5), SEQ2SEQ, kind)


def test_a_recipe_without_our_datasets_is_left_alone() -> None:
    recipe = {**T5, "sample_packing": True}
    check_encoder_decoder(recipe, [])
    assert recipe == {**T5, "sample_packing": True}


def test_fused_kernels_are_switched_off_where_the_recipe_does_not_say() -> None:
    recipe: dict[str, Any] = dict(T5)
    check_encoder_decoder(recipe, [SEQ2SEQ])
    assert {key: recipe[key] for key in KERNELS} == dict.fromkeys(KERNELS, False)
    causal: dict[str, Any] = {}
    check_encoder_decoder(causal, [INSTRUCT])
    assert causal == {}


def test_the_plugin_checks_it_before_anything_is_loaded() -> None:
    recipe = {"datasets": [{"path": "rows.jsonl", "type": SEQ2SEQ}]}
    with pytest.raises(ExplainError, match=r"^model_type: is missing"):
        install_settings(recipe)
