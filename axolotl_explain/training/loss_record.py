"""The weights that a model was trained with, kept beside it as a file.

    {"weights": {"explanation": 0.1, ...}, "schedule": {}, "tokens": {...},
     "shares": {...}}

The recipe has them too, but where it says `share:` they follow from the data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from axolotl_explain.core.loss_weights import LossKind, LossWeights, shares
from axolotl_explain.support.whole_file import write_whole

RECORD = "explain_loss.json"
Record = dict[str, Any]


class RecordLoss(TrainerCallback):  # type: ignore[misc]
    """Writes the record into the output folder and each checkpoint.

    The first process does. Without a record, one that another training has left in the
    same folder goes.
    """

    def __init__(self, record: Record | None) -> None:
        self.record = record

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self._keep(Path(args.output_dir))

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if state.is_world_process_zero and folder.is_dir():
            self._keep(folder)

    def _keep(self, folder: Path) -> None:
        if self.record is None:
            (folder / RECORD).unlink(missing_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / RECORD, json.dumps(self.record, indent=2) + "\n")


def loss_record(
    weights: LossWeights, tokens: Mapping[LossKind, int] | None = None
) -> Record:
    """What a reader needs to know of a loss.

    Args:
        tokens: of each kind, over the training rows; None where nobody counted them.
    """
    return {
        "weights": dict(weights.start),
        "schedule": {kind: asdict(ramp) for kind, ramp in weights.ramps.items()},
        "tokens": dict(tokens) if tokens else None,
        "shares": shares(weights.start, tokens) if tokens else None,
    }


def read_loss_record(model: str) -> Record | None:
    """The record of a model folder, or of the training that it lies in; None without.

    A checkpoint and a merged model lie in the folder of their training.
    """
    folder = Path(model).resolve()
    inner = folder.name == "merged" or folder.name.startswith("checkpoint-")
    places = [folder, folder.parent] if inner else [folder]
    for place in places:
        try:
            found = json.loads((place / RECORD).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            return found
    return None
