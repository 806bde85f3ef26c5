"""Survey: what a whole dataset tells its rows, whatever the batches it comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest
from datasets import Dataset

from axolotl_explain.core.example import Example
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.targets.planner import Planner
from axolotl_explain.targets.survey import survey, without_survey

ROWS = [
    {
        "instruction": f"Add {n} and 1.",
        "answer": str(n + 1),
        "explanation_short": f"Short {n}.",
        "explanation_long": f"Long: {n} + 1 = {n + 1}.",
    }
    for n in range(12)
]
Trained = list[tuple[int, str, str]]
"""Row, level and explanation of each training row."""


def read(row: Mapping[str, Any]) -> list[Example]:
    return [Example.from_row(row)]


def words(text: str) -> int:
    return len(text.split())


def surveyed(
    rows: list[dict[str, Any]],
    told: list[str] | None = None,
    size: int = 5,
    **keys: Any,
) -> Trained:
    """What is trained, planned in batches of a size after a survey in such batches."""
    dataset = Dataset.from_list(rows)
    batches = [range(at, min(at + size, len(rows))) for at in range(0, len(rows), size)]

    def each(function: Callable[..., pa.Table], what: str) -> Dataset:
        tables = [function(dataset[list(some)], some) for some in batches]
        return Dataset(pa.concat_tables(tables))

    tell = [] if told is None else told
    planner = Planner("rows", ExplainOptions(**keys), read, skip_bad_rows=True)
    known = survey(dataset, planner, words, each, tell.append)
    return [
        (index, row.level, row.explanation)
        for some in batches
        for index, row in known(dataset[list(some)], some)
        if isinstance(row, TrainingRow)
    ]


def own(level: str) -> list[str]:
    return [row[f"explanation_{level}"] for row in ROWS]


@pytest.mark.parametrize("size", [1, 5, 12])
def test_each_explanation_goes_to_one_other_row(size: int) -> None:
    found = surveyed(ROWS, size=size, control="mismatched")
    given = [explanation for _, _, explanation in found]
    assert sorted(given) == sorted(own("long"))
    assert all(a != b for a, b in zip(given, own("long"), strict=True))
    assert found == surveyed(ROWS, control="mismatched")


def test_another_seed_pairs_other_rows() -> None:
    pairings = {
        tuple(surveyed(ROWS, control="mismatched", seed=seed)) for seed in range(4)
    }
    assert len(pairings) == 4


def test_rows_at_several_levels_get_explanations_of_the_same_level() -> None:
    found = surveyed(ROWS, control="mismatched", level="all")
    assert [level for _, level, _ in found] == ["none", "short", "long"] * 12
    for level in ("short", "long"):
        given = [text for _, at, text in found if at == level]
        assert sorted(given) == sorted(own(level))
        assert all(a != b for a, b in zip(given, own(level), strict=True))


def test_an_explanation_that_is_not_trained_is_given_to_nobody() -> None:
    covered = {row for row, level, _ in surveyed(ROWS, coverage=0.5) if level == "long"}
    assert 0 < len(covered) < 12
    found = surveyed(ROWS, control="mismatched", coverage=0.5)
    given = {text for _, level, text in found if level == "long"}
    assert given == {own("long")[row] for row in covered}


def test_derived_explanations_are_paired_as_well() -> None:
    found = surveyed(
        ROWS,
        control="mismatched",
        derive_levels={"by": "steps", "from": "long"},
        level="medium",
    )
    steps = [f"{n}+1={n + 1}" for n in range(12)]
    given = [text for _, _, text in found]
    assert sorted(given) == sorted(steps)
    assert all(a != b for a, b in zip(given, steps, strict=True))


def test_terciles_are_of_all_rows_and_said_in_the_tokens_of_the_recipe() -> None:
    """The rationales have 1 to 9 words of up to 9 characters, and one row is bad."""
    texts = [" ".join(["word" * (10 - count)] * count) for count in range(1, 10)]
    rows = [
        {"instruction": "Go.", "answer": "4", "explanation_long": text}
        for text in [*texts, "One more."]
    ]
    rows[-1]["answer"] = ""
    told: list[str] = []
    block = {"by": "length"}
    found = surveyed(rows, told, derive_levels=block, level="requested")
    assert [level for _, level, _ in found] == [
        *["short"] * 3,
        *["medium"] * 3,
        *["long"] * 3,
    ]
    assert told == [
        "rows: levels are derived by length: short up to 3 tokens, medium up to 6 "
        "tokens, long above"
    ]


def test_a_stream_derives_what_a_row_alone_can_give() -> None:
    options = ExplainOptions(
        derive_levels={"by": "steps", "from": "long"}, level="short"
    )
    known = without_survey(Planner("rows", options, read), words)
    (row,) = known.row(ROWS[2])
    assert isinstance(row, TrainingRow)
    assert (row.level, row.explanation) == ("short", "Short 2.")
    (derived,) = known.row({**ROWS[2], "explanation_short": ""})
    assert isinstance(derived, TrainingRow)
    assert (derived.level, derived.explanation) == ("short", "3")
    plain = Planner("rows", ExplainOptions(), read)
    assert without_survey(plain, words) == plain
