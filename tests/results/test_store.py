"""The files of an evaluation: what is written comes back, whole."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.completions_fingerprint import (
    data_digest,
    fingerprint,
    model_digest,
)
from axolotl_explain.results.completion import REQUIRED, Completion
from axolotl_explain.results.partial import partial
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
    *("num_prompt_tokens", "explanation_valid", "wrong_step", "wrong_operator"),
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


def test_files_of_older_and_newer_versions_can_be_read() -> None:
    values = completion(1).to_dict()
    old = {name: values[name] for name in REQUIRED}
    assert Completion.from_dict(old).wrong_step is None
    assert Completion.from_dict({**values, "newer": 1}) == completion(1)


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


def interrupted(out: Path, fingerprint: str, done: list[Completion]) -> None:
    """An evaluation that got so far."""
    with suppress(KeyboardInterrupt), partial(out, fingerprint) as under_way:
        under_way.add(done)
        raise KeyboardInterrupt


def test_an_evaluation_that_ended_early_goes_on_where_it_was(tmp_path: Path) -> None:
    interrupted(tmp_path, "f" * 32, [completion(1), completion(3)])
    (file,) = tmp_path.iterdir()
    assert file.name.startswith(".")
    with file.open("ab") as stream:
        stream.write('{"row": 2, "completion": "é'.encode()[:-1])
    with partial(tmp_path, "f" * 32) as second:
        assert second.done("data/test.jsonl", "tuned", "long") == {1, 3}
        assert second.done("data/test.jsonl", None, "long") == set()
        second.add([completion(2)])
        lines = file.read_bytes().split(b"\n")
        assert [json.loads(line)["row"] for line in lines[:-1]] == [1, 3, 2]
        assert next(iter(second.found.values())) == completion(1)
    assert list(tmp_path.iterdir()) == []


def test_another_evaluation_begins_anew(tmp_path: Path) -> None:
    interrupted(tmp_path, "a" * 32, [completion(1)])
    with partial(tmp_path, "b" * 32) as second:
        assert second.found == {}
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_share_one_evaluation(tmp_path: Path) -> None:
    with (
        partial(tmp_path, "a" * 32),
        pytest.raises(ExplainError, match="another process"),
        partial(tmp_path, "a" * 32),
    ):
        pass


def test_without_a_folder_everything_stays_in_memory() -> None:
    with partial(None, "a" * 32) as under_way:
        under_way.add([completion(1)])
        assert under_way.done("data/test.jsonl", "tuned", "long") == {1}


def test_what_decides_completions_decides_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    before = model_digest(str(tmp_path))
    (tmp_path / "trainer_state.json").write_text("{}")
    (tmp_path / METRICS).write_text("{}")
    assert model_digest(str(tmp_path)) == before
    (tmp_path / "adapter_model.safetensors").write_bytes(b"other")
    assert model_digest(str(tmp_path)) != before
    assert model_digest("org/on-the-hub") is None
    assert fingerprint({"model": before}) == fingerprint({"model": before})
    assert fingerprint({"model": before}) != fingerprint({"model": None})
    one, two = Example("2 + 2", "4"), Example("2 + 2", "5")
    assert data_digest([one]) != data_digest([two])
    assert data_digest([one, two]) != data_digest([two, one])
