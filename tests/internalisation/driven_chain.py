"""`axolotl-explain` for a chain that really trains, and whose answers are given.

forked.start("tests.internalisation.driven_chain", "internalise", "recipe.yml", …)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from axolotl_explain.cli import main
from axolotl_explain.sweep import commands
from axolotl_explain.training import explanation_units
from axolotl_explain.training.explanation_units import UnitCount
from tests.fixtures.forked_commands import share_server
from tests.internalisation.conftest import evaluate

WITHOUT_ANSWERS = commands.Commands.run


def run(
    self: commands.Commands,
    command: list[str],
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> commands.CommandResult:
    """Train for real; answer as a chain would that loses one answer of a hundred."""
    if command[1] != "eval":
        return WITHOUT_ANSWERS(self, command, folder, log, environment)
    flags = [*zip(command[2::2], command[3::2], strict=True)]
    words = dict(flags)
    recipe = yaml.safe_load(Path(words["--recipe"]).read_text("utf-8"))
    Path("answers.json").write_text("[[99, 10], [98, 8]]")
    data = [one for flag, one in flags if flag == "--data"]
    evaluate(recipe["explain"]["internalise"]["stage"], recipe, words, data)
    return commands.CommandResult(1.0, 5)


if __name__ == "__main__":
    share_server()
    os.environ["ACCELERATE_USE_CPU"] = "true"
    commands.MODULES["accelerate"] = "tests.fixtures.on_cpu"
    commands.Commands.run = run  # type: ignore[method-assign]
    count = UnitCount("line", longest=2, rows=200, explained=200)
    explanation_units.count_units = lambda *_: count
    sys.argv[0] = "axolotl-explain"
    main()
