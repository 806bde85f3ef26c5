"""What Axolotl knows by name: plugins, keys of a recipe and of its entries, types."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from axolotl_explain.checking.finding import Finding
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.foreign_entry_keys import RULES


def unimportable(names: list[Any]) -> Iterator[Finding]:
    """Plugins that Axolotl would print an error for and train on without."""
    for index, name in enumerate(names):
        module, _, attribute = str(name).rpartition(".")
        try:
            getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            yield Finding(
                "plugin-not-importable", f"plugins[{index}]", f"{name}: {error}"
            )


def known_keys(plugins: list[Any]) -> set[str]:
    """The keys of a recipe that Axolotl and its plugins read."""
    from axolotl.integrations.base import PluginManager
    from axolotl.integrations.config import merge_input_args

    manager = PluginManager.get_instance()
    for name in plugins:
        manager.register(str(name))
    _, model = merge_input_args()
    return _fields(model)


def known_entry_keys(entry: Mapping[str, Any]) -> set[str]:
    """The keys of a dataset entry that Axolotl reads, and ours.

    Of an entry of ours: those of supervised data; else those of any kind of data, such
    as preferences, since Axolotl tries all kinds on each entry.
    """
    from axolotl.utils.schemas import datasets as schemas

    if entry.get("type") in TYPES:
        return _fields(schemas.SFTDataset) | {"explain", *RULES}
    kinds = (
        schemas.SFTDataset,
        schemas.DPODataset,
        schemas.KTODataset,
        schemas.StepwiseSupervisedDataset,
        schemas.SyntheticDataset,
    )
    return set[str]().union(*map(_fields, kinds))


def _fields(model: Any) -> set[str]:
    names = set(model.model_fields)
    return names | {one.alias for one in model.model_fields.values() if one.alias}


RL_STRATEGIES = {"orpo": "orpo", "kto": "kto", "ebft": "ebft"}
"""`rl` -> the folder of its strategies; dpo's for every other."""


def is_type(kind: object, rl: object = None) -> bool:
    """Whether Axolotl finds a strategy for this `type`, as its own lookup does.

    Args:
        rl: the recipe's, which decides where it looks.
    """
    from axolotl.utils.data.wrappers import DATASET_HANDLERS

    if not isinstance(kind, str) or kind in TYPES:
        return True
    parts = kind.split(".")
    if rl:
        return _is_rl_type(parts, RL_STRATEGIES.get(str(rl), "dpo"))
    if kind.startswith(("bradley_terry", "stepwise_supervised", "_synthetic")):
        return True
    if kind.split(":")[0] in DATASET_HANDLERS:
        return True
    if parts[-1].startswith("load_") or parts[-1] == "load":
        parts = parts[:-1]
    elif len(parts) > 1 and _is_module(kind):
        return True
    return _is_module(".".join(("axolotl.prompt_strategies", *parts)))


def _is_rl_type(parts: list[str], folder: str) -> bool:
    """Whether a `module.function` is among Axolotl's strategies, or a user's own."""
    *module, function = parts if len(parts) > 1 else (*parts, "default")
    own = ".".join(("axolotl.prompt_strategies", folder, *module))
    if _is_module(own):
        return hasattr(importlib.import_module(own), function)
    return _is_module(".".join(module)) or _is_module(module[-1])


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
