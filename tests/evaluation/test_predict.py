"""A trained folder answers rows that need no answer, from the folder alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.cli.merge_lora import do_cli as merge_lora

from axolotl_explain.core.reply import read_reply
from axolotl_explain.evaluation.batching import BatchLimits
from axolotl_explain.evaluation.decoding import Sampling
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.predict import predict
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.evaluation.suite import evaluate
from axolotl_explain.results.store import read_metrics
from tests.fixtures.bench import refusal, write_jsonl
from tests.fixtures.trained_folders import ROWS, TrainedFolder, recipe_of

pytestmark = pytest.mark.training
Train = Callable[[str], TrainedFolder]
BUDGET = 9
QUESTIONS = [{key: row[key] for key in ("id", "instruction", "input")} for row in ROWS]


@pytest.fixture
def questions(tmp_path: Path) -> str:
    return write_jsonl(tmp_path / "questions.jsonl", QUESTIONS)


def asked(folder: Path, data: str, **keys: Any) -> PredictionRequest:
    keys = {"max_new_tokens": BUDGET, **keys}
    return PredictionRequest(model=str(folder), data=(data,), **keys)


@pytest.mark.parametrize("way", ["instruct", "chat", "thinking", "seq2seq"])
def test_it_answers_as_an_evaluation_does_with_recipe_and_answers(
    trained_folder: Train, way: str, questions: str, tmp_path: Path
) -> None:
    one = trained_folder(way)
    full = write_jsonl(tmp_path / "full.jsonl", ROWS)
    levels = () if way in ("chat", "seq2seq") else ("long",)
    judged = evaluate(
        EvaluationRequest(
            recipe=str(one.recipe),
            model=str(one.folder),
            data=(full,),
            levels=levels,  # type: ignore[arg-type]
            max_new_tokens=BUDGET,
        )
    )
    found = predict(asked(one.folder, questions))
    assert [each.prompt for each in found] == [each.prompt for each in judged]
    assert [each.completion for each in found] == [each.completion for each in judged]
    assert [each.answer for each in found] == [each.extracted for each in judged]
    assert [each.id for each in found] == [row["id"] for row in ROWS]
    assert {each.level for each in found} == {"long"}
    cut = ["length" if each.truncated else "end" for each in judged]
    assert [each.stop_reason for each in found] == cut


def test_moved_and_alone_it_answers_as_before_and_so_does_the_merged_model(
    trained_folder: Train, questions: str, tmp_path: Path, monkeypatch: Any
) -> None:
    one = trained_folder("instruct")
    before = [each.completion for each in predict(asked(one.folder, questions))]
    merge_lora(
        str(one.recipe), lora_model_dir=str(one.folder), output_dir=str(tmp_path)
    )
    away = tmp_path / "away"
    away.mkdir()
    moved, base = away / "adapter", away / "base"
    shutil.copytree(one.folder, moved)
    shutil.copytree(
        json.loads((moved / "explain.json").read_text())["base_model"], base
    )
    (tmp_path / "merged").rename(away / "merged")
    told = json.loads((moved / "explain.json").read_text())
    gone = {**told, "base_model": "gone/for/good"}
    (moved / "explain.json").write_text(json.dumps(gone))
    monkeypatch.chdir(away)
    rows = "../questions.jsonl"
    for folder, keys in (("adapter", {"base_model": "base"}), ("merged", {})):
        found = predict(asked(Path(folder), rows, **keys))
        assert [each.completion for each in found] == before
    message = refusal(predict, asked(Path("adapter"), rows))
    assert message.startswith("base_model: gone/for/good cannot be read")
    assert message.endswith("name it with --base-model.")


def test_stopped_it_goes_on_and_loses_nothing(
    trained_folder: Train, questions: str, tmp_path: Path
) -> None:
    one = trained_folder("chat")
    request = asked(one.folder, questions, limits=BatchLimits(size=5))
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out" / "answers.jsonl"
    predict(request, whole)
    steps: list[int] = []

    def stop(done: int, total: int) -> None:
        steps.append(done)
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict(request, out, stop)
    assert steps == [0, 5]
    assert not out.exists()
    steps.clear()
    told: list[str] = []
    predict(request, out, lambda done, total: steps.append(done), told.append)
    assert steps == [5, 10, 12]
    assert told == ["Going on where it was: 5 completions are there already."]
    assert out.read_text() == whole.read_text()
    assert [path.name for path in out.parent.iterdir()] == ["answers.jsonl"]


def test_a_line_has_all_that_belongs_to_an_answer(
    trained_folder: Train, questions: str, tmp_path: Path
) -> None:
    out = tmp_path / "answers.jsonl"
    predict(asked(trained_folder("chat").folder, questions, limit=1), out)
    line = json.loads(out.read_text())
    assert list(line) == [
        *("row", "id", "data", "model", "level", "prompt", "completion"),
        *("explanation", "answer", "parsed", "num_tokens", "num_prompt_tokens"),
        "stop_reason",
    ]
    assert (line["row"], line["id"], line["level"]) == (1, ROWS[0]["id"], "long")


def test_several_samples_are_drawn_alike_in_every_run_and_voted_on(
    trained_folder: Train, questions: str
) -> None:
    request = asked(
        trained_folder("chat").folder,
        questions,
        limit=3,
        samples=4,
        sampling=Sampling(temperature=1.5, seed=3),
        limits=BatchLimits(size=5),
    )
    first, second = predict(request), predict(request)
    assert first == second
    assert all(one.samples == 4 for one in first)
    assert all(
        one.agreement == max([*(one.votes or {}).values(), 0]) / 4 for one in first
    )
    other = PredictionRequest(
        **{
            **{name: getattr(request, name) for name in request.__slots__},
            "sampling": Sampling(temperature=1.5, seed=4),
        }
    )
    assert predict(other) != first


def test_without_a_bound_completions_may_be_a_quarter_longer_than_trained(
    trained_folder: Train, questions: str
) -> None:
    one = trained_folder("seq2seq")
    longest = json.loads((one.folder / "explain.json").read_text())["longest_target"]
    found = predict(asked(one.folder, questions, max_new_tokens=None, limit=2))
    cut = [each.num_tokens for each in found if each.stop_reason == "length"]
    assert all(each.num_tokens <= -(-longest * 5 // 4) for each in found)  # type: ignore[operator]
    assert all(tokens == -(-longest * 5 // 4) for tokens in cut)


def test_an_evaluation_needs_no_recipe_where_the_folder_tells(
    trained_folder: Train, tmp_path: Path
) -> None:
    one = trained_folder("instruct")
    full = write_jsonl(tmp_path / "full.jsonl", ROWS[:4])
    results = []
    for name, recipe in (("with", str(one.recipe)), ("without", None)):
        request = EvaluationRequest(
            recipe=recipe, model=str(one.folder), data=(full,), max_new_tokens=BUDGET
        )
        results.append(evaluate(request, tmp_path / name))
    assert results[0] == results[1]
    told = [read_metrics(tmp_path / name) for name in ("with", "without")]
    assert told[0]["levels"] == told[1]["levels"]
    assert told[1]["recipe"] is None
    assert told[1]["recipe_content"]["learning_rate"] == 0.001


def test_the_answer_in_a_line_is_the_one_of_its_completion(
    trained_folder: Train, questions: str
) -> None:
    for one in predict(asked(trained_folder("thinking").folder, questions, limit=3)):
        from axolotl_explain.core.target import TargetFormat

        read = read_reply(one.completion, TargetFormat(), one.prompt)
        assert (one.explanation, one.answer, one.parsed) == (
            read.explanation,
            read.answer,
            read.parsed,
        )


def test_rows_keep_their_numbers_where_others_are_skipped(
    trained_folder: Train, tmp_path: Path
) -> None:
    one = trained_folder("chat")
    recipe = recipe_of(one)
    recipe.setdefault("explain", {})["on_bad_row"] = "skip"
    path = tmp_path / "skips.yml"
    path.write_text(yaml.safe_dump(recipe))
    data = write_jsonl(tmp_path / "some.jsonl", [ROWS[0], {"answer": "7"}, ROWS[2]])
    keys: dict[str, Any] = {"recipe": str(path), "model": str(one.folder)}
    keys |= {"data": (data,), "max_new_tokens": BUDGET}
    judged = evaluate(EvaluationRequest(**keys), tmp_path / "results")
    found = predict(PredictionRequest(**keys))
    rows = [(each.row, each.id) for each in found]
    assert rows == [(1, ROWS[0]["id"]), (3, ROWS[2]["id"])]
    assert [(each.row, each.id) for each in judged] == rows
    assert [each.completion for each in found] == [each.completion for each in judged]
