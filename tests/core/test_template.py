"""Prompts: the usual template, one's own, and what the sandbox refuses."""

from __future__ import annotations

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.template import DEFAULT_TEMPLATE, compile_template, render

NAMES = {"instruction": "Name it.", "input": "", "id": "m-17", "meta": {"year": 1952}}
TALK = {"system": "", "history": []}


def test_the_usual_prompt_without_input() -> None:
    assert render(DEFAULT_TEMPLATE, {**NAMES, **TALK}) == (
        "### Instruction:\nName it.\n\n### Response:\n"
    )


def test_the_usual_prompt_with_input() -> None:
    assert render(
        DEFAULT_TEMPLATE, {**NAMES, **TALK, "input": "A duel.\nAt noon."}
    ) == (
        "### Instruction:\nName it.\n\n### Input:\nA duel.\nAt noon.\n\n### Response:\n"
    )


def test_texts_are_neither_escaped_nor_rendered_again() -> None:
    text = "<b> & {{ id }} {% if %}\n"
    assert render("{{ instruction }}|", {**NAMES, "instruction": text}) == text + "|"


def test_a_line_break_at_the_end_of_a_template_is_kept() -> None:
    assert render("{{ id }}:\n", NAMES) == "m-17:\n"


def test_a_template_can_read_meta() -> None:
    assert render("{{ meta.year }}", NAMES) == "1952"


def test_a_syntax_error_names_the_key_and_the_line() -> None:
    with pytest.raises(ExplainError, match=r"^explain\.template: line 3: "):
        compile_template("one\ntwo\n{% if %}")


@pytest.mark.parametrize("template", ["{{ instructions }}", "{{ meta.yeer }}"])
def test_an_unknown_name_is_named_with_the_known_ones(template: str) -> None:
    with pytest.raises(ExplainError) as caught:
        render(template, NAMES)
    message = str(caught.value)
    assert message.startswith("explain.template: ")
    assert template.strip("{ }").split(".")[-1] in message
    assert message.endswith("known names are instruction, input, id, meta.")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ meta.update({'year': 0}) }}",
        "{{ 1 / 0 }}",
        "{{ range(10 ** 9) | list }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ [id] * 10 ** 9 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 10 ** 99 * 10 ** 99 }}",
        "{{ instruction + 1 }}",
        "{{ [1, id] | sort }}",
        "{{ instruction.nothing() }}",
    ],
)
def test_what_a_template_must_not_do_is_an_error_of_the_template(template: str) -> None:
    with pytest.raises(ExplainError, match=r"^explain\.template: .+; known names are"):
        render(template, NAMES)
    assert NAMES["meta"] == {"year": 1952}


def test_operators_work_on_what_is_of_a_sensible_size() -> None:
    assert render("{{ '-' * 3 }} {{ 2 * 3.5 }} {{ 2 ** 10 }}", NAMES) == "--- 7.0 1024"


def test_what_is_none_is_written_as_nothing() -> None:
    assert render("a{{ meta.year }}b", {"meta": {"year": None}}) == "ab"
