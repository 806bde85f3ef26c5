"""`axolotl explain recipes`: list, show, copy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.catalog.shipped_recipes import shipped_recipes
from axolotl_explain.cli import main
from axolotl_explain.support import shipped

ROOT = Path(__file__).parents[2]
GENRES = ROOT / "examples" / "movie_genres"
NAMES = [entry.name for entry in shipped_recipes()]
FIXED = [entry.name for entry in shipped_recipes() if "task_data" not in entry.recipe]


def run(*arguments: object, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, ["recipes", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is not the repository, as the user's is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def copy(*arguments: object) -> tuple[str, dict[str, Any]]:
    """The text that was written, and what YAML makes of it."""
    run("copy", *arguments, "--out", "own.yml", "--force")
    text = Path("own.yml").read_text("utf-8")
    return text, yaml.safe_load(text)


def test_every_recipe_of_the_folder_is_listed() -> None:
    files = sorted((ROOT / "recipes").rglob("*.yml"))
    found = [f.relative_to(ROOT / "recipes").with_suffix("").as_posix() for f in files]
    names = [name for name in found if not name.startswith(("paper/", "sweeps/"))]
    assert len(found) > len(names)
    assert {row["name"] for row in json.loads(run("--json"))} == set(names)
    shown = run()
    assert all(f"{name} " in shown for name in names)


def test_facts_come_from_the_file() -> None:
    rows = {row["name"]: row for row in json.loads(run("--json"))}
    row = rows["llama/qlora-fsdp2-70b"]
    assert (row["family"], row["method"], row["size"]) == ("llama", "QLoRA", "70b")
    assert (row["gpus"], row["memory_gb"]) == (2, 48)
    assert row["model"] == "meta-llama/Llama-3.3-70B-Instruct"
    assert row["run"].endswith("recipes/llama/qlora-fsdp2-70b.yml")
    assert rows["llama/lora8bit-8b"]["method"] == "8-bit LoRA"
    assert rows["qwen3/full-0.6b"]["method"] == "full"
    assert rows["cpu/lora"]["estimated_gib_each"] is None


def test_memory_leaves_out_what_does_not_fit() -> None:
    everything = json.loads(run("--json"))
    for memory, gpus in ((24, 1), (8, 1), (48, 2)):
        shown = {
            row["name"]
            for row in json.loads(run("--memory", memory, "--gpus", gpus, "--json"))
        }
        assert shown == {
            row["name"]
            for row in everything
            if row["gpus"] == 0
            or (row["gpus"] <= gpus and row["estimated_gib_each"] <= 0.9 * memory)
        }
        assert 0 < len(shown) < len(everything)


def test_the_list_is_sorted_by_need_and_begins_with_what_uses_a_card_most() -> None:
    everything = json.loads(run("--json"))
    needs = [(row["gpus"], row["estimated_gib_each"] or 0) for row in everything]
    assert needs == sorted(needs)
    fitting = json.loads(run("--memory", 24, "--json"))
    needs = [(row["gpus"], row["estimated_gib_each"] or 0) for row in fitting]
    assert needs == sorted(needs, reverse=True)
    assert needs[0][0] == 1


def test_what_fits_a_card_is_seen_at_one_glance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for memory in (8, 16, 24):
        monkeypatch.setenv("COLUMNS", "80")
        lines = run("--memory", memory).splitlines()
        assert len(lines) <= 30
        assert max(map(len, lines)) <= 80
        monkeypatch.setenv("COLUMNS", "40")
        assert max(map(len, run("--memory", memory).splitlines())) <= 40


def test_a_family_that_is_not_there_is_refused() -> None:
    assert {
        row["family"] for row in json.loads(run("--family", "llama", "--json"))
    } == {"llama"}
    assert "there is none; use cpu, gemma3" in run("--family", "x", exit_code=1)


def test_show_prints_the_file() -> None:
    text = (ROOT / "recipes/qwen3/qlora-8b.yml").read_text("utf-8")
    for name in ("qwen3/qlora-8b", "recipes/qwen3/qlora-8b.yml"):
        assert run("show", name) == text
    hint = "'qwen3/qlora-80b' is no recipe of this package; did you mean qwen3/qlora-8b"
    assert hint in run("show", "qwen3/qlora-80b", exit_code=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_copy_differs_in_paths_alone(name: str) -> None:
    text, recipe = copy(name)
    before = (ROOT / f"recipes/{name}.yml").read_text("utf-8")
    expected = before.replace(f"recipes/{name}.yml", "own.yml").replace(
        " examples/", f" {ROOT}/examples/"
    )
    assert text == expected
    for entry in [*recipe["datasets"], *recipe.get("test_datasets", [])]:
        assert Path(entry["path"]).exists() or "task_data" in recipe


@pytest.mark.parametrize("name", FIXED)
def test_a_copy_has_the_wishes_in_it_and_keeps_the_rest(name: str) -> None:
    before = yaml.safe_load((ROOT / f"recipes/{name}.yml").read_text("utf-8"))
    changes = ("--model", "my/model", "--data", GENRES, "--level", "all")
    text, recipe = copy(name, *changes)
    assert recipe["base_model"] == "my/model"
    assert recipe["explain"] == {**before["explain"], "level": "all"}
    assert [entry["path"] for entry in recipe["datasets"]] == [f"{GENRES}/train.jsonl"]
    assert [entry["path"] for entry in recipe["test_datasets"]] == [
        f"{GENRES}/test.jsonl"
    ]
    changed: tuple[str, ...]
    changed = ("base_model", "explain", "datasets", "test_datasets", "scratch_model")
    if "scratch_model" in before:
        changed += ("learning_rate",)
    for key in set(before) - set(changed):
        assert recipe[key] == before[key]
    assert set(before) - set(recipe) <= {"scratch_model"}
    assert "movie genres; put your own" not in text
    assert "# Run: " in text
    assert "\n\n\n" not in text


def test_a_copy_inside_the_repository_keeps_the_short_paths(
    elsewhere: Path,
) -> None:
    shutil.copytree(GENRES, elsewhere / "examples" / "movie_genres")
    _, recipe = copy("qwen3/qlora-8b")
    assert recipe["datasets"][0]["path"] == "examples/movie_genres/train.jsonl"


def test_an_installed_package_gives_its_own_example(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = elsewhere / "site-packages" / "axolotl_explain"
    shutil.copytree(ROOT / "recipes", package / "recipes")
    shutil.copytree(GENRES, package / "examples" / "movie_genres")
    monkeypatch.setattr(shipped, "ROOTS", (package, package.parent))
    _, recipe = copy("qwen3/qlora-8b")
    path = package / "examples" / "movie_genres" / "train.jsonl"
    assert recipe["datasets"][0]["path"] == str(path)


def test_rows_without_test_rows_are_partly_held_out() -> None:
    shutil.copy(GENRES / "train.jsonl", "rows.jsonl")
    _, recipe = copy("qwen3/qlora-8b", "--data", "rows.jsonl")
    assert recipe["datasets"][0]["path"] == "rows.jsonl"
    assert "test_datasets" not in recipe
    assert recipe["val_set_size"] == 0.05
    shutil.copy(GENRES / "test.jsonl", "test.jsonl")
    changes = ("--data", "rows.jsonl", "--test-data", "test.jsonl")
    _, recipe = copy("qwen3/qlora-8b", *changes)
    assert recipe["test_datasets"][0]["path"] == "test.jsonl"
    assert "val_set_size" not in recipe


def test_the_kind_of_a_file_follows_its_suffix() -> None:
    Path("rows.csv").write_text("instruction,answer\nAdd 1 and 2.,3\n", "utf-8")
    _, recipe = copy("qwen3/qlora-8b", "--data", "rows.csv")
    assert recipe["datasets"][0]["ds_type"] == "csv"


def test_a_tokenizer_made_on_the_spot_reads_the_new_rows() -> None:
    shutil.copy(GENRES / "train.jsonl", "rows.jsonl")
    _, recipe = copy("cpu/lora", "--data", "rows.jsonl")
    assert recipe["scratch_model"]["tokenizer_data"] == ["rows.jsonl"]


def test_weights_of_levels_are_written_as_they_were_said() -> None:
    text, recipe = copy("qwen3/qlora-8b", "--level", "{none: 1, long: 3}")
    assert recipe["explain"]["level"] == {"none": 1, "long": 3}
    assert "  level: {none: 1, long: 3}\n" in text


def test_keys_chosen_for_another_model_are_pointed_out() -> None:
    said = run("copy", "llama/qlora-8b", "--model", "my/model")
    assert "chat_template, special_tokens: chosen for meta-llama/Llama-3.1-8B" in said
    assert "see whether my/model needs the same" in said


def test_what_was_written_is_said_with_its_command() -> None:
    said = run("copy", "qwen3/full-zero3-8b")
    assert "Wrote qwen3-full-zero3-8b.yml." in said
    assert "It needs four NVIDIA GPUs with 80 GB each" in said
    first = "  axolotl fetch deepspeed_configs\n"
    launch = "  accelerate launch --num_processes 4 -m axolotl.cli.train"
    assert f"{first}{launch} qwen3-full-zero3-8b.yml" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--level", "lng"), "explain.level: 'lng' is no level"),
        (("--data", "no.jsonl"), "--data no.jsonl: there is no such file"),
        (("--data", "."), "--data .: the folder has no train{.jsonl,"),
        (("--test-data", "no.jsonl"), "--test-data: --data is missing"),
        (("--data", "some/hub"), "for a hub dataset copy the recipe and"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(
    arguments: tuple[str, ...], message: str
) -> None:
    said = run("copy", "qwen3/qlora-8b", *arguments, "--out", "own.yml", exit_code=1)
    assert message in said
    assert not Path("own.yml").exists()


def test_rows_of_a_recipe_that_makes_its_own_cannot_be_replaced() -> None:
    said = run("copy", "cpu/demo", "--data", GENRES, exit_code=1)
    assert "--data: cpu/demo generates its own rows (task_data)" in said


def test_a_file_that_is_there_is_replaced_only_by_force() -> None:
    Path("own.yml").write_text("mine: true\n", "utf-8")
    said = run("copy", "cpu/lora", "--out", "own.yml", exit_code=1)
    assert "--out own.yml: the file exists" in said
    assert Path("own.yml").read_text("utf-8") == "mine: true\n"
    copy("cpu/lora")
    assert "mine: true" not in Path("own.yml").read_text("utf-8")


def test_sweeps_are_listed_and_shown() -> None:
    listed = CliRunner().invoke(main, ["recipes"], env={"COLUMNS": "120"}).output
    for name, path in shipped.sweep_paths().items():
        (line,) = [one for one in listed.splitlines() if one.startswith(f"{name} ")]
        assert line.split()[1] == ("GPU" if name.endswith("_gpu") else "CPU")
        shown = CliRunner().invoke(main, ["recipes", "show", f"recipes/{name}.yml"])
        assert shown.output == path.read_text("utf-8")
    assert (
        "paper/" not in CliRunner().invoke(main, ["recipes", "--memory", "24"]).output
    )
