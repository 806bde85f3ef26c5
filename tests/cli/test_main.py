"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from axolotl_explain.cli import COMMANDS, main

HEAVY = ("torch", "transformers", "datasets", "axolotl.utils")


def test_help_lists_every_command_without_importing_torch() -> None:
    probe = (
        "import sys\n"
        "from axolotl_explain.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"assert not [name for name in {HEAVY} if name in sys.modules]\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_a_mistake_is_one_message_and_no_traceback(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yml"
    recipe.write_text("base_model: none\n")
    options = ["--recipe", str(recipe), "--data", str(tmp_path / "missing.jsonl")]
    result = CliRunner().invoke(main, ["eval", *options])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "missing.jsonl: there is no such file" in result.output
    assert "Traceback" not in result.output


def test_axolotl_finds_the_group_under_its_own_command_line() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "axolotl.cli.main", "explain", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "generate" in shown
    assert "eval" in shown
