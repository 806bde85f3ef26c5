"""The files of an evaluation: what is written comes back, whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.store import (
    COMPLETIONS,
    METRICS,
    read_completions,
    read_metrics,
    store,
)

KEYS = [
    *("row", "id", "data", "model", "level", "prompt", "completion", "answer"),
    *("extracted", "exact_match", "flexible_match", "truncated", "num_tokens"),
    *("num_prompt_tokens", "explanation_valid", "explanation_strict"),
    *("wrong_step", "wrong_operator"),
    *("wrong_reason", "meta"),
]


def completion(row: int, model: str | None = "tuned", right: bool = True) -> Completion:
    return Completion(
        row=row,
        id=f"id-{row}",
        data="data/test.jsonl",
        model=model,
        level="long",
        prompt="2 + 2\u2028\x85?\n",
        completion="é 💥\nFinal answer: 4",
        answer="4",
        extracted="4",
        exact_match=right,
        truncated=False,
        num_tokens=7,
        meta={"depth": row},
    )


def test_completions_come_back_as_they_were(tmp_path: Path) -> None:
    written = [completion(1), completion(2, None)]
    store(tmp_path, written, {"model": "tuned"})
    assert list(read_completions(tmp_path)) == written
    lines = (tmp_path / COMPLETIONS).read_bytes().split(b"\n")[:-1]
    assert [list(json.loads(line)) for line in lines] == [KEYS, KEYS]


def test_metrics_have_a_head_and_the_levels_of_the_tuned_model(tmp_path: Path) -> None:
    written = [completion(1), completion(2), completion(1, None, right=False)]
    store(tmp_path, written, {"recipe": "r.yml", "model": "tuned", "seed": 42})
    found = read_metrics(tmp_path)
    assert [found[key] for key in ("format", "recipe", "seed")] == [1, "r.yml", 42]
    assert found["levels"]["long"]["num_rows"] == 2
    assert found["levels"]["long"]["exact_match"] == 1
    models = {one["model"]: one["metrics"] for one in found["evaluations"]}
    assert models[None]["exact_match"] == 0
    assert [one["value"] for one in found["evaluations"][0]["by"]["depth"]] == [
        "1",
        "2",
    ]
    assert found["versions"]["torch"]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    store(tmp_path, [completion(1)], {})
    with (tmp_path / COMPLETIONS).open("a") as file:
        file.write('{"row": 2}\n')
    with pytest.raises(ExplainError, match=r"completions\.jsonl, line 2, level, "):
        list(read_completions(tmp_path))


def test_what_is_not_there_or_from_the_future_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExplainError, match="axolotl explain eval"):
        read_metrics(tmp_path)
    with pytest.raises(ExplainError, match="axolotl explain eval"):
        list(read_completions(tmp_path))
    (tmp_path / METRICS).write_text('{"format": 2}')
    with pytest.raises(ExplainError, match="upgrade"):
        read_metrics(tmp_path)
