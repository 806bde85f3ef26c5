"""Axolotl's own validation of a recipe, for a machine that may be another than this."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Literal

Machine = Literal["cpu", "gpu"]

MACHINES: dict[Machine, dict[str, Any]] = {
    "cpu": {
        "bf16": False,
        "fp8": False,
        "tf32": False,
        "n_gpu": 1,
        "compute_capability": None,
    },
    "gpu": {
        "bf16": True,
        "fp8": True,
        "tf32": True,
        "n_gpu": 1,
        "compute_capability": "sm_90",
    },
}
"""The capabilities that validation takes a machine of each kind to have."""

VALIDATION_ERRORS = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ImportError,
    NotImplementedError,
    RuntimeError,
)
"""What Axolotl's validators raise for values that they do not expect."""


def validated_config(recipe: Mapping[str, Any], machine: Machine) -> Any:
    """Axolotl's config of a recipe, with all defaults; its plugins are loaded.

    The recipe itself stays as it is.

    Raises:
        ExplainError: if a plugin of this package refuses the recipe.
        VALIDATION_ERRORS: if Axolotl does; most are pydantic's ValidationError.
    """
    from axolotl.utils.config import (
        normalize_cfg_datasets,
        prepare_plugins,
        validate_config,
    )
    from axolotl.utils.dict import DictDefault

    cfg = DictDefault(copy.deepcopy(dict(recipe)))
    prepare_plugins(cfg)
    environment = {"torch_version": version("torch").partition("+")[0]}
    cfg = validate_config(cfg, MACHINES[machine], environment)
    normalize_cfg_datasets(cfg)
    return cfg
