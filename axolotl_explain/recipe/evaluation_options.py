"""The `evaluation:` block below a recipe's `explain:`, for evaluation while training.

    explain:
      evaluation:
        data: data/validation.jsonl

It has effects of its own only: it never changes what is trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.recipe.files import READS_ROWS, missing_file
from axolotl_explain.support.blocks import parse_block

WHERE = "explain.evaluation"
METRIC_KEY = "metric_for_best_model"
METRIC_PREFIXES = ("explain/", "eval_explain/")

BATCH_TOKENS = 32_768
"""Prompts with their padding and what may be generated behind them; a key-value cache
of 4 GB for a model of 8 billion parameters that holds 128 kB per token."""


class EvaluationOptions(BaseModel):
    """What the model is asked while it trains, how often, and at what price.

    The model answers on data of its own, greedily, at each level that the recipe
    trains. Metrics are logged as `eval_explain/<level>/<metric>`, which TensorBoard,
    wandb and trackio show as `eval/explain/<level>/<metric>`; completions are kept in
    output_dir as explain_evaluation/step-000025.jsonl. Training itself stays what it
    is without the block, to the bit.

    `metric_for_best_model: explain/long/exact_match` in the recipe picks checkpoints
    and stops early by such a metric; then leave out `every`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    data: tuple[str, ...] = Field(
        description="a file of rows or a hub dataset, or a list of them"
    )
    rows: int = Field(
        default=200,
        ge=1,
        description="at most how many rows, drawn from all of the data at once; the "
        "same ones at every evaluation and in every run",
    )
    every: int | None = Field(
        default=None,
        ge=1,
        description="in steps: before the first, after every so many and after the "
        "last; without it, at each evaluation of the trainer (eval_steps)",
    )
    levels: tuple[Level, ...] = Field(
        default=(),
        description="the levels to ask for; without it, those that the recipe trains",
    )
    max_new_tokens: int | dict[Level, int] | None = Field(
        default=None,
        description="tokens a completion may have, a number or one for each level; "
        "without it, the longest target of the data and a quarter more",
    )
    batch_size: int = Field(
        default=16, ge=1, description="at most how many prompts are completed at once"
    )
    batch_tokens: int = Field(
        default=BATCH_TOKENS,
        ge=1,
        description="at most how many tokens a batch may hold: prompts, padding and "
        "what may be generated; lower it where memory is short",
    )
    max_seconds: float | None = Field(
        default=None,
        gt=0,
        description="for one evaluation, which ends after the batch that passes it",
    )

    @field_validator("data", "levels", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        several = [value] if isinstance(value, str) else value
        if isinstance(several, list | tuple) and several:
            return tuple(several)
        if several == ():
            return several
        raise ValueError(f"{quoted(value)} is no name and no list of names")

    @field_validator("max_new_tokens", mode="before")
    @classmethod
    def _tokens(cls, value: object) -> object:
        if value is None:
            return None
        budgets = value if isinstance(value, Mapping) else {LEVELS[0]: value}
        for level, budget in budgets.items():
            if level not in LEVELS:
                raise ValueError(
                    f"{quoted(level)} is no level; use {', '.join(LEVELS)}"
                )
            if not isinstance(budget, int) or isinstance(budget, bool) or budget < 1:
                raise ValueError(f"{quoted(budget)} is no whole number above 0")
        return dict(value) if isinstance(value, Mapping) else value

    def token_budget(self, level: str) -> int | None:
        """The tokens a completion at a level may have; None: worked out from data."""
        if isinstance(self.max_new_tokens, dict):
            return {str(k): v for k, v in self.max_new_tokens.items()}.get(level)
        return self.max_new_tokens


def check_evaluation(recipe: Mapping[str, Any]) -> EvaluationOptions | None:
    """The options of a recipe, as far as they can be checked before it is run.

    Raises:
        ExplainError: naming the key path, for an unknown key or bad value, a file that
            is not there, or a metric for the best model that nobody would measure.
    """
    explain = recipe.get("explain")
    block = explain.get("evaluation") if isinstance(explain, Mapping) else None
    options = None if block is None else parse_evaluation(block)
    if options is not None and options.every is None and never_evaluates(recipe):
        raise ExplainError(
            f"{WHERE}: the trainer of this recipe never evaluates; set {WHERE}.every "
            "to a number of steps, or give it test_datasets and eval_steps."
        )
    if str(recipe.get(METRIC_KEY)).startswith(METRIC_PREFIXES):
        metric = f"{METRIC_KEY}: {quoted(recipe[METRIC_KEY])}"
        if options is None:
            raise ExplainError(f"{metric} is measured by {WHERE}, which is missing.")
        if options.every is not None:
            raise ExplainError(
                f"{metric} is needed at each evaluation of the trainer; remove "
                f"{WHERE}.every and set eval_steps."
            )
    return options


def never_evaluates(recipe: Mapping[str, Any]) -> bool:
    """Whether Axolotl's trainer would not evaluate once, as it reads these keys.

    By `evals_per_epoch` it evaluates only where that is more than once in a training.
    """
    if not (recipe.get("test_datasets") or recipe.get("val_set_size")):
        return True
    if recipe.get("eval_steps"):
        return False
    epochs = recipe.get("num_epochs")
    times = _number(recipe.get("evals_per_epoch"), 0)
    if times * _number(epochs, 1) > 1:
        return False
    strategy = recipe.get("eval_strategy") or recipe.get("evaluation_strategy")
    return str(strategy or "no") in ("no", "False")


def _number(value: object, otherwise: float) -> float:
    """A number of a recipe, which Axolotl has not validated yet."""
    try:
        return otherwise if value is None else float(str(value))
    except ValueError:
        return otherwise


def parse_evaluation(block: object) -> EvaluationOptions:
    """Check one `explain.evaluation:` block.

    Raises:
        ExplainError: as `check_evaluation` does.
    """
    options = parse_block(EvaluationOptions, block, WHERE)
    for path in options.data:
        if READS_ROWS.get() and missing_file({"path": path}):
            raise ExplainError(
                f"{WHERE}.data: there is no file {path}; paths start from the folder "
                "that the command is run in."
            )
    return options
