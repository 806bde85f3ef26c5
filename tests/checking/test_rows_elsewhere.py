"""Rows that are prepared already, and rows that are held out of those for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.finding import Finding
from tests.fixtures.bench import Bench, entry, refusal, sum_row

ROWS = [sum_row(index) for index in range(20)]
CHANGED = "held-out-changed"


def found(bench: Bench, **changes: Any) -> dict[str, Finding]:
    findings = check_recipe(str(bench.write(**changes)), "cpu").findings
    return {one.code: one for one in findings}


def test_rows_that_are_prepared_already_are_not_missed(bench: Bench) -> None:
    path = bench.rows(ROWS)
    bench.prepare(datasets=[entry(path)])
    Path(path).unlink()
    codes = found(bench, datasets=[entry(path)])
    assert codes["rows-prepared"].where == "datasets[0]"
    assert codes["rows-prepared"].message == path
    assert not [one for one in codes.values() if one.severity == "error"]


def test_rows_that_were_prepared_otherwise_are_missed_as_in_training(
    bench: Bench,
) -> None:
    path = bench.rows(ROWS)
    bench.prepare(datasets=[entry(path)])
    Path(path).unlink()
    codes = found(bench, datasets=[entry(path)], sequence_len=128)
    assert codes["file-missing"].where == "datasets[0].path"
    assert "no data were prepared from it with these very" in (
        codes["file-missing"].message
    )
    assert "rows-prepared" not in codes
    message = refusal(bench.prepare, datasets=[entry(path)], sequence_len=128)
    assert "no data were prepared from it with these very options" in message


@pytest.mark.parametrize(
    ("explain", "named"),
    [
        ({"control": "shuffle_tokens"}, "explain.control"),
        ({"coverage": 0.5, "filter": "consistent"}, "explain.filter and explain.cov"),
        ({"level": "short"}, ""),
    ],
)
def test_check_and_training_say_that_held_out_rows_are_changed_too(
    bench: Bench, log: list[str], explain: dict[str, Any], named: str
) -> None:
    keys = {"datasets": [entry(bench.rows(ROWS), explain=explain)]}
    codes = found(bench, **keys, val_set_size=0.2)
    log.clear()
    bench.prepare(**keys, val_set_size=0.2)
    lines = [line for line in log if "val_set_size: held-out rows go through" in line]
    assert (CHANGED in codes) is bool(named)
    assert len(lines) == bool(named)
    if named:
        assert named in codes[CHANGED].message
        assert lines[0].startswith("WARNING")
        assert named in lines[0]


def test_rows_of_test_datasets_are_as_they_are(bench: Bench) -> None:
    changed = {"explain": {"control": "shuffle_tokens"}}
    train, test = bench.rows(ROWS), bench.rows([sum_row(99)], "test.jsonl")
    keys = {"datasets": [entry(train)], "test_datasets": [entry(test)]}
    assert CHANGED not in found(bench, **keys, **changed)
