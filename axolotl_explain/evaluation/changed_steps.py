"""`eval --corrupt`: does an answer follow from the explanation in front of it?

The model is given the beginning of the gold explanation as the beginning of its own
completion, once as it is and once with the number of its last step changed
(`core/changed_step.py`), and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from axolotl_explain.core.changed_step import ChangedStep, change_step
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.levels import parse_level
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import AnswerCut
from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.evaluation.begun_completions import complete_begun
from axolotl_explain.evaluation.evaluation_request import (
    EvaluationRequest,
    request_fingerprint,
)
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.loaded_model import load_for_evaluation, release
from axolotl_explain.recipe.asked_of import recipe_or_folder
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.recipe.levels_asked import ANY_LEVEL, level_names
from axolotl_explain.results.changed_steps import (
    ChangedAnswer,
    ChangedSteps,
    read_changed_steps,
    write_changed_steps,
)

NOT_COMPARED = ("none", ANY_LEVEL)
"""Levels that have no explanation of their own to begin with."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A row with the two beginnings that it is asked behind.

    Attributes:
        row: its number in its file, from 1.
    """

    row: int
    example: Example
    change: ChangedStep


def changed_steps(
    request: EvaluationRequest,
    out: Path | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[ChangedSteps]:
    """What `ask` gives, kept in a folder, and read from there where it is kept."""
    recipe = recipe_or_folder(request.recipe, request.model, request.base_model)
    examples = {
        path: read_examples(path, request.limit, reading_options(recipe, path))
        for path in request.data
    }
    mark = request_fingerprint(request, recipe, examples)
    if out is not None and (kept := read_changed_steps(out, [], mark)):
        return kept
    found, answers = ask(request, recipe, examples, progress)
    if out is not None:
        write_changed_steps(out, found, answers, mark)
    return found


def ask(
    request: EvaluationRequest,
    recipe: dict[str, Any],
    examples: Mapping[str, Mapping[int, Example]],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[ChangedSteps], list[ChangedAnswer]]:
    """Ask every model of a request at each of its levels, behind both beginnings.

    Args:
        examples: data file -> number of a row -> its example.
        progress: called with the completions that were added, and with all to come.

    Raises:
        ExplainError: where no level has an explanation in front of its answer.
    """
    found: list[ChangedSteps] = []
    answers: list[ChangedAnswer] = []
    for name in request.models:
        loaded = load_for_evaluation(recipe, name, request.engine)
        tasks = [
            (evaluator, level, _begun(evaluator, level, examples[path]))
            for path in request.data
            for evaluator in [Evaluator.of(loaded, path, name)]
            for level in _levels(evaluator, request)
        ]
        rows = sum(len(begun) for _, _, begun in tasks)
        total = 2 * rows * len(request.models)
        for evaluator, level, begun in tasks:
            told = partial(_told, progress, total)
            asked = _answers(evaluator, level, begun, request, told)
            answers += asked
            missing = len(examples[evaluator.data]) - len(begun)
            counted = (evaluator.data, name, level, missing)
            found.append(ChangedSteps.of(asked, *counted))
        del loaded, tasks
        release()
    return found, answers


def _told(progress: Callable[[int, int], None], total: int, done: int) -> None:
    progress(done, total)


def _levels(evaluator: Evaluator, request: EvaluationRequest) -> list[str]:
    if evaluator.strategy.settings.cut is not None:
        raise ExplainError(
            "--corrupt: the recipe trains a stage of internalisation, whose "
            "explanations are not whole; ask the explained model, which is stage 0."
        )
    if evaluator.strategy.formatter.layout.order != "explanation_first":
        raise ExplainError(
            "--corrupt: the recipe writes the answer in front of the explanation "
            "(explain.order), so that no answer follows from a changed step."
        )
    asked = level_names(evaluator.strategy.settings, request.levels)
    levels = [level for level in asked if level not in NOT_COMPARED]
    if not levels:
        raise ExplainError(
            "--corrupt: a step of an explanation is changed, and level none has no "
            "explanation; ask at another level with --level."
        )
    return levels


def _begun(
    evaluator: Evaluator, level: str, examples: Mapping[int, Example]
) -> list[Begun]:
    """The rows whose explanation has a step with a number."""
    derive = evaluator.strategy.derive
    found = []
    for row, example in examples.items():
        whole = example if derive is None else derive(example).example
        explanation = whole.explanations.get(parse_level(level), "")
        change = change_step(explanation, 0, str(row))
        if change is not None:
            found.append(Begun(row, whole, change))
    return found


def _answers(
    evaluator: Evaluator,
    level: str,
    begun: Sequence[Begun],
    request: EvaluationRequest,
    progress: Callable[[int], None],
) -> list[ChangedAnswer]:
    """The answers to rows behind both of their beginnings.

    Args:
        progress: called with the completions that were added.
    """
    if not begun:
        return []
    examples = [one.example for one in begun]
    budget = request.max_new_tokens or evaluator.token_budget(level, examples)
    completions = []
    for beginnings in (
        [one.change.true for one in begun],
        [one.change.changed for one in begun],
    ):
        rows = [
            TrainingRow(example, parse_level(level), beginning)
            for example, beginning in zip(examples, beginnings, strict=True)
        ]
        completions.append(complete_begun(evaluator, rows, budget, request.limits))
        progress(len(begun))
    return [
        _answer(evaluator, level, one, true, changed)
        for one, true, changed in zip(begun, *completions, strict=True)
    ]


def _answer(
    evaluator: Evaluator, level: str, one: Begun, true: str, changed: str
) -> ChangedAnswer:
    gold = one.example.answer
    first, second = (_extracted(evaluator, one, text) for text in (true, changed))
    return ChangedAnswer(
        row=one.row,
        id=one.example.id,
        data=evaluator.data,
        model=evaluator.name,
        level=level,
        answer=gold,
        step=one.change.step,
        steps=one.change.steps,
        true_beginning=one.change.true,
        true_completion=true,
        true_right=exact_match(first, gold),
        changed_beginning=one.change.changed,
        changed_completion=changed,
        changed_answer=second,
        changed_right=exact_match(second, gold),
    )


def _extracted(evaluator: Evaluator, one: Begun, completion: str) -> str | None:
    """The answer of a completion, which ends as in any other evaluation."""
    layout = evaluator.strategy.formatter.layout
    if evaluator.untrained:
        row = TrainingRow.of(one.example, "none")
        completion = AnswerCut.of(row, layout, "").cut(completion)
    return extract_answer(completion, layout)
