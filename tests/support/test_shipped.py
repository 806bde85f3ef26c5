"""Recipes and examples that travel with the package."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from axolotl_explain.cli import main
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support import shipped

ROOT = Path(__file__).parents[2]


def test_every_recipe_file_has_a_name_but_those_of_sweeps() -> None:
    files = {
        str(file.relative_to(ROOT / "recipes"))
        for folder in (ROOT / "recipes").iterdir()
        if folder.name not in ("paper", "sweeps")
        for file in folder.glob("*.yml")
    }
    assert {f"{name}.yml" for name in shipped.recipe_paths()} == files


def test_names_come_in_order_and_lead_to_their_files() -> None:
    paths = shipped.recipe_paths()
    assert list(paths) == sorted(paths, key=lambda name: name.split("/"))
    for name, path in paths.items():
        assert path.samefile(shipped.recipe_path(f"{name}.yml"))


def test_recipes_of_sweeps_are_found_by_their_path() -> None:
    path = shipped.recipe_path("paper/wide_sums_cpu.yml")
    assert path.samefile(ROOT / "recipes" / "paper" / "wide_sums_cpu.yml")


def test_example_data_are_found() -> None:
    path = shipped.example_path("movie_genres/train.jsonl")
    assert path.samefile(ROOT / "examples" / "movie_genres" / "train.jsonl")


def test_a_path_of_a_recipe_to_the_examples_leads_to_this_installation() -> None:
    found = shipped.shipped_example("examples/movie_genres/train.jsonl")
    assert found == shipped.example_path("movie_genres/train.jsonl")
    assert shipped.shipped_example("examples/nothing.jsonl") is None
    assert shipped.shipped_example("recipes/cpu/lora.yml") is None


@pytest.mark.parametrize(
    ("find", "kind"),
    [(shipped.recipe_path, "recipes"), (shipped.example_path, "examples")],
)
def test_a_name_that_is_not_shipped_is_refused(find, kind: str) -> None:
    with pytest.raises(ExplainError) as caught:
        find("cpu/nothing.yml")
    assert str(caught.value) == (
        f"cpu/nothing.yml: there is no such file in this installation's {kind}."
    )


def test_an_installed_package_holds_its_own_recipes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside" / "recipes" / "cpu").mkdir(parents=True)
    (tmp_path / "inside" / "recipes" / "cpu" / "mine.yml").write_text("")
    monkeypatch.setattr(shipped, "ROOTS", (tmp_path / "inside", *shipped.ROOTS))
    assert [*shipped.recipe_paths()] == ["cpu/mine"]


def test_an_installation_without_recipes_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "ROOTS", (tmp_path,))
    with pytest.raises(ExplainError, match="they are missing"):
        shipped.recipe_paths()


def test_a_sweep_is_found_by_its_name_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = ROOT / "recipes" / "paper" / "wide_sums_cpu.yml"
    for name in (
        "paper/wide_sums_cpu",
        "recipes/paper/wide_sums_cpu.yml",
        str(wanted),
    ):
        assert shipped.grid_path(name).samefile(wanted)
    found = shipped.base_recipe_path("recipes/cpu/demo.yml")
    assert Path(found).samefile(ROOT / "recipes" / "cpu" / "demo.yml")
    own = tmp_path / "recipes" / "cpu" / "demo.yml"
    own.parent.mkdir(parents=True)
    own.write_text("base_model: mine\n")
    assert shipped.base_recipe_path("recipes/cpu/demo.yml") == "recipes/cpu/demo.yml"


def test_a_sweep_says_that_its_recipe_is_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["sweep", "paper/wide_sums_cpu", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "recipes/cpu/demo.yml is not here; the shipped recipe" in done.output


def test_an_unknown_sweep_says_which_is_like_it() -> None:
    with pytest.raises(ExplainError, match="did you mean paper/wide_sums_cpu") as it:
        shipped.grid_path("paper/wide_sum_cpu.yml")
    assert "there is no such file" in str(it.value)
