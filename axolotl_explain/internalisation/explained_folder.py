"""A folder with a model that has learned with explanations already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.internalise_options import WHERE, internalise_block
from axolotl_explain.support.whole_file import digest_file

CONFIG, ADAPTER = "config.json", "adapter_config.json"
SHAPE = (
    *("model_type", "hidden_size", "num_hidden_layers", "num_attention_heads"),
    *("intermediate_size", "n_embd", "n_layer", "d_model", "num_layers", "d_ff"),
)
"""Keys of a config by which weights fit or do not."""


@dataclass(frozen=True, slots=True)
class ExplainedFolder:
    """The folder, and a digest of its weights."""

    folder: Path
    fingerprint: str


def explained_folder(
    path: Path, recipe: Mapping[str, Any], out: Path | None = None
) -> ExplainedFolder:
    """The folder, checked against the recipe that goes on from it.

    Args:
        out: the folder of the chain, which moves what lies in the places of stages.

    Raises:
        ExplainError: if it holds nothing that this recipe could go on from, or lies
            below the folder of the chain.
    """
    where = f"--explained {path}"
    if out is not None and out.resolve() in path.resolve().parents:
        raise ExplainError(
            f"{where}: it lies below --out {out}, where stages have their places; "
            "leave --explained out, since what is finished there is not trained again, "
            "or name another --out."
        )
    is_adapter = (path / ADAPTER).is_file()
    if not is_adapter and not (path / CONFIG).is_file():
        raise ExplainError(
            f"{where}: the folder has neither {ADAPTER} nor {CONFIG}; name the "
            "output_dir of a training run."
        )
    if is_adapter != bool(recipe.get("adapter")):
        held = "an adapter" if is_adapter else "a full model"
        wanted = f"adapter: {recipe.get('adapter')}" if recipe.get("adapter") else ""
        raise ExplainError(
            f"{where}: it holds {held}, and the recipe trains "
            f"{wanted or 'a full model'}; use the recipe of its training."
        )
    if is_adapter:
        _refuse_other_rank(where, path, recipe)
    else:
        _refuse_other_shape(where, path, recipe)
    weights = sorted({*path.glob("*.safetensors"), *path.glob("*.bin")})
    if not weights:
        raise ExplainError(f"{where}: there are no weights (*.safetensors) in it.")
    _refuse_without_optimizer(where, path, recipe)
    digests = [digest_file(file) for file in weights]
    return ExplainedFolder(path, hashlib.sha256("".join(digests).encode()).hexdigest())


def _refuse_without_optimizer(
    where: str, path: Path, recipe: Mapping[str, Any]
) -> None:
    options = internalise_block(recipe)
    if options is None or options.reset_optimizer:
        return
    if not [*path.glob("optimizer.pt"), *path.glob("checkpoint-*/optimizer.pt")]:
        raise ExplainError(
            f"{where}: it has no checkpoint with an optimizer.pt, which "
            f"{WHERE}.reset_optimizer: false goes on from; remove that key, or name a "
            "folder that still has its checkpoints."
        )


def _refuse_other_rank(where: str, path: Path, recipe: Mapping[str, Any]) -> None:
    held, wanted = _config(where, path / ADAPTER).get("r"), recipe.get("lora_r")
    if None not in {held, wanted} and held != wanted:
        raise ExplainError(
            f"{where}: the adapter has rank {quoted(held)}, and the recipe lora_r: "
            f"{quoted(wanted)}; use the recipe of its training."
        )


def _config(where: str, file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (ValueError, TypeError):
        raise ExplainError(
            f"{where}: its {file.name} is no JSON object; name the output_dir of a "
            "training run that has ended."
        ) from None


def _refuse_other_shape(where: str, path: Path, recipe: Mapping[str, Any]) -> None:
    from axolotl_explain.memory.models import model_config

    try:
        wanted = model_config(recipe)
    except ExplainError:
        # Nobody can tell here; Axolotl will as it loads the model.
        return
    held = _config(where, path / CONFIG)
    for key in SHAPE:
        if key in wanted and key in held and wanted[key] != held[key]:
            raise ExplainError(
                f"{where}: it is of another architecture than the recipe's base_model "
                f"({key} {quoted(held[key])}, not {quoted(wanted[key])}); use the "
                "recipe of its training."
            )
