"""The model that Axolotl would load, on a device that gives its weights no memory.

Every architecture that transformers knows is built by transformers itself, so nothing
about any of them is written down here. 70 billion parameters take a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.memory.precision import precision

WITHOUT_SCORES = "axolotl_explain_without_scores"
"""The name under which attention without scores is known to transformers."""


def build_on_meta(recipe: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """The model of a recipe on the meta device, in the type that it is loaded in.

    Args:
        recipe: its keys, as in the YAML or as Axolotl validates them.
        config: of its base model, as `config.json` says it.

    Raises:
        ExplainError: if transformers cannot make it: an architecture that it does not
            know, code of its own, a value that does not fit.
    """
    import torch
    from huggingface_hub.errors import StrictDataclassError

    try:
        made = _config(recipe, config)
        with torch.device("meta"):
            model = _maker(recipe, made)(
                made,
                dtype=torch.bfloat16 if precision(recipe) == 2 else torch.float32,
                attn_implementation=_attention(recipe),
            )
    except (
        *(ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError),
        StrictDataclassError,
    ) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise ExplainError(
            f"base_model: the memory of {quoted(config.get('model_type'))} models is "
            "not estimated, since transformers cannot build one from its config "
            f"({why})."
        ) from None
    _untie(model, config)
    return model


def attention(recipe: Mapping[str, Any]) -> str | None:
    """The attention that a recipe names, by Axolotl's word for it now or before."""
    former = {
        "flash_attention": "flash_attention_2",
        "flex_attention": "flex_attention",
        "xformers_attention": "xformers",
        "sage_attention": "sage",
        "sdp_attention": "sdpa",
        "eager_attention": "eager",
    }
    named = (name for key, name in former.items() if recipe.get(key))
    found = recipe.get("attn_implementation") or next(named, None)
    return None if found is None else str(found)


def _attention(recipe: Mapping[str, Any]) -> str | None:
    """What transformers is told: its own choice, or one that keeps no scores."""
    named = attention(recipe)
    if named in (None, "sdpa"):
        return None
    if named == "eager":
        return "eager"
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    AttentionInterface.register(WITHOUT_SCORES, sdpa_attention_forward)
    return WITHOUT_SCORES


def _config(recipe: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    from transformers import AutoConfig

    made = AutoConfig.for_model(**config)
    made.use_cache = made.get_text_config().use_cache = False
    for key, value in (recipe.get("overrides_of_model_config") or {}).items():
        setattr(made, key, value)
    return made


def _maker(recipe: Mapping[str, Any], config: Any) -> Any:
    """What makes the model of a config (`ModelLoader._set_auto_model_loader`)."""
    import transformers
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as WITH_IMAGES,
    )

    several = config.model_type in WITH_IMAGES
    usual = "AutoModelForImageTextToText" if several else "AutoModelForCausalLM"
    named = recipe.get("model_type")
    name = usual if named in (None, "AutoModelForCausalLM") else str(named)
    maker = getattr(transformers, name)
    return maker.from_config if name.startswith("Auto") else maker._from_config


def _untie(model: Any, config: Mapping[str, Any]) -> None:
    """Give the head weights of its own where the config says that it has them.

    transformers makes every T5 with a shared head, and learns from the file of weights
    that Flan-T5 brings one of its own.
    """
    import torch

    head = model.get_output_embeddings()
    if config.get("tie_word_embeddings") is not False or head is None:
        return
    if head.weight is model.get_input_embeddings().weight:
        head.weight = torch.nn.Parameter(torch.empty_like(head.weight))
        model.all_tied_weights_keys.pop("lm_head.weight", None)
