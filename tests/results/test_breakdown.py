"""Metrics by dataset, level and field of meta, against counts the slow way."""

from __future__ import annotations

from typing import Any

from axolotl_explain.results.breakdown import by_field, evaluations
from axolotl_explain.results.buckets import Range
from axolotl_explain.results.completion import Completion


def completion(meta: dict[str, Any], right: bool = True, **more: Any) -> Completion:
    values: dict[str, Any] = {
        "row": 1,
        "level": "long",
        "prompt": "",
        "completion": "",
        "answer": "",
        "extracted": "",
        "exact_match": right,
        "truncated": False,
        "num_tokens": 1,
        "meta": meta,
    }
    return Completion(**{**values, **more})


def test_few_numbers_stand_for_themselves_with_the_training_range_marked() -> None:
    group = [completion({"depth": depth}, depth < 3) for depth in (1, 3, 2, 3, 10)]
    found = by_field(group, {"depth": Range(1, 3)})["depth"]
    shown = [(e["value"], e["low"], e["high"], e["in_training"]) for e in found]
    assert shown == [
        ("1", 1, 1, True),
        ("2", 2, 2, True),
        ("3", 3, 3, True),
        ("10", 10, 10, False),
    ]
    assert [e["metrics"]["num_rows"] for e in found] == [1, 1, 2, 1]
    assert [e["metrics"]["exact_match"] for e in found] == [1, 1, 0, 0]


def test_many_numbers_fall_into_buckets_that_read_well() -> None:
    group = [completion({"list_length": length}) for length in range(21, 100)]
    found = by_field(group, {"list_length": Range(20, 44)})["list_length"]
    assert [e["value"] for e in found] == [f"{n}-{n + 9}" for n in range(20, 100, 10)]
    marks = [e["in_training"] for e in found]
    assert marks == [True, True, None, False, False, False, False, False]
    assert sum(e["metrics"]["num_rows"] for e in found) == len(group)
    assert found[0]["metrics"]["num_rows"] == 9


def test_a_list_counts_under_each_of_its_members_once() -> None:
    group = [
        completion({"operators": ["SM", "MED", "SM"]}, right=False),
        completion({"operators": ["MED"]}),
    ]
    found = by_field(group, {})["operators"]
    assert [e["value"] for e in found] == ["MED", "SM"]
    assert [e["metrics"]["num_rows"] for e in found] == [2, 1]
    assert [e["metrics"]["exact_match"] for e in found] == [1 / 2, 0]
    assert all(e["low"] is None and e["in_training"] is None for e in found)


def test_titles_mappings_and_empty_fields_group_nothing() -> None:
    group = [
        completion({"title": f"film {n}", "more": {"a": 1}, "none": None, "ok": n > 9})
        for n in range(50)
    ]
    found = by_field(group, {})
    assert list(found) == ["ok"]
    assert [e["value"] for e in found["ok"]] == ["false", "true"]


def test_rows_without_a_field_are_left_out_of_it() -> None:
    group = [completion({"depth": 1}), completion({}), completion({"depth": None})]
    (entry,) = by_field(group, {})["depth"]
    assert entry["metrics"]["num_rows"] == 1


def test_datasets_models_and_levels_are_told_apart() -> None:
    group = [
        completion({}, data=data, model=model, level=level, right=model is not None)
        for data in ("a", "b")
        for model in ("tuned", None)
        for level in ("none", "long")
    ]
    found = evaluations(group)
    assert len(found) == 8
    for entry in found:
        assert entry["metrics"]["num_rows"] == 1
        assert entry["metrics"]["exact_match"] == (entry["model"] is not None)
