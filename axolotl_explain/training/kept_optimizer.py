"""An optimizer that goes on where that of the stage before has ended.

Only its moments are taken over. The learning rate and the steps are those of the new
stage: going on from the checkpoint itself would bring its schedule and its place in the
data along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axolotl.utils.logging import get_logger
from transformers import TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.internalise_options import WHERE, InternaliseOptions

LOG = get_logger("axolotl.explain")
STATE = "optimizer.pt"
SHARDED = ("deepspeed", "fsdp", "fsdp_config")
KEY = f"{WHERE}.reset_optimizer"


class KeepOptimizer(TrainerCallback):  # type: ignore[misc]
    """Gives the optimizer, before its first step, the moments of an earlier one."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def of(cls, cfg: Any, options: InternaliseOptions) -> KeepOptimizer | None:
        """The callback of a stage that keeps its optimizer; None where it does not.

        Raises:
            ExplainError: if the state is not there, or is shared out over devices.
        """
        if options.reset_optimizer or not options.optimizer_from:
            return None
        if shared := [key for key in SHARDED if cfg.get(key)]:
            raise ExplainError(
                f"{KEY}: false: with {shared[0]} each device holds a part of the "
                "optimizer, which is not taken over here; remove the key to begin "
                "each stage with a fresh one."
            )
        checkpoint = get_last_checkpoint(options.optimizer_from)
        file = Path(checkpoint or options.optimizer_from) / STATE
        if not file.is_file():
            raise ExplainError(
                f"{KEY}: false: there is no {file}, which the last checkpoint of the "
                "stage before keeps; let the recipe save one at its end (save_steps, "
                "without save_only_model), or remove the key."
            )
        return cls(file)

    def on_train_begin(
        self, args: Any, state: Any, control: Any, optimizer: Any = None, **_: Any
    ) -> None:
        if state.global_step or optimizer is None:
            return
        import torch

        kept = torch.load(self.file, map_location="cpu", weights_only=True)
        inner = getattr(optimizer, "optimizer", optimizer)
        fresh = inner.state_dict()
        _require_alike(kept, fresh, self.file)
        inner.load_state_dict({**fresh, "state": kept["state"]})
        LOG.info(f"{KEY}: the optimizer goes on from {self.file}")


def _require_alike(kept: Any, fresh: Any, file: Path) -> None:
    """Refuse the state of an optimizer of other parameters.

    Raises:
        ExplainError: naming the file.
    """
    sizes = [[len(g["params"]) for g in one["param_groups"]] for one in (kept, fresh)]
    if sizes[0] != sizes[1]:
        raise ExplainError(
            f"{KEY}: false: {file} is of an optimizer of other parameters; remove the "
            "key to begin with a fresh one."
        )
