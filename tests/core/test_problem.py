"""Problems: equal where they ask the same, whatever is answered or explained."""

from __future__ import annotations

from axolotl_explain.core.example import Example, Turn
from axolotl_explain.core.problem import problem_number, question


def test_the_same_question_is_one_problem_at_every_level_and_with_any_answer() -> None:
    first = Example("Add.", "2", input="1 + 1", explanations={"long": "One more."})
    second = Example("add. ", "two", input="1  +\n1", id="other")
    assert problem_number(first) == problem_number(second)


def test_another_input_or_history_is_another_problem() -> None:
    numbers = {
        problem_number(Example("Add.", "2", input="1 + 1")),
        problem_number(Example("Add.", "2", input="1 + 2")),
        problem_number(Example("Add.", "2", history=(Turn("user", "1 + 1"),))),
    }
    assert len(numbers) == 3


def test_a_question_is_history_instruction_and_input() -> None:
    turns = (Turn("user", "Hello."), Turn("assistant", "Hi."))
    example = Example("Add.", "2", input="1 + 1", history=turns)
    assert question(example) == "Hello.\nHi.\nAdd.\n1 + 1"


def test_width_and_composition_of_characters_make_no_other_problem() -> None:
    one, other = (Example(text, "2") for text in ("Cafe\u0301 １", "CAFÉ 1"))
    assert problem_number(one) == problem_number(other)
