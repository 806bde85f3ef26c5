"""Callbacks that the plugin adds to Axolotl's trainer."""

from __future__ import annotations

from typing import Any

from axolotl.utils.logging import get_logger
from transformers import TrainerCallback

from axolotl_explain.support.progress_file import ProgressFile

LOG = get_logger("axolotl.explain")


class StopAtLoss(TrainerCallback):  # type: ignore[misc]
    """Ends training once the evaluation loss has come down to a bound.

    All processes see the same gathered loss, so all of them stop at the same step.
    """

    def __init__(self, bound: float) -> None:
        self.bound = bound

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any
    ) -> None:
        loss = (metrics or {}).get("eval_loss")
        if loss is not None and loss <= self.bound:
            LOG.info(
                f"stop_at_loss: eval_loss {loss:.4f} has come down to {self.bound} at "
                f"step {state.global_step}"
            )
            control.should_training_stop = True
            control.should_save = True


class StayEnded(TrainerCallback):  # type: ignore[misc]
    """Leaves a model as it is whose training had ended when its checkpoint was saved.

    A trainer that goes on from such a checkpoint makes a step before it looks whether
    there are any left, and the model would not be that of the unbroken training. Here
    that step has a learning rate of zero, and does not count.
    """

    def __init__(self) -> None:
        self.ended = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.ended = state.global_step > 0 and had_ended(state.stateful_callbacks)

    def on_step_begin(
        self, args: Any, state: Any, control: Any, optimizer: Any = None, **_: Any
    ) -> None:
        if self.ended:
            state.global_step -= 1
            for group in optimizer.param_groups:
                group["lr"] = 0.0

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.ended:
            control.should_training_stop = True
            control.should_save = control.should_evaluate = control.should_log = False


def had_ended(callbacks: Any) -> bool:
    """Whether a checkpoint is of the end of its training, by the states it keeps."""
    kept = callbacks.get("TrainerControl") if isinstance(callbacks, dict) else None
    return bool(isinstance(kept, dict) and kept["args"]["should_training_stop"])


class TellProgress(TrainerCallback):  # type: ignore[misc]
    """Says after each step how many of all are done; the first process speaks."""

    def __init__(self, file: ProgressFile) -> None:
        self.file = file

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.on_step_end(args, state, control)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self.file.tell(state.global_step, state.max_steps)
