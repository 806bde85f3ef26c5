"""Planted sets: a gain, no gain, a gain that a control keeps, and what is undecided."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from axolotl_explain.report.choose_level import LevelChoice
from axolotl_explain.report.report_page import ReportContent
from axolotl_explain.report.rows_worth import Measured, RowsWorth, answers_worth
from axolotl_explain.report.write_report import collect, write_report
from tests.report.planted import plant

Write = Callable[..., Path]


def told(found: ReportContent) -> tuple[LevelChoice, str]:
    """The choice, and what is said of the worth, of the only family."""
    ((_, choice),) = found.choices()
    (worth,) = found.worth
    return choice, " ".join(worth.sentences).replace("\u00a0", " ")


def test_a_true_gain_is_told_with_what_it_is_due_to(write_run: Write) -> None:
    shares = {
        "none": 0.4,
        "long": 0.8,
        "shuffled": 0.6,
        "mismatched": 0.4,
        "answer_first": 0.41,
    }
    choice, words = told(collect(plant(write_run, shares, 5, 400, 0.03)))
    assert choice.level == "long"
    assert "level long gain over the answer alone: +39.7 points" in words
    assert "steps shuffled, they keep a part of that (+" in words
    assert "from other rows, no gain is shown any more" in words
    assert "Behind the answer, no gain is shown any more" in words
    assert "is due to their being written before the answer" in words


def test_where_there_is_no_gain_that_is_said_and_none_is_chosen(
    write_run: Write,
) -> None:
    shares = {"none": 0.8, "long": 0.8, "shuffled": 0.8}
    choice, words = told(collect(plant(write_run, shares, 5, 2500, 0.002)))
    assert choice.level == "none"
    assert "neither gain nor lose 2 points or more" in words
    assert "Where no gain is shown, a control tells nothing" in words


def test_a_gain_that_shuffling_keeps_is_not_put_down_to_the_steps(
    write_run: Write,
) -> None:
    shares = {"none": 0.4, "long": 0.8, "shuffled": 0.8}
    _, words = told(collect(plant(write_run, shares, 8, 4000, 0.002)))
    assert "level long gain over the answer alone" in words
    assert "they gain as much, but for less than 2 points" in words
    assert "the gain is not due to the order of the steps" in words


def test_what_is_undecided_is_said_with_what_it_takes(write_run: Write) -> None:
    shares = {"none": 0.5, "long": 0.58, "shuffled": 0.52}
    choice, words = told(collect(plant(write_run, shares, 3, 300, 0.04)))
    assert choice.level is None
    assert choice.headline == "Undecided between none and long"
    assert "not shown to gain over the answer alone" in words
    assert re.search(r"Undecided: it takes about \d+ seeds of each with", words)
    assert "it takes about" in " ".join(choice.reasons)


def test_one_run_of_each_tells_about_these_models_alone(write_run: Write) -> None:
    choice, words = told(
        collect(plant(write_run, {"none": 0.2, "long": 0.9}, 1, 300, 0))
    )
    assert choice.level is None
    assert "it takes 3 seeds" in " ".join(choice.reasons)
    assert "that of level long answered most rows right: +" in " ".join(choice.reasons)
    assert "about these two models, not about the level" in words


def test_a_learning_rate_that_was_tuned_for_each_arm_keeps_them_in_one_family(
    write_run: Write, tmp_path: Path
) -> None:
    folders = [
        *plant(write_run, {"none": 0.2}, 3, 50, 0.01, learning_rate=0.1),
        *plant(write_run, {"long": 0.9}, 3, 50, 0.01, learning_rate=0.5),
    ]
    apart = collect(folders)
    assert [list(one.levels) for one in apart.families] == [["none"], ["long"]]
    sweep = folders[0].parent / "results.json"
    sweep.write_text('{"tuned": [{"chosen": {"learning_rate": 0.1}}]}', "utf-8")
    found = collect(folders)
    (together,) = found.families
    assert list(together.levels) == ["none", "long"]
    ((_, choice),) = found.choices()
    assert "has chosen learning_rate for each level by itself" in choice.reasons[-1]


def test_rows_that_an_explanation_is_worth(write_run: Write) -> None:
    folders = []
    for count, alone, explained in ((100, 0.2, 0.5), (1600, 0.6, 0.9)):
        for name, share in (("none", alone), ("long", explained)):
            folders += [
                write_run(
                    f"{name}-{count}-{seed}",
                    name,
                    round(share * 400),
                    rows=400,
                    seed=seed,
                    train_rows=count,
                )
                for seed in (1, 2, 3)
            ]
    first, second = map(str, collect(folders).rows_worth)
    # On a line over the logarithm: 100 · 16 ^ (0.3 / 0.4) = 800.
    assert first.startswith("100 rows with long explanations did as much as about 800 ")
    assert second.endswith(
        "did more than 1,600 with the answer alone, the most that were tried."
    )


@pytest.mark.parametrize(
    ("few", "middle", "many", "words"),
    [
        (200, 300, 400, "did as much as about 300 with the answer alone (200 to 400)"),
        (0, 0, 0, "did less than 100 with the answer alone, the fewest"),
        (0, 0, 150, "did as much as fewer than 100 to 150 with the answer alone"),
        (0, 120, 150, "about 120 with the answer alone (fewer than 100 to 150)"),
        (200, math.inf, math.inf, "did as much as 200 to more than 900 with the"),
        (math.inf, math.inf, math.inf, "did more than 900 with the answer alone"),
    ],
)
def test_rows_worth_in_words(
    few: float, middle: float, many: float, words: str
) -> None:
    assert words in str(RowsWorth("long", 50, few, middle, many, 100, 900))


def test_less_than_the_fewest_answers_is_worth_less_than_they_are() -> None:
    alone = [Measured(100, 0.25), Measured(400, 0.75)]
    assert answers_worth(0.2, alone) == 0
    assert answers_worth(0.25, alone) == 100


def test_what_is_left_out_of_comparisons_is_said(write_run: Write) -> None:
    first = {"explain": {"level": "none"}, "learning_rate": 0.001}
    other = {**first, "explain": {"level": "none", "order": "answer_first"}}
    folders = [
        write_run("a", "none", 3, seed=1, recipe_content=first),
        write_run("again", "none", 4, seed=1, recipe_content=first),
        write_run("other", "none", 5, seed=1, recipe_content=other),
        write_run("long", "long", 9, seed=1),
    ]
    notes = " ".join(collect(folders).notes)
    assert "again/evaluation: another run of level none has seed 1 too" in notes
    assert "other/evaluation: another arm of level none differs from it in" in notes


def test_runs_asked_other_rows_are_not_compared_but_named(write_run: Write) -> None:
    folders = [
        *plant(write_run, {"none": 0.2, "short": 0.4}, 3, 60, 0.01),
        *(write_run(f"l{seed}", "long", 50, rows=70, seed=seed) for seed in (0, 1, 2)),
    ]
    choice, words = told(collect(folders))
    assert "Level long is left out of the choice" in choice.reasons[0]
    assert "level long cannot be compared" in words


def test_whether_answers_follow_from_explanations_is_said(
    write_run: Write, tmp_path: Path
) -> None:
    run = write_run("a", "long", 15)
    counts = {"rows": 20, "without_number": 1, "right": 16, "followed": 12}
    counts |= {"ignored": 3, "unanswered": 1}
    entry = {"data": "test.jsonl", "model": "out", "level": "long", **counts}
    kept = {"format": 1, "fingerprint": "", "evaluations": [entry, {"rows": "x"}]}
    (run / "evaluation" / "changed_steps.json").write_text(json.dumps(kept), "utf-8")
    page = write_report([run], tmp_path / "out").files[-1].read_text("utf-8")
    assert "75.0% (50.5–89.8" in page
    assert (
        "18.8% right all the same, 6.2% not at all. Without a number to change: 1 more."
        in page
    )
