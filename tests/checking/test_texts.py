"""What checks of a single row find, and what they leave alone."""

from __future__ import annotations

import pytest

from axolotl_explain.checking.agreement import contradictions
from axolotl_explain.checking.characters import check_texts, text_checks
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.leaks import answer_leak, explanation_leak
from axolotl_explain.checking.row_text import check_answer, check_ending, most_tokens
from axolotl_explain.core.example import Example
from axolotl_explain.core.target import TargetFormat

LAYOUT = TargetFormat()


def problem(answer: str, explanation: str = "", **fields: object) -> CheckedProblem:
    row = {"instruction": "Which one?", "answer": answer, **fields}
    return CheckedProblem(
        Example.from_row(row), {"long": explanation} if explanation else {}
    )


@pytest.mark.parametrize(
    ("answer", "explanation"),
    [
        ("42", "So the answer is 41."),
        ("42", "6 x 7.\nFinal answer: 41"),
        ("42", r"Hence \boxed{41}."),
        ("western", "The duel settles it: the answer is comedy."),
    ],
)
def test_an_explanation_that_states_another_answer_contradicts(
    answer: str, explanation: str
) -> None:
    findings = list(contradictions(problem(answer, explanation), LAYOUT))
    assert [finding.code for finding in findings] == ["explanation-contradicts"]


@pytest.mark.parametrize(
    ("answer", "explanation"),
    [
        ("42", "So the answer is 42.0."),
        ("42", "First the result is 41.\nAdd one to get 42."),
        ("western", "The duel settles it: the answer is clearly a western."),
        ("western", "A sheriff and a duel at noon."),
        ("1,000", r"That makes \boxed{1000}."),
        ("C++", "The answer is C++, of course."),
    ],
)
def test_one_that_agrees_or_states_nothing_at_its_end_does_not(
    answer: str, explanation: str
) -> None:
    assert not list(contradictions(problem(answer, explanation), LAYOUT))


def test_a_choice_may_be_stated_by_its_letter_or_its_text() -> None:
    meta = {"choices": ["red", "blue"]}
    right = problem("B", "The answer is blue.", meta=meta)
    wrong = problem("B", "The answer is A.", meta=meta)
    assert not list(contradictions(right, LAYOUT))
    assert list(contradictions(wrong, LAYOUT))


@pytest.mark.parametrize(
    "fields",
    [
        {"input": "western"},
        {"input": "A duel.\nFinal answer: western"},
        {"instruction": "Name the genre. The answer is Western."},
        {"instruction": "Name the genre. Answer: western"},
    ],
)
def test_a_prompt_that_says_the_answer_leaks_it(fields: dict[str, str]) -> None:
    findings = list(answer_leak(problem("western", **fields), LAYOUT))
    assert [finding.code for finding in findings] == ["answer-in-prompt"]


@pytest.mark.parametrize(
    "instruction",
    [
        "Is it a comedy or a western?",
        "Name the genre; the answer is comedy or western.",
        "Answer: comedy, or western?",
        "A western town sleeps. Which genre?",
    ],
)
def test_a_prompt_that_lists_choices_leaks_nothing(instruction: str) -> None:
    assert not list(answer_leak(problem("western", instruction=instruction), LAYOUT))


def test_an_explanation_leaks_as_a_whole_only() -> None:
    long = "The sheriff waits for the noon train."
    assert list(
        explanation_leak(problem("western", long, input=f"Note: {long}"), LAYOUT)
    )
    assert not list(explanation_leak(problem("western", long, input=long[:-5]), LAYOUT))
    assert not list(explanation_leak(problem("no", "No.", input="No. Or?"), LAYOUT))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "control-characters"),
        ("a\u202eb", "control-characters"),
        ("\ufeffa", "control-characters"),
        ("a\u200bb", "control-characters"),
        ("a\x7fb", "control-characters"),
        ("caf\ufffd", "broken-characters"),
        ("a<|end|>b", "special-token-in-data"),
        ("a " * 50_001, "field-very-long"),
    ],
)
def test_what_nobody_sees_in_a_text_is_found(text: str, code: str) -> None:
    findings = check_texts({"input": text}, text_checks({"<|end|>", "  ", "\n\n"}))
    assert [finding.code for finding in findings] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\r\nc  \n\n",
        "می\u200cخواهم",
        "👩\u200d🔬",
        "\u200fשלום",
        "a <|end b|>",
        "a" * 10**5,
    ],
)
def test_what_belongs_to_a_script_or_a_layout_is_not(text: str) -> None:
    checks = text_checks({"<|end|>", "  ", "\n\n"})
    assert not list(check_texts({"input": text}, checks))


def test_an_answer_is_read_back_as_evaluation_reads_it() -> None:
    target = "A duel.\nFinal answer: western\nFinal answer: comedy"
    (finding,) = check_answer("Which?\n", target, "western", LAYOUT)
    assert finding.code == "answer-not-extractable"
    assert "'comedy'" in finding.message


def test_a_text_has_at_most_a_token_per_byte() -> None:
    assert most_tokens("abc") == 5
    assert most_tokens("äb") == 5


@pytest.mark.parametrize(
    ("prompt", "target", "found"),
    [
        ("Reply: ", "western", ["prompt-ends-in-space"]),
        ("Reply", "western", ["prompt-runs-into-target"]),
        ("Reply:", " western", []),
        ("Reply\n", "western", []),
        ("Reply:", "\nwestern", []),
    ],
)
def test_a_target_reads_on_from_its_prompt(
    prompt: str, target: str, found: list[str]
) -> None:
    assert [finding.code for finding in check_ending(prompt, target)] == found
