"""The end of a stage of internalisation, by the answers that are given in training."""

from __future__ import annotations

from typing import Any

from axolotl.utils.logging import get_logger
from transformers import TrainerCallback

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.asking import training_rows
from axolotl_explain.evaluation.callback import EvaluationCallback
from axolotl_explain.evaluation.refusals import PREFIX
from axolotl_explain.evaluation.step_evaluation import DrawnRows
from axolotl_explain.recipe.evaluation_options import WHERE as EVALUATION
from axolotl_explain.recipe.internalise_options import WHERE, InternaliseOptions
from axolotl_explain.targets.stages import StageCut
from axolotl_explain.training.staged_formatter import StagedFormatter

LOG = get_logger("axolotl.explain")


class EndStage(TrainerCallback):  # type: ignore[misc]
    """Ends training once answers are right and as long as the stage has them.

    A model that still writes what the stage takes away is right too, so that its
    answers have to be nearer in length to this stage's targets than to those of the
    stage before.

    Attributes:
        until: the exact match to come up to.
        own, before: tokens of the targets of this stage and of the one before, on
            average over the rows that are asked.
    """

    def __init__(self, level: str, until: float, own: float, before: float) -> None:
        self.level = level
        self.until = until
        self.own = own
        self.before = before

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any
    ) -> None:
        name = f"{PREFIX}{self.level}/"
        right = (logs or {}).get(f"{name}exact_match")
        tokens = (logs or {}).get(f"{name}tokens_per_completion")
        if right is None or tokens is None or not state.global_step:
            return
        if right < self.until or not self.writes_as_the_stage(tokens):
            return
        LOG.info(
            f"{WHERE}.until: exact match {right:.1%} at {tokens:.1f} tokens an answer "
            f"ends the stage at step {state.global_step}"
        )
        control.should_training_stop = True
        control.should_save = True

    def writes_as_the_stage(self, tokens: float) -> bool:
        """Whether answers of so many tokens are nearer to this stage's targets."""
        return abs(tokens - self.own) <= abs(tokens - self.before)


def end_of_stage(
    options: InternaliseOptions, evaluation: EvaluationCallback | None
) -> EndStage | None:
    """The callback of a stage that ends by its answers; None where it does not.

    Args:
        evaluation: that of `explain.evaluation`.

    Raises:
        ExplainError: if nothing is evaluated in training, or not at a single level.
    """
    if options.until is None or not options.stage:
        return None
    if evaluation is None:
        raise ExplainError(
            f"{WHERE}.until: {EVALUATION} is missing, which asks the model while it "
            "trains; add it, or remove until to have a stage take all of its steps."
        )
    sources = {batch.source.path: batch.source for batch in evaluation.batches}
    levels = {level for batch in evaluation.batches for level in batch.budgets}
    cut = options.cut(0)
    if len(levels) != 1 or cut is None:
        raise ExplainError(
            f"{WHERE}.until: {EVALUATION} asks for {len(levels)} levels, and a stage "
            "ends by one; train at a single level."
        )
    (level,) = levels
    means = [_mean_tokens(sources.values(), level, cut.at(s)) for s in _both(cut)]
    return EndStage(level, options.until, *means)


def _both(cut: StageCut) -> tuple[int, int]:
    return cut.stage, cut.stage - 1


def _mean_tokens(sources: Any, level: str, cut: StageCut) -> float:
    """Tokens of a target of a stage, on average, the end included."""
    lengths: list[int] = []
    source: DrawnRows
    for source in sources:
        derive = source.strategy.derive
        examples = [
            derive(one).example if derive is not None else one
            for one in source.examples
        ]
        formatter = StagedFormatter(source.strategy.formatter, cut, draws=False)
        encoded = formatter.encode(training_rows(level, examples))
        lengths += [len(target.ids) for _, target in encoded]
    return sum(lengths) / len(lengths)
