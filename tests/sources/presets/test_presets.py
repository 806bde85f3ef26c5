"""Each preset reads rows in its published columns, mess included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.reader import RowReader, make_reader
from axolotl_explain.targets.derive import DeriveOptions, Deriver

ROWS = Path(__file__).parent / "rows"
EXPECTED = Path(__file__).parent / "expected"
"""By hand: the canonical rows of each file, and why the others are skipped."""

CARRIED_OUT = "listops_lra"
"""Its explanations are made, not read; the tests of the task hold them."""


def read_file(preset: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The rows of a preset's file as canonical rows, and what was skipped."""
    lines = (ROWS / f"{preset}.jsonl").read_text("utf-8").splitlines()
    reader = RowReader(ExplainOptions(preset=preset), 0, preset)
    found = [one for each in reader.all(map(json.loads, lines)) for one in each]
    return [example.to_row() for example in found], dict(reader.skipped)


@pytest.mark.parametrize("preset", [one for one in PRESETS if one != CARRIED_OUT])
def test_published_rows_become_examples_or_are_counted(preset: str) -> None:
    expected = json.loads((EXPECTED / f"{preset}.json").read_text("utf-8"))
    assert read_file(preset) == (expected["rows"], expected["skipped"])


def test_listops_are_carried_out_and_held_against_their_targets() -> None:
    rows, skipped = read_file(CARRIED_OUT)
    assert [one["answer"] for one in rows] == ["4", "2"]
    assert [[*one["explanations"]] for one in rows] == [["short", "medium", "long"]] * 2
    assert "5 + 7 = 12" in rows[1]["explanations"]["long"]
    assert skipped == {"wrong target": 1, "unreadable problem": 1}


def test_no_file_of_rows_is_left_out() -> None:
    assert {file.stem for file in ROWS.iterdir()} == set(PRESETS)
    assert {file.stem for file in EXPECTED.iterdir()} == set(PRESETS) - {CARRIED_OUT}


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
        "gsm8k",
        {"question": "Q", "answer": "<<2*3=6>> <<6+1=7>> #### 7"},
        {"answer": "7", "explanations": {"medium": "2*3=6\n6+1=7"}},
    ),
    (
        "esnli",
        {"uid": "r", "premise": "A.", "hypothesis": "B.", "label": 1, "reason": "W."},
        {"id": "r", "answer": "neutral", "explanations": {"short": "W."}},
    ),
    (
        "distilling_step_by_step",
        {
            "question": "Where is ice sold?",
            "choices": ["sea", "shop"],
            "answer": "shop",
            "abstractive_explanation": "Shops sell it.",
        },
        {
            "instruction": "Where is ice sold?\nAnswer Choices: (a) sea (b) shop",
            "answer": "shop",
            "explanations": {"medium": "Shops sell it."},
        },
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


def test_marks_of_the_calculator_are_the_steps_that_levels_are_derived_from() -> None:
    text = "12 litres/4 minutes = <<12/4=3>>3, then 3 litres/minute is <<3*10=30>>30."
    row = {"question": "Q", "answer": f"{text}\n#### 30"}
    (example,) = make_reader(ExplainOptions(preset="gsm8k"), 0)(row)
    derive = Deriver(DeriveOptions(by="steps"), len)
    explanations = derive(example).example.explanations
    assert explanations["medium"] == "12/4=3\n3*10=30"
    assert explanations["short"] == "3\n30"
    assert "<<" not in explanations["long"]
    columns = {"medium": "note"}
    other = make_reader(ExplainOptions(preset="gsm8k", columns=columns), 0)
    (example,) = other({**row, "note": "1 + 1 = 2"})
    assert derive(example).example.explanations["medium"] == "1+1=2"


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


JOINED = {
    "answerKey": "B",
    "id": "q-4",
    "question": {
        "stem": "Where are coins made?",
        "choices": [{"label": "A", "text": "lake"}, {"label": "B", "text": "mint"}],
    },
    "explanation": {"open-ended": "Mints make coins.", "selected": "coins"},
}


def test_cos_e_is_read_as_its_authors_join_it() -> None:
    assert one("cos_e", JOINED) == {
        "id": "q-4",
        "instruction": "Where are coins made?",
        "input": "A) lake\nB) mint",
        "answer": "B",
        "explanations": {"short": "Mints make coins."},
        "meta": {"choices": ["lake", "mint"], "extractive": "coins"},
    }


def test_explanations_of_cos_e_alone_say_what_to_join_them_with() -> None:
    row = {key: JOINED[key] for key in ("id", "explanation")}
    with pytest.raises(BadRow, match="join them with CommonsenseQA's rows by id"):
        one("cos_e", row)


def test_an_answer_that_is_two_of_the_choices_says_so() -> None:
    row = {"question": "Q", "choices": ["bar", "attic", "bar"], "answer": "bar"}
    with pytest.raises(BadRow, match="is several of the choices"):
        one("cos_e", row)
