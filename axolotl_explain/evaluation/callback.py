"""Evaluation by generated answers, hung into Axolotl's trainer.

The trainer picks its best model and stops early by the metrics it passes to callbacks,
where each name begins with `eval_`; so does everything that is measured here.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from axolotl.utils.logging import get_logger
from transformers import TrainerCallback

from axolotl_explain.evaluation.processes import gathered, share
from axolotl_explain.evaluation.refusals import (
    PREFIX,
    refuse_training,
    refuse_unmeasured,
    wanted_metric,
)
from axolotl_explain.evaluation.step_evaluation import (
    DrawnRows,
    EvaluationBatch,
    ProcessResult,
    draw_rows,
    make_batches,
    run_batches,
)
from axolotl_explain.evaluation.token_counts import tokens_trained
from axolotl_explain.evaluation.undisturbed import random_states, undisturbed
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.dataset_entries import reading_entry
from axolotl_explain.recipe.evaluation_options import (
    METRIC_KEY,
    WHERE,
    EvaluationOptions,
)
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.metrics import level_rank, metrics_by_level
from axolotl_explain.results.step_files import (
    set_later_steps_aside,
    step_file,
    write_step,
)
from axolotl_explain.training.load import load_strategy

LOG = get_logger("axolotl.explain")


class EvaluationCallback(TrainerCallback):  # type: ignore[misc]
    """Lets the model answer while it trains; logs metrics, keeps completions.

    Every process takes its share of the batches and ends up with the same metrics. An
    evaluation that `log_history` holds, as after resuming, is not made again.
    """

    def __init__(
        self, trainer: Any, options: EvaluationOptions, batches: list[EvaluationBatch]
    ) -> None:
        self.trainer = trainer
        self.options = options
        self.batches = batches
        self.warned: set[str] = set()

    @classmethod
    def for_trainer(
        cls, cfg: Any, trainer: Any, options: EvaluationOptions
    ) -> EvaluationCallback:
        """Read the data and plan the batches, without a draw from random states.

        Raises:
            ExplainError: for data, levels or a training that it cannot work with.
        """
        refuse_training(cfg, trainer)
        with random_states(trainer.model):
            tokenizer = trainer.processing_class
            strategies = {
                path: load_strategy(cfg, tokenizer, path) for path in options.data
            }
            own = {path: one.settings.options for path, one in strategies.items()}
            drawn = draw_rows(options.data, options.rows, own)
            batches = []
            for path in dict.fromkeys(path for path, _, _ in drawn):
                rows = [one for one in drawn if one[0] == path]
                source = DrawnRows(
                    path,
                    strategies[path],
                    [number for _, number, _ in rows],
                    [example for _, _, example in rows],
                )
                batches += make_batches(source, options)
        levels = {level for batch in batches for level in batch.budgets}
        refuse_unmeasured(trainer.args, levels)
        return cls(trainer, options, batches)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Put completions of an abandoned run aside; evaluate before the first step."""
        # Early stopping reads the metrics that are added here, so it comes later.
        callbacks = self.trainer.callback_handler.callbacks
        callbacks.insert(0, callbacks.pop(callbacks.index(self)))
        if state.is_world_process_zero:
            set_later_steps_aside(Path(args.output_dir), after=state.global_step)
        if self.options.every and state.global_step == 0:
            self._evaluate(args, state, control)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Evaluate where the recipe says every how many steps."""
        every, step = self.options.every, state.global_step
        if every and (step % every == 0 or step >= state.max_steps):
            self._evaluate(args, state, control)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any
    ) -> None:
        """Evaluate with the trainer, and add to the metrics that it decides by."""
        if self.options.every is not None:
            return
        values = self._evaluate(args, state, control)
        if metrics is None:
            return
        metrics.update(values)
        wanted = wanted_metric(args)
        if wanted and wanted not in metrics:
            self._warn(f"{METRIC_KEY}: {wanted} could not be measured")
            metrics[wanted] = math.nan

    def _evaluate(self, args: Any, state: Any, control: Any) -> dict[str, float]:
        """The metrics of this step, by the names they are logged under."""
        logged = _logged(state)
        if logged:
            return logged
        start = time.monotonic()
        completions = self._complete(state.global_step)
        values = {
            f"{PREFIX}{level}/{name}": float(value)
            for level, metrics in metrics_by_level(completions).items()
            for name, value in metrics.to_dict().items()
            if isinstance(value, int | float)
        }
        if not values:
            return {}
        if state.is_world_process_zero:
            path = step_file(Path(args.output_dir), state.global_step)
            write_step(path, completions, state.global_step, tokens_trained(state))
        # Logging clears the trainer's own wish to log at this step.
        wish = control.should_log
        seconds = {f"{PREFIX}seconds": round(time.monotonic() - start, 2)}
        self.trainer.log({**values, **seconds})
        self.trainer.control.should_log = control.should_log = wish
        return values

    def _complete(self, step: int) -> list[Completion]:
        """All completions of all processes, in the order of levels, files and rows."""
        accelerator = self.trainer.accelerator
        model = accelerator.unwrap_model(self.trainer.model, keep_torch_compile=False)
        batches = self.batches[slice(*share())]
        with undisturbed(model), accelerator.autocast():
            own = run_batches(
                model,
                self.trainer.processing_class,
                batches,
                self.options.max_seconds,
            )
        results: list[ProcessResult] = gathered(own)
        name = str(self.trainer.args.output_dir)
        completions = [
            replace(one, model=name) for each in results for one in each.completions
        ]
        self._report(step, results, len(completions))
        return sorted(completions, key=self._place)

    def _place(self, one: Completion) -> tuple[int, int, int]:
        return level_rank(one.level), self.options.data.index(one.data), one.row

    def _report(self, step: int, results: list[ProcessResult], done: int) -> None:
        total = sum(len(batch.rows) * len(batch.budgets) for batch in self.batches)
        share = f"{done} of {total} completions"
        if any(one.out_of_time for one in results):
            LOG.warning(
                f"{WHERE}.max_seconds: {self.options.max_seconds} s were up at step "
                f"{step} after {share}"
            )
        failure = next((one.failure for one in results if one.failure), "")
        if failure:
            self._warn(
                f"{WHERE}: given up at step {step} after {share}; training goes on. "
                f"{failure}"
            )

    def _warn(self, message: str) -> None:
        """Say something once in a run."""
        kind = message.partition(":")[0]
        if kind not in self.warned:
            self.warned.add(kind)
            LOG.warning(message)


def _logged(state: Any) -> dict[str, float]:
    """What an earlier evaluation at this step has logged."""
    for entry in state.log_history:
        values = {key: value for key, value in entry.items() if _is_ours(key)}
        if values and entry.get("step") == state.global_step:
            return values
    return {}


def _is_ours(key: str) -> bool:
    return key.startswith(PREFIX) and key.count("/") > 1


def refuse_unreadable(cfg: Any, options: EvaluationOptions) -> None:
    """Read the rows to evaluate on before a model is loaded.

    Raises:
        ExplainError: naming file, row and field, as the evaluation itself would.
    """
    entries = {path: reading_entry(cfg, path) for path in options.data}
    own = {path: from_entry(entry).options for path, entry in entries.items() if entry}
    draw_rows(options.data, options.rows, own)
