"""Whether the head of a base model shares its weight with the embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_tied(recipe: Mapping[str, Any]) -> bool:
    """As its config says; also where the config cannot be read.

    Most configs write it down only where it is not what their architecture has.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(
            recipe.get("base_model_config") or recipe.get("base_model"),
            trust_remote_code=bool(recipe.get("trust_remote_code")),
            revision=recipe.get("revision_of_model") or "main",
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError):
        return True
    return bool(getattr(config.get_text_config(), "tie_word_embeddings", True))
