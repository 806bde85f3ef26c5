"""The results of one run, read from whatever files it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from axolotl_explain.report.write_report import collect
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.step_files import step_file, write_step

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
    (group,) = run.levels
    assert (group.level, group.counts.rows, group.counts.right) == ("long", 2, 1)
    assert group.counts.flexible is None


def test_completions_that_lack_newer_fields_are_read(tmp_path: Path) -> None:
    folder = old_folder(tmp_path / "old")
    line = {"row": 1, "level": "long", "completion": "4", "exact_match": True}
    (folder / "completions.jsonl").write_text(json.dumps(line) + "\n")
    (run,) = collect([folder]).runs
    (group,) = run.levels
    assert (group.data, group.model) == ("data/test.jsonl", "outputs/long")
    assert (group.counts.rows, group.counts.right) == (1, 1)


def test_a_broken_metrics_file_is_said_and_its_completions_are_used(
    write_run: Write,
) -> None:
    folder = write_run("a", "long", 5)
    (folder / "evaluation" / "metrics.json").write_text('{"seed": ')
    found = collect([folder])
    assert found.runs[0].levels[0].counts.right == 5
    assert "metrics.json: cannot be read" in found.notes[0]


def test_completions_of_training_alone_are_results(rich_runs: Path) -> None:
    folder = rich_runs / "long-500-1"
    for file in (folder / "evaluation").iterdir():
        file.unlink()
    found = collect([folder])
    (group,) = found.runs[0].levels
    assert group.counts.rows == 60
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
    write_step(step_file(tmp_path, 300), [one], 300, 9_000)
    (arm,) = collect([tmp_path]).arms
    assert (arm.trained, arm.level, arm.share) == (True, "long", 1.0)


def test_a_trained_folder_without_a_recipe_tells_of_its_training(
    tmp_path: Path,
) -> None:
    from axolotl_explain.recipe.explain_file import ExplainFile, write_explain_file

    one = Completion(
        row=1,
        data="data/test.jsonl",
        model="outputs/long",
        level="long",
        prompt="3 + 4",
        completion="7",
        answer="7",
        extracted="7",
        exact_match=True,
        truncated=False,
        num_tokens=1,
    )
    path = step_file(tmp_path / "run", 25)
    path.parent.mkdir(parents=True)
    write_step(path, [one], 25, None)
    content = ExplainFile(
        type="axolotl_explain.instruct",
        base_model="outputs/base",
        rows={"derive_levels": {"by": "steps"}},
    )
    write_explain_file(tmp_path / "run", content)
    (run,) = collect([tmp_path / "run"]).runs
    assert run.base_model == "outputs/base"
    assert run.explanations == [
        "levels are derived: medium is the calculations of an explanation, short "
        "their results"
    ]
