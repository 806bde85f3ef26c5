"""`axolotl-explain internalise`, with commands that take no time."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from axolotl_explain.cli import main
from axolotl_explain.training import explanation_units
from axolotl_explain.training.explanation_units import UnitCount

Answers = Callable[..., None]
GOOD = ((99, 10), (98, 8), (98, 6), (97, 4))

OF_TABLE = re.compile(r"\s*(stage|lines|tokens|exact|95 %|test|steps|▸|\d\s)")
"""Heads of the curve, and the beginnings of its rows."""


@pytest.fixture(autouse=True)
def three_lines(monkeypatch: pytest.MonkeyPatch) -> UnitCount:
    """Rows are not read: the longest explanation has three lines."""
    count = UnitCount("line", longest=3, rows=100, explained=100)
    monkeypatch.setattr(explanation_units, "count_units", lambda *_: count)
    return count


@pytest.fixture
def recipe(base: dict[str, Any], quick_chain: Answers) -> dict[str, Any]:
    quick_chain(*GOOD)
    write(base)
    return base


def write(recipe: dict[str, Any]) -> None:
    Path("recipe.yml").write_text(yaml.safe_dump(recipe))


def run(words: str = "", width: int = 200) -> Result:
    given = shlex.split(f"internalise recipe.yml --out out {words}")
    return CliRunner(env={"COLUMNS": str(width)}).invoke(main, given)


def done(words: str = "", width: int = 200) -> str:
    found = run(words, width)
    assert found.exit_code == 0, found.output
    return found.output


def trained() -> list[str]:
    return Path("trained").read_text().split()


def chain_file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("out/internalise.json").read_text())
    return found


def test_the_last_stage_within_the_tolerance_is_kept(recipe: dict[str, Any]) -> None:
    output = done()
    assert trained() == ["0", "1", "2", "3"]
    assert "Kept stage 3 in out/kept: the last one with" in output
    weights = Path("out/kept/model.safetensors").read_text()
    assert weights == "base > 0 > 1 > 2 > 3"
    assert "An answer takes 4.0 tokens, 10.0 with explanations." in output


def test_the_kept_folder_is_an_ordinary_one(recipe: dict[str, Any]) -> None:
    done()
    names = {path.name for path in Path("out/kept").iterdir()}
    assert names == {"model.safetensors", "config.json", "kept.json"}
    kept = yaml.safe_load(Path("out/kept.yml").read_text())
    assert kept["output_dir"] == "out/kept"
    assert kept["explain"]["internalise"]["stage"] == 3


def test_the_curve_is_a_file(recipe: dict[str, Any]) -> None:
    done()
    found = chain_file()
    assert [one["held_out"]["exact_match"] for one in found["stages"]] == [
        right / 100 for right, _ in GOOD
    ]
    assert [one["test"]["tokens_per_completion"] for one in found["stages"]] == [
        tokens for _, tokens in GOOD
    ]
    assert found["stages"][1]["steps"] == 7
    assert found["kept"]["stage"] == 3
    assert found["kept"]["folder"] == "out/stage-3"
    assert (found["unit"], found["longest"]) == ("line", 3)


@pytest.mark.parametrize("width", [80, 40])
def test_the_curve_is_a_table_in_which_no_cell_is_cut(
    recipe: dict[str, Any], width: int
) -> None:
    lines = done(width=width).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Exact match"))
    end = next(n for n, line in enumerate(lines) if line.startswith("Kept stage"))
    # What the host logs in between is not of the table.
    table = [line for line in lines[start:end] if OF_TABLE.match(line)]
    assert [line for line in table if len(line) > width] == []
    text = "\n".join(table)
    for cell in ("lines gone", "2 of 3", "91.5% - 99.0%", "▸ 3", "97.0%", "4.0", "7"):
        assert cell in text
    assert "…" not in text
    assert (width == 80) == ("exact match   95 % interval" in text)


def test_what_is_finished_is_not_trained_twice(recipe: dict[str, Any]) -> None:
    done()
    first = Path("out/internalise.json").read_text()
    done()
    assert trained() == ["0", "1", "2", "3"]
    assert Path("out/internalise.json").read_text() == first


def test_a_chain_may_be_moved(recipe: dict[str, Any]) -> None:
    done()
    Path("out").rename("elsewhere")
    given = shlex.split("internalise recipe.yml --out elsewhere")
    moved = CliRunner(env={"COLUMNS": "200"}).invoke(main, given)
    assert moved.exit_code == 0, moved.output
    assert trained() == ["0", "1", "2", "3"]
    assert "▸ 3" in moved.output


def test_a_stage_that_fails_ends_the_chain_and_is_tried_again(
    recipe: dict[str, Any],
) -> None:
    Path("fails").write_text("2")
    failed = run()
    assert failed.exit_code == 1
    assert "the reason why" in failed.output
    assert [one["stage"] for one in chain_file()["stages"]] == [0, 1]
    Path("fails").unlink()
    done()
    assert trained() == ["0", "1", "2", "3"]


def test_a_chain_that_loses_too_much_ends_before_its_last_stage(
    recipe: dict[str, Any], quick_chain: Answers
) -> None:
    quick_chain((99, 10), (60, 8), (50, 6), (40, 4))
    output = done()
    assert trained() == ["0", "1", "2"]
    assert "Kept stage 0 in out/kept: no later one is good enough;" in output
    assert "1 stage was not trained, since 2 in a row were beyond" in output


def test_another_tolerance_trains_nothing_and_keeps_another_stage(
    recipe: dict[str, Any], quick_chain: Answers
) -> None:
    quick_chain((99, 10), (95, 8), (90, 6), (80, 4))
    assert "Kept stage 0" in done()
    assert "Kept stage 2" in done("--set explain.internalise.tolerance=0.1")
    assert trained() == ["0", "1", "2", "3"]
    (archived,) = Path("out/earlier").glob("kept.*")
    assert json.loads((archived / "kept.json").read_text())["stage"] == 0


def test_a_better_one_that_is_kept_already_stays(
    recipe: dict[str, Any], quick_chain: Answers
) -> None:
    for name in ("validation", "test"):
        file = Path(f"out/data/{name}.jsonl")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    done()
    quick_chain((99, 10), (98, 8), (98, 6), (97, 5))
    write({**recipe, "seed": 2})
    output = done()
    assert (
        "out/kept stays as it is: the one of before (stage 3) answers 97.0%" in output
    )
    assert "This stage is in out/stage-3." in output
    kept = json.loads(Path("out/kept/kept.json").read_text())
    assert kept["held_out"]["tokens_per_completion"] == 4
    quick_chain((99, 10), (98, 8), (98, 6), (98, 4))
    write({**recipe, "seed": 3})
    assert "Kept stage 3 in out/kept" in done()


def test_a_dry_run_trains_nothing(recipe: dict[str, Any]) -> None:
    output = done("--dry-run")
    assert not Path("trained").exists()
    assert "3 of 3" not in output
    names = sorted(path.name for path in Path("out").glob("*.yml"))
    assert names == [f"stage-{stage}.yml" for stage in range(4)]
    for words in ("lines gone", "1 of 3", "2 of 3", "all", "to run", "50"):
        assert words in output


def test_a_given_model_is_evaluated_and_not_trained(recipe: dict[str, Any]) -> None:
    Path("given").mkdir()
    Path("given/config.json").write_text("{}")
    Path("given/model.safetensors").write_text("given")
    done("--explained given")
    assert trained() == ["1", "2", "3"]
    weights = Path("out/kept/model.safetensors").read_text()
    assert weights == "given > 1 > 2 > 3"
    assert chain_file()["stages"][0]["steps"] is None


def test_a_model_below_the_folder_of_the_chain_is_refused_and_stays(
    recipe: dict[str, Any],
) -> None:
    done()
    found = run("--explained out/stage-0 --set seed=2")
    assert found.exit_code == 1
    assert "--explained out/stage-0: it lies below --out out, where" in found.output
    assert Path("out/stage-0/model.safetensors").is_file()


def test_a_given_model_whose_optimizer_goes_on_has_one(recipe: dict[str, Any]) -> None:
    Path("given/checkpoint-7").mkdir(parents=True)
    Path("given/config.json").write_text("{}")
    Path("given/model.safetensors").write_text("given")
    words = "--explained given --set explain.internalise.reset_optimizer=false"
    found = run(words)
    assert found.exit_code == 1
    assert "--explained given: it has no checkpoint with an optimizer.pt" in (
        found.output
    )
    Path("given/checkpoint-7/optimizer.pt").write_text("moments")
    done(words)


def test_a_recipe_may_do_without_the_block_explain(recipe: dict[str, Any]) -> None:
    del recipe["explain"]
    write(recipe)
    assert "lines gone" in done("--dry-run")


def test_a_model_that_has_learned_nothing_is_told(
    recipe: dict[str, Any], quick_chain: Answers
) -> None:
    quick_chain((1, 10), (0, 8), (0, 6), (0, 4))
    output = done()
    assert "an exact match of 0.0% or more" in output
    assert "Note: the explained model itself answers 1.0% right" in output


def results(share: float, level: str = "none") -> None:
    Path("plain").mkdir()
    metrics = {"exact_match": share, "num_rows": 100}
    content = {"format": 1, "levels": {level: metrics}}
    Path("plain/metrics.json").write_text(json.dumps(content))


def test_answers_alone_that_do_as_well_are_told(recipe: dict[str, Any]) -> None:
    assert "Does the answer alone do as well?" in done("--dry-run")
    results(0.98)
    output = done("--answer-only plain")
    assert "nothing is to be gained by internalising" in output
    assert "Does the answer alone do as well?" not in output


def test_results_of_another_level_are_no_answers_alone(recipe: dict[str, Any]) -> None:
    results(0.98, "long")
    failed = run("--answer-only plain")
    assert failed.exit_code == 1
    assert "--answer-only plain: its results are at long; name those" in failed.output
    assert not Path("trained").exists()


def test_a_folder_without_results_is_refused_before_anything_trains(
    recipe: dict[str, Any],
) -> None:
    Path("plain").mkdir()
    failed = run("--answer-only plain")
    assert failed.exit_code == 1
    assert "metrics.json" in failed.output
    assert not Path("trained").exists()


def test_many_stages_are_told(recipe: dict[str, Any], three_lines: UnitCount) -> None:
    three_lines.longest = 60
    assert "Note: 61 stages are trained one after the other, since the longest" in (
        done("--dry-run")
    )
    few = "--set explain.internalise.step=5"
    assert "stages are trained one after" not in done(f"--dry-run {few}")


def test_rows_that_are_seen_many_times_are_told(recipe: dict[str, Any]) -> None:
    output = done("--dry-run --set explain.internalise.steps=500")
    assert "Note: 100 training rows are seen up to 122 times in all stages" in output


def test_a_large_model_with_large_steps_is_told(recipe: dict[str, Any]) -> None:
    del recipe["scratch_model"]
    write({**recipe, "base_model": "meta-llama/Llama-3.2-1B", "learning_rate": 5e-5})
    output = done("--dry-run")
    assert "learning_rate: 5e-05 is much for a model of 1.2 billion" in output
    gentle = "--set explain.internalise.learning_rate=1e-5"
    assert "is much for a model" not in done(f"--dry-run {gentle}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"explain": {"level": "none"}},
            "explain.level: none has no explanation that could be taken away; train "
            "at short, medium, long.",
        ),
        (
            {"explain": {"level": "all"}},
            "explain.level: 'all' trains several levels",
        ),
        (
            {"explain": {"level": "long", "coverage": 0.5}},
            "explain.level: 'long' trains several levels (coverage counts too)",
        ),
        (
            {"explain": {"level": "long", "internalise": {"unit": "word"}}},
            "explain.internalise.unit: 'word' is not allowed; use line or sentence or "
            "token.",
        ),
        (
            {"explain": {"level": "long", "internalise": {"stage": 1}}},
            "explain.internalise.stage: 1: this is the recipe of one stage",
        ),
        (
            {"explain": {"level": "long", "order": "answer_first"}},
            "datasets[0].explain.order: answer_first puts no explanation in front",
        ),
        (
            {"explain": {"level": "long", "internalise": {"until": 0.9}}},
            "explain.internalise.until: explain.evaluation is missing",
        ),
        (
            {
                "explain": {"level": "long", "internalise": {"reset_optimizer": False}},
                "deepspeed": "zero3.json",
            },
            "explain.internalise.reset_optimizer: false: with deepspeed no checkpoint",
        ),
        (
            {
                "explain": {"level": "long", "internalise": {"reset_optimizer": False}},
                "save_strategy": "no",
            },
            "explain.internalise.reset_optimizer: false: with save_strategy: no there",
        ),
        (
            {"explain": {"level": "long", "internalise": {"optimizer_from": "x"}}},
            "explain.internalise.optimizer_from: each stage gets the folder of the one",
        ),
        (
            {"internalise": {"unit": "token"}},
            "internalise: nobody reads the block at the top level of a recipe; put it "
            "under explain:, as explain.internalise.",
        ),
        (
            {"explain": {"level": "long", "internalize": {}}},
            "explain.internalize: no such key; did you mean internalise?",
        ),
        (
            {
                "datasets": [
                    {"path": "a", "type": "completion"},
                    {"path": "b", "type": "axolotl_explain.instruct"},
                    {
                        "path": "c",
                        "type": "axolotl_explain.instruct",
                        "explain": {"level": "none"},
                    },
                ]
            },
            "datasets[2].explain.level: none has no explanation",
        ),
        (
            {"datasets": []},
            "explain.internalise: no dataset of this recipe has explanations",
        ),
        (
            {"task_data": None},
            "--data: name a file of held-out rows",
        ),
        (
            {
                "task_data": None,
                "test_datasets": [{"path": "plain.jsonl", "type": "completion"}],
            },
            "neither explain.evaluation nor test_datasets of rows with answers",
        ),
    ],
)
def test_a_recipe_that_cannot_be_internalised_is_refused(
    recipe: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    write({**recipe, **change})
    found = run()
    assert found.exit_code == 1
    assert said in " ".join(found.output.split())
    assert not Path("trained").exists()


def test_rows_of_one_step_are_refused(
    recipe: dict[str, Any], three_lines: UnitCount
) -> None:
    three_lines.longest = 1
    found = run()
    assert found.exit_code == 1
    assert (
        "explain.internalise.unit: no explanation of 100 training rows has more than "
        "one line, so that nothing could be taken away step by step; use unit: "
        "sentence or token, or explanations of several steps."
    ) in found.output
    three_lines.longest = three_lines.explained = 0
    assert "none of 100 training rows has an explanation" in run().output


def test_rows_that_a_stage_is_chosen_by_are_no_test(recipe: dict[str, Any]) -> None:
    found = run("--data rows.jsonl --test rows.jsonl")
    assert found.exit_code == 1
    assert "--test rows.jsonl: the stage that is kept is chosen by" in found.output


def test_a_value_without_an_equals_sign_is_refused(recipe: dict[str, Any]) -> None:
    assert "--set seed: write KEY=VALUE, such as" in run("--set seed").output
    assert "--set seed=[: what follows = is no YAML" in run("--set 'seed=['").output


def test_a_folder_that_cannot_be_made_is_refused(recipe: dict[str, Any]) -> None:
    given = shlex.split("internalise recipe.yml --out recipe.yml/out")
    found = CliRunner().invoke(main, given)
    assert found.exit_code == 1
    assert "recipe.yml/out: Not a directory; name a folder that can be" in found.output
