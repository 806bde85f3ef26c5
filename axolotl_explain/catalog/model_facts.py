"""What is known of a model without its weights and without a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory.models import local_config

IN_NAME = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", re.IGNORECASE)
BOTH_BY_NAME = re.compile(
    r"(?:^|[/_-])(?:m|um|by)?(?:t5|t5gemma|bart|ul2)(?=$|[._-])", re.IGNORECASE
)
"""Names of encoder–decoders, for models whose config is not at hand."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a recipe has to know of its model.

    Attributes:
        name: a folder or a hub id.
        config: as its `config.json`; None where that is not on this machine.
        config_from: where it was found, in words.
        parameters: None where neither the config nor the name says it.
        size_from: `config`, `name`, or empty.
        encoder_decoder: by its config, else by its name.
    """

    name: str
    config: Mapping[str, Any] | None
    config_from: str
    parameters: float | None
    size_from: str
    encoder_decoder: bool

    @property
    def kind(self) -> str:
        """Its architecture, such as `llama`; empty where that is not known."""
        return str((self.config or {}).get("model_type") or "")

    @property
    def size(self) -> str:
        """Its size in words.

        >>> ModelFacts("a", None, "", 8_190_735_360, "config", False).size
        '8.2 billion parameters'
        """
        if self.parameters is None:
            return "a size that is not known"
        if self.parameters < 1e6:
            return f"{self.parameters:,.0f} parameters"
        if self.parameters < 1e9:
            return f"{self.parameters / 1e6:.3g} million parameters"
        return f"{self.parameters / 1e9:.2g} billion parameters"


def model_facts(name: str) -> ModelFacts:
    """Look at a folder, the table of known models or what was downloaded.

    Raises:
        ExplainError: if there is a config that cannot be read.
    """
    found = local_config(name)
    if found is None:
        size = size_in_name(name)
        both = BOTH_BY_NAME.search(name) is not None
        return ModelFacts(name, None, "", size, "name" if size else "", both)
    config, where = found
    both = is_encoder_decoder(config)
    size, source = _counted(config, both), "config"
    if size is None:
        size, source = size_in_name(name), "name"
    return ModelFacts(name, config, where, size, source if size else "", both)


def size_in_name(name: str) -> float | None:
    """The parameters that a name speaks of.

    >>> size_in_name("Qwen/Qwen2.5-14B-Instruct"), size_in_name("models/smol-360m")
    (14000000000.0, 360000000.0)
    >>> size_in_name("my/model-v2") is None
    True
    """
    found = IN_NAME.findall(name.rpartition("/")[2])
    sizes = [float(number) * (1e9 if unit in "bB" else 1e6) for number, unit in found]
    return max(sizes, default=None)


def is_encoder_decoder(config: Mapping[str, Any]) -> bool:
    """Whether a model has an encoder and a decoder, by its config."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES as BOTH,
    )

    said = config.get("is_encoder_decoder")
    return bool(config.get("model_type") in BOTH if said is None else said)


def _counted(config: Mapping[str, Any], both: bool) -> float | None:
    """The parameters of a model, built without memory; None if it cannot be."""
    from axolotl_explain.memory.meta_model import build_on_meta
    from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE

    try:
        model = build_on_meta({"model_type": MODEL_TYPE} if both else {}, config)
    except ExplainError:
        return None
    return float(sum(each.numel() for each in model.parameters()))
