"""An evaluation that was interrupted goes on where it was."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.partial import partial_evaluation, rows_done


def completion(row: int) -> Completion:
    return Completion(
        row=row,
        data="data/test.jsonl",
        model="tuned",
        level="long",
        prompt="2 + 2\u2028\x85?\n",
        completion="é 💥\nFinal answer: 4",
        answer="4",
        extracted="4",
        exact_match=True,
        truncated=False,
        num_tokens=7,
    )


def interrupted(out: Path, fingerprint: str, done: list[Completion]) -> None:
    """An evaluation that got so far."""
    with suppress(KeyboardInterrupt), partial_evaluation(out, fingerprint) as under_way:
        under_way.add(done)
        raise KeyboardInterrupt


def test_an_evaluation_that_ended_early_goes_on_where_it_was(tmp_path: Path) -> None:
    interrupted(tmp_path, "f" * 32, [completion(1), completion(3)])
    (file,) = tmp_path.iterdir()
    assert file.name.startswith(".")
    with file.open("ab") as stream:
        stream.write('{"row": 2, "completion": "é'.encode()[:-1])
    with partial_evaluation(tmp_path, "f" * 32) as second:
        assert rows_done(second, "data/test.jsonl", "tuned", "long") == {1, 3}
        assert rows_done(second, "data/test.jsonl", None, "long") == set()
        second.add([completion(2)])
        lines = file.read_bytes().split(b"\n")
        assert [json.loads(line)["row"] for line in lines[:-1]] == [1, 3, 2]
        assert next(iter(second.items.values())) == completion(1)
    assert list(tmp_path.iterdir()) == []


def test_another_evaluation_begins_anew(tmp_path: Path) -> None:
    interrupted(tmp_path, "a" * 32, [completion(1)])
    with partial_evaluation(tmp_path, "b" * 32) as second:
        assert second.items == {}
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_share_one_evaluation(tmp_path: Path) -> None:
    with (
        partial_evaluation(tmp_path, "a" * 32),
        pytest.raises(ExplainError, match="another process"),
        partial_evaluation(tmp_path, "a" * 32),
    ):
        pass


def test_without_a_folder_everything_stays_in_memory() -> None:
    with partial_evaluation(None, "a" * 32) as under_way:
        under_way.add([completion(1)])
        assert rows_done(under_way, "data/test.jsonl", "tuned", "long") == {1}
