"""Reading what is there: old files, cut off files, folders of many kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.report.build import collect
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.run_folders import find_places
from axolotl_explain.results.step_files import keep, kept_file

Write = Callable[..., Path]


def old_folder(folder: Path) -> Path:
    """As versions before the breakdowns wrote it."""
    metrics = {
        "recipe": "long.yml",
        "model": "outputs/long",
        "data": "data/test.jsonl",
        "levels": {"long": {"num_rows": 2, "exact_match": 0.5, "parsed_rate": 1.0}},
        "versions": {"axolotl": "0.19.0"},
    }
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def test_metrics_without_completions_are_enough(tmp_path: Path) -> None:
    (run,) = collect([old_folder(tmp_path / "old")]).runs
    (group,) = run.groups
    assert (group.level, group.summary.rows, group.summary.right) == ("long", 2, 1)
    assert group.summary.flexible is None


def test_completions_that_lack_newer_fields_are_read(tmp_path: Path) -> None:
    folder = old_folder(tmp_path / "old")
    line = {"row": 1, "level": "long", "completion": "4", "exact_match": True}
    (folder / "completions.jsonl").write_text(json.dumps(line) + "\n")
    (run,) = collect([folder]).runs
    (group,) = run.groups
    assert (group.data, group.model) == ("data/test.jsonl", "outputs/long")
    assert (group.summary.rows, group.summary.right) == (1, 1)


def test_lines_that_cannot_be_read_are_counted_and_said(write_run: Write) -> None:
    folder = write_run("a", "long", 5)
    file = folder / "evaluation" / "completions.jsonl"
    text = file.read_text("utf-8")
    file.write_text(text + '[1]\n{"level": "long"}\n{"row": 3, "lev')
    found = collect([folder])
    assert found.runs[0].groups[0].summary.rows == 20
    (note,) = found.notes
    assert note.startswith(f"{file}: 3 lines were left out (line 21: ")


def test_a_broken_metrics_file_is_said_and_its_completions_are_used(
    write_run: Write,
) -> None:
    folder = write_run("a", "long", 5)
    (folder / "evaluation" / "metrics.json").write_text('{"seed": ')
    found = collect([folder])
    assert found.runs[0].groups[0].summary.right == 5
    assert "metrics.json: cannot be read" in found.notes[0]


def test_a_folder_without_results_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExplainError, match=r"empty: no results here .* Evaluate the"):
        collect([tmp_path / "empty"])
    with pytest.raises(ExplainError, match="there is no such folder"):
        collect([tmp_path / "missing"])


def test_a_run_is_found_by_its_folder_its_evaluation_and_a_folder_above(
    write_run: Write, tmp_path: Path
) -> None:
    folder = write_run("a", "long", 5)
    state = {"log_history": [{"step": 1, "loss": 2.0}]}
    (folder / "checkpoint-1").mkdir()
    (folder / "checkpoint-1" / "trainer_state.json").write_text(json.dumps(state))
    for named in (folder, folder / "evaluation", tmp_path):
        (place,) = find_places([named])
        assert place.evaluation == folder / "evaluation"
        assert place.training == folder
    assert len(find_places([folder, tmp_path])) == 1


def test_completions_of_training_alone_are_results(rich_runs: Path) -> None:
    folder = rich_runs / "long-500-1"
    for file in (folder / "evaluation").iterdir():
        file.unlink()
    found = collect([folder])
    (group,) = found.runs[0].groups
    assert group.summary.rows == 60
    assert "step-000300.jsonl, made during training" in found.notes[0]


def test_what_training_keeps_counts_as_trained(tmp_path: Path) -> None:
    one = Completion(
        row=1,
        data="data/test.jsonl",
        model="outputs/long",
        level="long",
        prompt="3 + 4",
        completion="Final answer: 7",
        answer="7",
        extracted="7",
        exact_match=True,
        truncated=False,
        num_tokens=5,
    )
    keep(kept_file(tmp_path, 300), [one], 300, 9_000)
    (arm,) = collect([tmp_path]).arms
    assert (arm.trained, arm.level, arm.share) == (True, "long", 1.0)


def test_learning_curves_come_from_kept_completions_then_the_log_then_the_loss(
    write_run: Write, rich_runs: Path
) -> None:
    kept = collect([rich_runs / "long-500-1"]).runs[0].curves[0]
    assert (kept.measure, kept.level, len(kept.points)) == ("exact match", "long", 7)
    assert kept.points[-1].tokens == 300 * 4000

    folder = write_run("logged", "long", 5)
    log = [
        {"step": 10, "loss": 2.0, "tokens/trainable": 500, "tokens/total": 900},
        {"step": 20, "loss": 1.0, "explain/long/exact_match": 0.5},
    ]
    state = folder / "trainer_state.json"
    state.write_text(json.dumps({"log_history": log}))
    (logged,) = collect([folder]).runs[0].curves
    assert [(one.step, one.tokens, one.value) for one in logged.points] == [
        (20, 500, 0.5)
    ]

    anew = {"step": 30, "tokens/trainable": 200, "explain/long/exact_match": 0.7}
    state.write_text(json.dumps({"log_history": [*log, anew]}))
    (logged,) = collect([folder]).runs[0].curves
    assert [(one.step, one.tokens) for one in logged.points] == [(20, 500), (30, 700)]

    state.write_text(json.dumps({"log_history": log[:1]}))
    (loss,) = collect([folder]).runs[0].curves
    assert (loss.measure, loss.points[0].value) == ("loss", 2.0)
