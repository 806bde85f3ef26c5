"""CompletionCounts, from completions and from the metrics that were stored of them."""

from __future__ import annotations

import json
import random

import pytest

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.counts import CompletionCounts
from axolotl_explain.results.metrics import Metrics


def drawn(seed: int, rows: int) -> list[Completion]:
    draw = random.Random(f"counts:{seed}")
    return [
        Completion(
            row=row,
            level="long",
            prompt="",
            completion="",
            answer="",
            extracted=draw.choice([None, "4"]),
            exact_match=draw.random() < 0.4,
            flexible_match=draw.random() < 0.6,
            truncated=draw.random() < 0.2,
            num_tokens=draw.randrange(1, 90),
            explanation_valid=(valid := draw.choice([None, True, False])),
            explanation_strict=valid and draw.random() < 0.5,
            wrong_step=draw.randrange(1, 4) if valid is False else None,
            wrong_operator=draw.choice([None, "SM"]) if valid is False else None,
        )
        for row in range(1, rows + 1)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_stored_metrics_give_the_counts_that_they_were_made_of(seed: int) -> None:
    completions = drawn(seed, 97)
    stored = json.loads(json.dumps(Metrics.of(completions).to_dict()))
    found = CompletionCounts.of_metrics(stored)
    counted = CompletionCounts.of(completions)
    assert found is not None
    whole = ("rows", "right", "flexible", "parsed", "truncated", "strict")
    for name in (*whole, "wrong_steps"):
        assert getattr(found, name) == getattr(counted, name), name
    assert found.tokens == pytest.approx(counted.tokens)
    assert dict(found.cells) == dict(counted.cells)
    assert found.validity == stored["explanation_validity"]
    assert found.strict_validity == stored["explanation_strict"]


def test_metrics_without_the_main_ones_have_no_counts() -> None:
    for metrics in ({}, {"num_rows": 0, "exact_match": 0.0}, {"num_rows": 5}):
        assert CompletionCounts.of_metrics(metrics) is None


def test_what_a_file_does_not_record_is_not_counted_as_none_right() -> None:
    line = {"level": "long", "completion": "4", "exact_match": True}
    assert CompletionCounts.of([Completion.from_dict(line)]).flexible is None
    line["explanation_valid"] = True
    older = CompletionCounts.of([Completion.from_dict(line)])
    assert (older.validity, older.strict_validity) == (1.0, None)
    bare = CompletionCounts.of_metrics({"num_rows": 2, "exact_match": 0.5})
    assert bare == CompletionCounts(rows=2, right=1)
