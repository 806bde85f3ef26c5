"""`axolotl explain check` as it is typed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from axolotl_explain.checking import check_recipe, findings_table
from axolotl_explain.checking.codes import CODES
from axolotl_explain.checking.finding import CheckResult, Finding
from axolotl_explain.cli import main

WARNING = Finding("duplicate-rows", "a.jsonl", "as row 1", (2, 5, 6, 7, 9), 7)
ERROR = Finding("file-missing", "datasets[0].path", "data/trian.jsonl")


@pytest.fixture
def checked(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A recipe on which a check finds what the test names."""
    result = CheckResult(list(request.param), "cpu", {"a.jsonl": 1_200})
    monkeypatch.setattr(check_recipe, "check_recipe", lambda *_: result)
    file = tmp_path / "recipe.yml"
    file.write_text("base_model: x\n")
    return file


def typed(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


@pytest.mark.parametrize(
    ("checked", "options", "expected"),
    [
        ([], [], 0),
        ([WARNING], [], 0),
        ([WARNING], ["--strict"], 1),
        ([ERROR], [], 1),
        ([ERROR], ["--json"], 1),
    ],
    indirect=["checked"],
)
def test_it_exits_as_continuous_integration_needs_it(
    checked: Path, options: list[str], expected: int
) -> None:
    assert typed(checked, *options).exit_code == expected


@pytest.mark.parametrize("checked", [[ERROR, WARNING]], indirect=True)
def test_json_holds_all_of_a_finding(checked: Path) -> None:
    content: dict[str, Any] = json.loads(typed(checked, "--json").stdout)
    assert content["rows"] == {"a.jsonl": 1_200}
    first, second = content["findings"]
    assert first["severity"] == "error"
    assert first["where"] == "datasets[0].path"
    assert second["rows"] == [2, 5, 6, 7, 9]
    assert second["num_rows"] == 7
    assert "num_epochs" in second["remedy"]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_the_table_holds_every_word_at_any_width(width: int) -> None:
    result = CheckResult([ERROR, WARNING], "cpu", {"a.jsonl": 1_200})
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    findings_table.print_findings(console, "recipe.yml", result, 0.1)
    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    for word in (
        "file-missing",
        "datasets[0]",
        "duplicate-rows",
        "num_epochs",
        "1,200",
    ):
        assert word in shown
    assert "1 error, 1 warning" in " ".join(shown.split())


def test_every_severity_has_a_look_of_its_own() -> None:
    assert len(set(findings_table.STYLES.values())) == len(findings_table.MARKS) == 3


UNDER_AXOLOTL = """
import sys
from axolotl.cli import art
from axolotl.cli.main import cli

printed = art.print_axolotl_text_art
def banner():
    assert "axolotl_explain" not in sys.modules
    printed()
cli.callback.__globals__["print_axolotl_text_art"] = banner
cli(["explain", *sys.argv[1:]])
"""
JSON_OF_RECIPES = ["recipes", "--json", "--family", "cpu"]


@pytest.mark.parametrize(
    "arguments", [JSON_OF_RECIPES, ["recipes", "show", "cpu/lora"], ["lm-eval-tasks"]]
)
def test_under_axolotl_a_file_holds_the_output_alone(
    arguments: list[str], tmp_path: Path
) -> None:
    out, alone = tmp_path / "under", tmp_path / "alone"
    for path, how in ((out, ["-c", UNDER_AXOLOTL]), (alone, ["-m", "axolotl_explain"])):
        with path.open("w") as file:
            command = [sys.executable, *how, *arguments]
            subprocess.run(command, stdout=file, check=True)
    assert out.read_text() == alone.read_text() != ""


def test_under_axolotl_a_pipe_has_the_banner_before_our_command_is_imported() -> None:
    command = [sys.executable, "-c", UNDER_AXOLOTL, *JSON_OF_RECIPES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    _, bracket, rest = done.stdout.partition("\n[")
    assert "#@@ #@@" in done.stdout[:20]
    assert "`axolotl-explain …`" in done.stderr
    assert isinstance(json.loads(bracket + rest), list)


def test_the_command_of_its_own_pipes_json_alone() -> None:
    command = [sys.executable, "-m", "axolotl_explain", *JSON_OF_RECIPES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert isinstance(json.loads(done.stdout), list)
    assert done.stderr == ""


def test_every_kind_of_finding_is_told_without_a_recipe() -> None:
    result = CliRunner().invoke(main, ["check", "--findings"])
    assert result.exit_code == 0
    told = " ".join(result.output.split())
    for name, code in CODES.items():
        wanted = f"{name} ({code.severity}) {code.what} {code.remedy}"
        assert " ".join(wanted.split()) in told
