"""A stage ends once answers are right, and as long as the stage has them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from axolotl_explain.evaluation.stage_end import EndStage, end_of_stage
from axolotl_explain.evaluation.step_evaluation import DrawnRows, EvaluationBatch
from axolotl_explain.recipe.internalise_options import InternaliseOptions
from tests.fixtures.bench import Bench, entry, refusal, sum_row, training_row


def logged(right: float, tokens: float, level: str = "long") -> dict[str, float]:
    name = f"eval_explain/{level}/"
    return {f"{name}exact_match": right, f"{name}tokens_per_completion": tokens}


def ends(callback: EndStage, logs: dict[str, float], step: int = 100) -> bool:
    control = SimpleNamespace(should_training_stop=False, should_save=False)
    callback.on_log(None, SimpleNamespace(global_step=step), control, logs)
    assert control.should_save == control.should_training_stop
    return control.should_training_stop


@pytest.mark.parametrize(
    ("right", "tokens", "over"),
    [
        (0.98, 8.0, True),
        (0.97, 8.0, False),
        (1.0, 8.9, True),
        (1.0, 9.1, False),
        (1.0, 10.0, False),
        (0.99, 4.0, True),
    ],
)
def test_answers_have_to_be_right_and_nearer_to_this_stage_than_to_the_last(
    right: float, tokens: float, over: bool
) -> None:
    callback = EndStage("long", until=0.98, own=8.0, before=10.0)
    assert ends(callback, logged(right, tokens)) is over


def test_explanations_that_grow_have_to_have_grown() -> None:
    callback = EndStage("long", until=0.98, own=10.0, before=8.0)
    assert ends(callback, logged(1.0, 9.5))
    assert not ends(callback, logged(1.0, 8.0))


def test_nothing_ends_before_the_first_step_or_by_what_else_is_logged() -> None:
    callback = EndStage("long", until=0.5, own=8.0, before=10.0)
    assert not ends(callback, logged(1.0, 8.0), step=0)
    assert not ends(callback, {"loss": 0.1})
    assert not ends(callback, logged(1.0, 8.0, level="short"))


def evaluation(bench: Bench) -> Any:
    strategy = bench.strategy(datasets=[entry(bench.rows([sum_row(1)]))])
    examples = [training_row(sum_row(index)).example for index in range(3)]
    source = DrawnRows("rows.jsonl", strategy, [1, 2, 3], examples)
    return SimpleNamespace(batches=[EvaluationBatch(source, [0, 1, 2], {"long": 9})])


def test_the_lengths_are_those_of_the_rows_that_are_asked(bench: Bench) -> None:
    options = InternaliseOptions(unit="sentence", stage=2, until=0.9)
    asked = evaluation(bench)
    callback = end_of_stage(options, asked)
    assert callback is not None
    formatter = asked.batches[0].source.strategy.formatter
    for stage, mean in ((2, callback.own), (1, callback.before)):
        sizes = []
        for index in range(3):
            row = training_row(sum_row(index))
            left = row.explanation.split(". ")[stage:]
            text = row.__class__(row.example, row.level, ". ".join(left))
            sizes.append(len(formatter.encode([text])[0][1].ids))
        assert mean == sum(sizes) / 3


def test_a_stage_without_until_or_the_first_one_takes_all_of_its_steps() -> None:
    assert end_of_stage(InternaliseOptions(stage=1), None) is None
    assert end_of_stage(InternaliseOptions(stage=0, until=0.9), None) is None


def test_until_needs_answers_in_training() -> None:
    said = refusal(end_of_stage, InternaliseOptions(stage=1, until=0.9), None)
    assert said.startswith("explain.internalise.until: explain.evaluation is missing")
