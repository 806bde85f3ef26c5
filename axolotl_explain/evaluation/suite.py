"""Evaluate models on data files at levels, in one go that can be interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.evaluation.evaluation_request import (
    EvaluationRequest,
    request_fingerprint,
)
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.loaded_model import load_for_evaluation, release
from axolotl_explain.evaluation.other_recipe import compare_with_training
from axolotl_explain.evaluation.shots import Shots
from axolotl_explain.evaluation.trained_loss import trained_loss
from axolotl_explain.evaluation.training_ranges import LENGTH, training_ranges
from axolotl_explain.evaluation.vllm_engine import require_vllm
from axolotl_explain.grading.flexible import Same
from axolotl_explain.grading.mathematics import math_same
from axolotl_explain.recipe.asked_of import recipe_or_folder
from axolotl_explain.recipe.description import describe
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.recipe.levels_asked import level_names
from axolotl_explain.results.buckets import Range
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.partial import (
    PartialEvaluation,
    discard_partials,
    partial_evaluation,
    rows_done,
)
from axolotl_explain.results.store import (
    METRICS,
    read_completions,
    read_metrics,
    store,
)
from axolotl_explain.results.trained_recipe import trained_recipe


@dataclass(frozen=True, slots=True)
class Reporting:
    """How an evaluation says what happens.

    Attributes:
        progress: called with the completions a step has added, and with all to come.
        notice: called with a line for the user.
    """

    progress: Callable[[int, int], None] = lambda done, total: None
    notice: Callable[[str], None] = lambda line: None


def evaluate(
    request: EvaluationRequest,
    out: Path | None = None,
    reporting: Reporting | None = None,
) -> list[Completion]:
    """Complete every row at every level by every model, greedily, and judge them.

    Args:
        out: where completions.jsonl and metrics.json are kept. A run that was
            interrupted goes on there; one that is finished is not run again.

    Returns:
        The completions, by model, dataset, level and row.

    Raises:
        ExplainError: for a recipe, model folder or row that cannot be used.
    """
    reporting = reporting or Reporting()
    same = math_same() if request.math_verify else None
    if request.engine == "vllm":
        require_vllm()
    recipe = recipe_or_folder(request.recipe, request.model, request.base_model)
    examples = {
        path: read_examples(path, request.limit, reading_options(recipe, path))
        for path in request.data
    }
    for path in request.data if request.model and request.recipe else ():
        for notice in compare_with_training(recipe, str(request.model), path):
            reporting.notice(notice)
    told = told_recipe(request, recipe)
    ranges = training_ranges(told, request.training_ranges)
    shots = _shots(request, recipe)
    drawn = dict(enumerate(shots.examples)) if shots else None
    mark = request_fingerprint(request, recipe, examples, drawn)
    kept = _finished(out, mark)
    if kept is not None and out is not None:
        discard_partials(out)
        reporting.notice(
            f"{out / METRICS} is this very evaluation, finished; it is kept as it is "
            "(remove it to evaluate again)."
        )
        return kept
    with partial_evaluation(out, mark) as under_way:
        if under_way.items:
            reporting.notice(
                f"Going on where it was: {len(under_way.items):,} completions are "
                "there already."
            )
        asked = _Asking(request, recipe, examples, same, under_way, reporting, shots)
        completions = list(asked.completions())
        if out is not None:
            facts = _facts(asked, ranges, mark)
            store(out, completions, facts, ranges)
    return completions


@dataclass(slots=True)
class _Asking:
    """One evaluation while it runs."""

    request: EvaluationRequest
    recipe: dict[str, Any]
    examples: Mapping[str, Mapping[int, Example]]
    same: Same | None
    under_way: PartialEvaluation
    reporting: Reporting
    shots: Shots | None = None
    budgets: dict[str, int] = field(default_factory=dict)
    num_parameters: int | None = None

    def completions(self) -> Iterator[Completion]:
        for name in self.request.models:
            yield from self._by_model(name)
            release()

    def _by_model(self, name: str | None) -> Iterator[Completion]:
        loaded = load_for_evaluation(self.recipe, name, self.request.engine)
        self.num_parameters = self.num_parameters or loaded.num_parameters
        tasks = []
        for path in self.examples:
            evaluator = Evaluator.of(loaded, path, name, self.same, self.shots)
            self._warn_of_ends(name, evaluator)
            levels = level_names(evaluator.strategy.settings, self.request.levels)
            tasks += [(evaluator, level) for level in levels]
        rows = sum(len(self.examples[evaluator.data]) for evaluator, _ in tasks)
        total = rows * len(self.request.models)
        for evaluator, level in tasks:
            yield from self._by_level(evaluator, level, total)

    def _warn_of_ends(self, name: str | None, evaluator: Evaluator) -> None:
        """A model that does not stop where training ended, as when it is served."""
        end = evaluator.strategy.formatter.stop_ids[0]
        if evaluator.ends and end not in evaluator.ends:
            token = evaluator.tokenizer.decode([end])
            self.reporting.notice(
                f"{name}: its generation_config.json does not name {token}, which "
                "ends a target, so completions run on as they do when it is served; "
                f"add {end} to eos_token_id there, or train again."
            )

    def _by_level(
        self, evaluator: Evaluator, level: str, total: int
    ) -> Iterator[Completion]:
        data, name = evaluator.data, evaluator.name
        numbers = list(self.examples[data])
        examples = list(self.examples[data].values())
        budget = self.request.max_new_tokens
        budget = budget or evaluator.token_budget(level, examples)
        self.budgets[level] = max(budget, self.budgets.get(level, 0))
        done = rows_done(self.under_way, data, name, level)
        self.reporting.progress(len(done), total)
        limits = self.request.limits
        places = {at for at, row in enumerate(numbers, start=1) if row in done}
        for found in evaluator.batches(level, examples, budget, limits, places):
            # The evaluator counts the rows that it is given, not those of the file.
            batch = [replace(one, row=numbers[one.row - 1]) for one in found]
            fresh = [one for one in batch if one.row not in done]
            self.under_way.add(batch)
            self.reporting.progress(len(fresh), total)
        for row in numbers:
            yield self.under_way.items[data, name, level, row]


def _shots(request: EvaluationRequest, recipe: dict[str, Any]) -> Shots | None:
    if not request.shots:
        return None
    return Shots.of_recipe(recipe, request.shots, request.shots_from)


def _finished(out: Path | None, mark: str) -> list[Completion] | None:
    """The completions of this very evaluation, where it is finished."""
    if out is None or not (out / METRICS).is_file():
        return None
    try:
        settings = read_metrics(out).get("settings")
        if not isinstance(settings, dict) or settings.get("fingerprint") != mark:
            return None
        return list(read_completions(out))
    except ExplainError:
        # Files of something else, or damaged ones: they are made anew.
        return None


def told_recipe(request: EvaluationRequest, recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe that reports tell of: without one, that of the card of the model."""
    if request.recipe is not None or request.model is None:
        return recipe
    return trained_recipe(request.model) or recipe


def _facts(asked: _Asking, ranges: Mapping[str, Range], mark: str) -> dict[str, Any]:
    """The head of metrics.json."""
    request = asked.request
    recipe = told_recipe(request, asked.recipe)
    lengths = ranges.get(LENGTH)
    return {
        "recipe": request.recipe,
        "recipe_content": recipe,
        "model": request.model,
        "base_model": recipe.get("base_model"),
        "num_parameters": asked.num_parameters,
        "seed": recipe.get("seed"),
        "explanations": describe(recipe),
        **trained_loss(recipe, request.model),
        "max_train_length": lengths.high if lengths else None,
        "settings": {
            "max_new_tokens": asked.budgets,
            "batch_size": request.limits.size,
            "batch_tokens": request.limits.tokens,
            "limit": request.limit,
            "engine": request.engine,
            "math_verify": request.math_verify,
            **({"shots": asked.shots.count} if asked.shots else {}),
            "fingerprint": mark,
        },
    }
