"""A training that ends without a single step is an error, not a model."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from axolotl_explain.core.errors import ExplainError


class RefuseNoStep(TrainerCallback):  # type: ignore[misc]
    """Stops before anything is saved that was never trained."""

    def __init__(self, packing: bool) -> None:
        self.packing = packing

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 0:
            raise ExplainError(no_step(self.packing))

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.on_epoch_end(args, state, control)


def no_step(packing: bool) -> str:
    """Why nothing would be trained, and the way out."""
    if packing:
        return (
            "sample_packing: the packed rows do not fill one batch, and what does not "
            "is left out, so no step would be made; lower micro_batch_size or "
            "sequence_len, add rows, or switch sample_packing off."
        )
    return (
        "micro_batch_size: there is no batch to train on, so no step would be made; "
        "lower it, add rows, or switch dataloader_drop_last off."
    )
