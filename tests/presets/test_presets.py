"""Each preset reads rows in its published columns, mess included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.errors import BadRow
from axolotl_explain.options import ExplainOptions
from axolotl_explain.presets import PRESETS
from axolotl_explain.skipped import RowReader
from axolotl_explain.sources import make_reader

ROWS = Path(__file__).parent / "rows"
STAMPS = ["lake", "post office", "attic"]
NLI = (
    "What is the relation of the hypothesis to the premise: entailment, neutral or "
    "contradiction?"
)


def nli(premise: str, hypothesis: str, answer: str, why: str) -> dict[str, Any]:
    return {
        "instruction": NLI,
        "input": f"Premise: {premise}\nHypothesis: {hypothesis}",
        "answer": answer,
        "explanations": {"short": why},
    }


def row(
    instruction: str, answer: str, explanations: dict[str, str], **more: Any
) -> dict[str, Any]:
    return {
        "instruction": instruction,
        "answer": answer,
        "explanations": explanations,
        **more,
    }


EXPECTED: dict[str, tuple[list[dict[str, Any]], dict[str, int]]] = {
    "gsm8k": (
        [
            row(
                "A pen costs 3 and a pad 5. What do two pens and a pad cost?",
                "11",
                {"medium": "Two pens cost 2 * 3 = 6.\nAll cost 6 + 5 = 11."},
            ),
            row(
                "A mill grinds 1,250 sacks a day. How many in four days?",
                "5000",
                {"medium": "4 * 1,250 = 5,000 sacks."},
            ),
        ],
        {"no ####": 1, "question is empty": 1},
    ),
    "aqua_rat": (
        [
            row(
                "A car needs 2 hours for 90 miles. How fast is it, in mph?",
                "B",
                {"medium": "Speed is 90 / 2 = 45."},
                input="A) 30\nB) 45\nC) 60\nD) 90\nE) 180",
                meta={"choices": ["30", "45", "60", "90", "180"]},
            ),
            row(
                "What is 7 more than 5?",
                "C",
                {"medium": "5 + 7 = 12"},
                input="A) 2\nB) 11\nC) 12\nD) 13\nE)",
                meta={"choices": ["2", "11", "12", "13", ""]},
            ),
            row(
                "What is half of 8?",
                "C",
                {"medium": "8 / 2 = 4\nANS:B"},
                input="A) 2\nB) 3\nC) 4\nD) 5\nE) 6",
                meta={"choices": ["2", "3", "4", "5", "6"]},
            ),
        ],
        {"answer is none of the choices": 1},
    ),
    "math_qa": (
        [
            row(
                "a car needs 2 hours for 90 miles . how fast is it ?",
                "B",
                {"medium": "speed = 90 / 2 = 45 ."},
                input="A) 30\nB) 45\nC) 1 , 060\nD) 90\nE) none of these",
                meta={
                    "choices": ["30", "45", "1 , 060", "90", "none of these"],
                    "category": "physics",
                },
            ),
            row(
                "what is 7 more than 5 ?",
                "C",
                {"medium": "explanation : 5 + 7 = 12 ."},
                input="A) rs . 2\nB) 11\nC) 12\nD) 13\nE) 14",
                meta={
                    "choices": ["rs . 2", "11", "12", "13", "14"],
                    "category": "general",
                },
            ),
        ],
        {"no choices": 1},
    ),
    "esnli": (
        [
            nli(
                "A girl jumps into a pool.",
                "A girl gets wet.",
                "entailment",
                "Who jumps into a pool gets wet.",
            ),
            nli(
                "Two men carry a piano.",
                "The men are brothers.",
                "neutral",
                "Men who carry a piano need not be brothers.",
            ),
            nli(
                "A dog sleeps.",
                "A dog runs.",
                "contradiction",
                "A sleeping dog does not run.",
            ),
        ],
        {"no gold label": 1},
    ),
    "cos_e": (
        [
            row(
                "Where does one buy stamps?",
                "B",
                {"short": "Post offices sell stamps."},
                id="q-1",
                input="A) lake\nB) post office\nC) attic",
                meta={"choices": STAMPS, "extractive": "buy stamps"},
            ),
            row(
                "What flies?",
                "A",
                {"short": "the wind lifts kites"},
                id="q-2",
                input="A) Kite\nB) stone\nC) road",
                meta={"choices": ["Kite", "stone", "road"], "extractive": ""},
            ),
        ],
        {"answer is none of the choices": 1},
    ),
    "ecqa": (
        [
            row(
                "Where does one buy stamps?",
                "B",
                {
                    "short": "Post offices sell stamps.\nThey are open to all.",
                    "medium": "Post offices sell stamps.\nThey are open to all.\n"
                    "Lakes sell nothing.",
                    "long": "Post offices sell stamps and are open to all, while a "
                    "lake sells nothing.",
                },
                id="e-1",
                input="A) lake\nB) post office\nC) attic\nD) barn\nE) sea",
                meta={"choices": [*STAMPS, "barn", "sea"]},
            )
        ],
        {"q_op5 is empty": 1},
    ),
    "strategyqa": (
        [
            row(
                "Would ice survive in a sauna?",
                "no",
                {"medium": "Ice melts above 0 degrees.\nA sauna has about 80 degrees."},
                id="s-1",
            ),
            row(
                "Could an owl see a mouse at dusk?",
                "yes",
                {"medium": "Owls hunt at night."},
                id="s-2",
            ),
        ],
        {"no answer": 1},
    ),
    "scienceqa": (
        [
            row(
                "Which of these is a mineral?",
                "B",
                {
                    "medium": "Quartz is such a solid.",
                    "long": "A mineral is a solid that no organism made.\n"
                    "Quartz is such a solid.",
                },
                input="Minerals are no organisms.\n\nA) wood\nB) quartz",
                meta={"choices": ["wood", "quartz"]},
            ),
            row(
                "What do bees make?",
                "A",
                dict.fromkeys(("medium", "long"), "Bees make honey from nectar."),
                input="A) honey\nB) milk",
                meta={"choices": ["honey", "milk"]},
            ),
        ],
        {"needs its picture": 1, "answer is none of the choices": 1},
    ),
    "qasc": (
        [
            row(
                "What melts in the sun?",
                "B",
                {
                    "short": "the sun melts ice",
                    "medium": "heat melts ice\nthe sun gives heat\nthe sun melts ice",
                },
                id="a-1",
                input="A) rock\nB) ice",
                meta={"choices": ["rock", "ice"]},
            )
        ],
        {"no answer": 1},
    ),
    "cot_collection": (
        [
            row(
                "Is the sky green? Options: yes, no",
                "no",
                {"medium": "By day the sky is blue."},
                meta={"task": "colours"},
            )
        ],
        {"target is empty": 1},
    ),
    "open_orca": (
        [
            row(
                "What is 3 + 4?",
                "7",
                {"medium": "Start at 3.\n\nGo up by 4."},
                id="flan.1",
                system="Think step by step.",
            ),
            row("Is ice cold?", "yes", {"medium": "Ice is frozen water."}, id="t0.2"),
            {"instruction": "Say hello.", "answer": "Hello!", "id": "niv.3"},
        ],
        {"no answer can be told from the response": 1},
    ),
    "openthoughts": (
        [
            row(
                "What is 3 + 4?",
                "7",
                {"medium": "It is \\boxed{7}.", "long": "3, then 4 more."},
            ),
            row(
                "Write a program that prints 1.",
                "print(1)",
                {"long": "A print will do."},
                system="Be brief.",
            ),
        ],
        {"thinking has no end": 1},
    ),
    "openr1_math": (
        [
            row(
                "What is 3 + 4?",
                "7",
                {"medium": "Add them: $3 + 4 = 7$.", "long": "3, then 4 more."},
                id="u-1",
            ),
            row(
                "What is 2 + 2?",
                "4",
                {"medium": "2 + 2 = \\boxed{4}", "long": "2 and 2."},
                id="u-2",
            ),
        ],
        {"generations and their marks differ in number": 1},
    ),
    "s1k": (
        [
            row(
                "What is 3 + 4?",
                "7",
                {
                    "medium": "Adding gives \\boxed{7}.",
                    "long": "3, then 4 more, that is 7.",
                },
            ),
            row("What is 5 - 1?", "4", {"medium": "4", "long": "5 without 1."}),
        ],
        {"solution is empty": 1},
    ),
    "numina_math": (
        [
            row(
                "What is 3 + 4?",
                "7",
                {"medium": "Adding gives \\boxed{7}."},
                meta={"source": "own"},
            ),
            row(
                "What is half of 3?",
                "\\frac{3}{2}",
                {"medium": "First \\boxed{3}, then $\\boxed{\\frac{3}{2}}$."},
                meta={"source": "own"},
            ),
        ],
        {"no \\boxed{} answer": 1},
    ),
    "distilling_step_by_step": (
        [
            row(
                "Where does one buy stamps? Answer Choices: (a) lake (b) post office",
                "post office",
                {"medium": "Post offices sell stamps."},
                meta={"llm_label": "lake"},
            )
        ],
        {"label is empty": 1},
    ),
}


def read_file(preset: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The rows of a preset's file as canonical rows, and what was skipped."""
    lines = (ROWS / f"{preset}.jsonl").read_text("utf-8").splitlines()
    reader = RowReader(ExplainOptions(preset=preset), 0, preset)
    found = [one for each in reader.all(map(json.loads, lines)) for one in each]
    return [example.to_row() for example in found], dict(reader.skipped)


@pytest.mark.parametrize("preset", EXPECTED)
def test_published_rows_become_examples_or_are_counted(preset: str) -> None:
    assert read_file(preset) == EXPECTED[preset]


def test_listops_are_carried_out_and_held_against_their_targets() -> None:
    rows, skipped = read_file("listops_lra")
    assert [one["answer"] for one in rows] == ["4", "2"]
    assert [[*one["explanations"]] for one in rows] == [["short", "medium", "long"]] * 2
    assert "5 + 7 = 12" in rows[1]["explanations"]["long"]
    assert skipped == {"wrong target": 1, "unreadable problem": 1}


def test_every_preset_has_rows_and_an_expectation() -> None:
    assert {*EXPECTED, "listops_lra"} == set(PRESETS)
    assert {file.stem for file in ROWS.iterdir()} == set(PRESETS)


def one(preset: str, row: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The canonical row of the only example that a row becomes."""
    options = {"preset": preset, **options}
    (example,) = make_reader(ExplainOptions(**options), 0)(row)
    return example.to_row()


COPIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "gsm8k",
        {"question": "Q", "answer": "How many? ** Two and two make 4.\n#### 4"},
        {"answer": "4", "explanations": {"medium": "How many? Two and two make 4."}},
    ),
    (
        "esnli",
        {
            "pairID": "p",
            "gold_label": "Neutral",
            "Sentence1": "A.",
            "Sentence2": "B.",
            "Explanation_1": "Why.",
        },
        {"id": "p", "answer": "neutral", "explanations": {"short": "Why."}},
    ),
    (
        "strategyqa",
        {"question": "Q", "answer": "True", "facts": "One fact. Another."},
        {"answer": "yes", "explanations": {"medium": "One fact. Another."}},
    ),
    (
        "qasc",
        {
            "question": {
                "stem": "What melts?",
                "choices": [
                    {"text": "rock", "label": "1"},
                    {"text": "ice", "label": "2"},
                ],
            },
            "answerKey": "2",
            "combinedfact": "ice melts",
        },
        {"instruction": "What melts?", "answer": "B", "input": "A) rock\nB) ice"},
    ),
    (
        "aqua_rat",
        {"question": "Q", "options": {"A": "1", "B": "2"}, "correct": "b"},
        {"answer": "B", "input": "A) 1\nB) 2"},
    ),
    (
        "openthoughts",
        {"problem": "Q", "deepseek_reasoning": "T", "deepseek_solution": "\\boxed{1}"},
        {"answer": "1", "explanations": {"medium": "\\boxed{1}", "long": "T"}},
    ),
    (
        "openthoughts",
        {
            "conversations": [
                {"from": "human", "value": "Q"},
                {"from": "gpt", "value": "<think>\nT\n</think>\n\n\\boxed{1}"},
            ]
        },
        {"answer": "1", "explanations": {"medium": "\\boxed{1}", "long": "T"}},
    ),
    (
        "s1k",
        {
            "question": "Q",
            "solution": "1",
            "gemini_thinking_trajectory": "wrong way",
            "gemini_attempt": "2",
            "gemini_grade": "No",
            "deepseek_thinking_trajectory": "right way",
            "deepseek_attempt": "so 1",
            "deepseek_grade": "Yes",
        },
        {"explanations": {"medium": "so 1", "long": "right way"}},
    ),
    (
        "numina_math",
        {"problem": "Q", "solution": "It is 5.", "answer": "5"},
        {"answer": "5", "explanations": {"medium": "It is 5."}},
    ),
    (
        "math_qa",
        {"Problem": "q", "options": ["3", "4"], "correct": "b"},
        {"answer": "B"},
    ),
]


@pytest.mark.parametrize(("preset", "row", "part"), COPIES)
def test_spellings_of_copies_mean_the_same(
    preset: str, row: dict[str, Any], part: dict[str, Any]
) -> None:
    found = one(preset, row)
    assert {key: found.get(key) for key in part} == part


def test_a_row_of_another_dataset_says_which_column_is_missing() -> None:
    with pytest.raises(BadRow, match="no column question or problem") as caught:
        one("gsm8k", {"text": "What?", "answer": "#### 4"})
    assert caught.value.reason == "no column question or problem or query or Question"


def test_columns_override_single_parts_of_a_preset() -> None:
    row = {"premise": "A.", "hypothesis": "B.", "gold": 2, "note": "Why.", "n": 7}
    columns = {"answer": "gold", "long": "note", "id": "row-{{ n }}"}
    found = one("esnli", row, columns=columns)
    assert found["answer"] == "contradiction"
    assert found["explanations"] == {"long": "Why."}
    assert found["id"] == "row-7"


THREE = {
    "premise": "A.",
    "hypothesis": "B.",
    "label": 0,
    "explanation_1": "One reason.",
    "explanation_2": "A reason of more words.",
    "explanation_3": "One reason.",
}


@pytest.mark.parametrize(
    ("several", "explanations"),
    [
        ("each", [{"short": "One reason."}, {"short": "A reason of more words."}]),
        ("join", [{"short": "One reason.\nA reason of more words."}]),
        ("levels", [{"short": "One reason.", "long": "A reason of more words."}]),
    ],
)
def test_several_explanations_are_used_as_the_user_says(
    several: str, explanations: list[dict[str, str]]
) -> None:
    options = ExplainOptions(preset="esnli", several_explanations=several)
    found = make_reader(options, 0)(THREE)
    assert [example.explanations for example in found] == explanations


def test_one_explanation_is_drawn_by_the_seed() -> None:
    options = ExplainOptions(preset="esnli")
    drawn = [make_reader(options, seed)(THREE)[0] for seed in range(60)]
    texts = [example.explanations["short"] for example in drawn]
    assert 15 <= texts.count("One reason.") <= 45
    assert texts[3] == make_reader(options, 3)(THREE)[0].explanations["short"]


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, "\0", 3.5, None])
@pytest.mark.parametrize("preset", PRESETS)
def test_whatever_stands_in_the_columns_is_an_example_or_a_bad_row(
    preset: str, value: object
) -> None:
    names = [name for each in PRESETS[preset].columns.values() for name in each]
    reader = RowReader(ExplainOptions(preset=preset), 0, preset)
    found = reader(1, dict.fromkeys(names, value))
    assert len(found) + reader.skipped.total() == 1
    assert all(len(reason) < 80 for reason in reader.skipped)
