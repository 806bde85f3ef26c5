"""Another version of Axolotl is one line, whatever is called first."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.axolotl_version import (
    ANY_VERSION,
    require_axolotl,
    supported_axolotl,
)
from tests.fixtures import forked

RECIPE = """\
base_model: {folder}
plugins: [axolotl_explain.ExplainPlugin]
datasets: [{{path: rows.jsonl, type: axolotl_explain.instruct}}]
"""


def stub(folder: Path, version: str) -> Path:
    """A folder for PYTHONPATH in which Axolotl says that it has another version."""
    info = folder / f"axolotl-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: axolotl\nVersion: {version}\n"
    )
    return folder


@pytest.mark.parametrize("version", ["0.18.0", "0.20.0", "0.20.0.dev0", "1.0"])
@pytest.mark.parametrize(
    "command", [("check", "recipe.yml"), ("eval", "--recipe", "a.yml"), ("demo",)]
)
def test_a_command_says_which_version_it_takes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    command: tuple[str, ...],
) -> None:
    monkeypatch.syspath_prepend(str(stub(tmp_path, version)))
    from click.testing import CliRunner

    from axolotl_explain.cli import main

    found = CliRunner().invoke(main, command)
    assert found.exit_code == 1
    assert found.output.startswith(f"Error: Axolotl {version} is installed;")
    assert "pip install 'axolotl<0.20,>=0.19'" in found.output
    assert found.output.count("\n") == 1
    assert CliRunner().invoke(main, [command[0], "--help"]).exit_code == 0


def test_training_says_it_without_a_traceback(tmp_path: Path) -> None:
    stub(tmp_path, "0.20.0")
    (tmp_path / "recipe.yml").write_text(RECIPE.format(folder=tmp_path))
    train = [str(tmp_path), "axolotl.cli.train", "recipe.yml"]
    ended = forked.run("tests.fixtures.with_stub", *train, cwd=tmp_path)
    assert ended.returncode == 1
    assert "axolotl-explain: Axolotl 0.20.0 is installed;" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_no_axolotl_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        from importlib.metadata import PackageNotFoundError

        raise PackageNotFoundError(name)

    monkeypatch.setattr("axolotl_explain.support.axolotl_version.version", missing)
    with pytest.raises(ExplainError, match="Axolotl is not installed here: pip"):
        require_axolotl()


def test_what_pyproject_allows_is_what_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_axolotl()
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    (line,) = [line for line in text.splitlines() if '"axolotl>=' in line]
    wanted = set(line.strip().strip('",').removeprefix("axolotl").split(","))
    assert {str(one) for one in supported_axolotl().specifier} == wanted
    monkeypatch.syspath_prepend(str(stub(tmp_path, "0.19.1.dev0+cu128")))
    require_axolotl()


def test_a_variable_lets_any_version_be_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(stub(tmp_path, "0.20.0")))
    monkeypatch.setenv(ANY_VERSION, "1")
    require_axolotl()
