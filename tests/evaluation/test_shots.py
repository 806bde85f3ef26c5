"""What stands in front of a question to a base model."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.shots import BehindShots, Shots
from tests.fixtures.bench import Bench, entry, refusal, sum_row, training_row

ROWS = [sum_row(index) for index in range(6)]
ASKED = sum_row(9)
LONG = "Start at one. Then go up by as much as the other number says, and stop."
TEMPLATE = "{{ instruction }} {{ input }}\n"


def shots(count: int, rows: list[dict[str, Any]] | None = None) -> Shots:
    examples = [Example.from_row(row) for row in rows or ROWS]
    return Shots(count, "rows.jsonl", examples)


def asked(
    bench: Bench, level: Level, row: dict[str, Any], kind: str = "instruct", **keys: Any
) -> str:
    """The prompt behind two solved rows, as text."""
    explain = {"level": "all", "level_request": "never", **keys.pop("explain", {})}
    path = bench.rows(ROWS)
    strategy = bench.strategy(
        datasets=[entry(path, kind, explain=explain)],
        **keys,
    )
    behind = BehindShots(strategy.formatter, shots(2), level, None, 8)
    (ids,) = behind.prompts([training_row(row, level)])
    text: str = strategy.formatter.encoder.tokenizer.decode(ids)
    return text


@pytest.mark.parametrize(
    ("level", "explained"),
    [
        ("none", ["", ""]),
        ("medium", ["1 plus 5 makes 6.\n", "4 plus 7 makes 11.\n"]),
    ],
)
def test_solved_rows_are_written_as_they_would_be_trained(
    bench: Bench, level: Level, explained: list[str]
) -> None:
    one, two = explained
    assert asked(bench, level, ASKED, explain={"template": TEMPLATE}) == (
        f"Add the two numbers. 1 5\n{one}Final answer: 6\n\n"
        f"Add the two numbers. 4 7\n{two}Final answer: 11\n\n"
        "Add the two numbers. 28 23\n"
    )


def test_a_question_never_stands_in_front_of_itself(bench: Bench) -> None:
    prompt = asked(bench, "none", ROWS[0], explain={"template": TEMPLATE})
    assert prompt.count("Add the two numbers. 1 5\n") == 1
    assert prompt.endswith("Add the two numbers. 1 5\n")
    assert prompt.count("Final answer: ") == 2


@pytest.mark.parametrize("thinking", [False, True])
def test_a_chat_model_has_them_as_turns_with_their_explanations(
    bench: Bench, thinking: bool
) -> None:
    template = {"chat_template": "qwen3"} if thinking else {}
    explain = {"thinking": True} if thinking else {}
    prompt = asked(bench, "long", ASKED, "chat", explain=explain, **template)
    turn = "<|im_start|>user\nAdd the two numbers.\n\n{}<|im_end|>\n"
    for question, said in (
        ("1 5", "Start at 1. Go up by 5. That is 6.\nFinal answer: 6"),
        ("4 7", "Start at 4. Go up by 7. That is 11.\nFinal answer: 11"),
    ):
        answered = f"<|im_start|>assistant\n{said}<|im_end|>\n"
        assert turn.format(question) + answered in prompt
    assert turn.format("28 23") in prompt
    assert prompt.count("<|im_start|>user") == 3


def test_an_encoder_reads_them_in_front_of_its_source(t5_bench: Bench) -> None:
    prompt = asked(t5_bench, "none", ASKED, "seq2seq")
    assert prompt.count("Final answer: ") == 2
    assert prompt.rindex("28 23") > prompt.rindex("Final answer: ")


def test_only_rows_with_an_explanation_at_the_level_are_shown() -> None:
    bare = [{**row, "explanations": {}} for row in ROWS[:4]]
    few = shots(3, [*bare, *ROWS[4:]])
    asked_row = training_row(ASKED, "long")
    message = refusal(few.in_front, "long", [asked_row])
    assert "only 2 can stand in front of a question at level long" in message
    assert "--shots-from" in message
    ((first, second, third),) = few.in_front("none", [asked_row])
    assert [first.explanation, second.explanation, third.explanation] == ["", "", ""]


def test_levels_that_a_recipe_derives_are_shown(bench: Bench) -> None:
    whole = [{**row, "explanations": {"long": LONG}} for row in ROWS]
    derive = {"by": "sentences", "budgets": {"short": 8, "medium": 80}}
    explain = {"level": "short", "derive_levels": derive}
    strategy = bench.strategy(datasets=[entry(bench.rows(whole), explain=explain)])
    few = shots(1, whole)
    assert "only 0 can" in refusal(few.in_front, "short", [training_row(ASKED)])
    ((first,),) = few.with_levels(strategy.derive).in_front(
        "short", [training_row(ASKED)]
    )
    assert first.explanation == "Start at one."


def test_a_model_without_room_is_said(bench: Bench) -> None:
    strategy = bench.strategy(datasets=[entry(bench.rows(ROWS))])
    behind = BehindShots(strategy.formatter, shots(4), "long", 100, 20)
    message = refusal(behind.prompts, [training_row(ASKED)])
    assert "--shots 4: the longest prompt has" in message
    assert "more than the 100 that the model can hold" in message


def test_the_draw_is_that_of_the_seed(bench: Bench) -> None:
    path = bench.rows([sum_row(index) for index in range(40)])
    recipe = {"datasets": [entry(path)], "seed": 3}
    first, again = (Shots.of_recipe(recipe, 2) for _ in range(2))
    other = Shots.of_recipe({**recipe, "seed": 4}, 2, path)
    assert first == again
    assert {one.id for one in first.examples} == {one.id for one in other.examples}
    assert first.examples != other.examples


def test_without_training_data_a_file_has_to_be_named() -> None:
    message = refusal(Shots.of_recipe, {"datasets": []}, 2)
    assert "name one by --shots-from" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "outputs/run", "shots": 2}, "add --base"),
        ({"model": None, "shots_from": "rows.jsonl"}, "nothing is drawn without"),
    ],
)
def test_shots_that_nobody_would_see_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExplainError, match=message):
        EvaluationRequest(recipe="recipe.yml", data=("rows.jsonl",), **options)
