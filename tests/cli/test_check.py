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


def test_under_axolotl_a_file_of_json_holds_json_alone(tmp_path: Path) -> None:
    script = (
        "from axolotl.cli.art import print_axolotl_text_art\n"
        "from axolotl_explain.cli import main\n"
        "print_axolotl_text_art()\n"
        "main(['recipes', '--json', '--family', 'cpu'])\n"
    )
    out = tmp_path / "found.json"
    with out.open("w") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
    assert isinstance(json.loads(out.read_text()), list)
