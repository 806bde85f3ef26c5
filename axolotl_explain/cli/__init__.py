"""The command line: `axolotl explain …` and `axolotl-explain …`, one click group.

A command's module is imported when it is used, so that `--help` answers at once. It may
import every folder. Begin with the module that has the command's name.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.axolotl_version import require_axolotl


class LazyCommand(NamedTuple):
    """Where a command is found, its line in the help, and whether it runs Axolotl."""

    target: str
    help: str
    runs_axolotl: bool = False


COMMANDS = {
    "annotate": LazyCommand(
        "axolotl_explain.cli.annotate:annotate",
        "Let a teacher model write explanations, and keep those that are right.",
    ),
    "check": LazyCommand(
        "axolotl_explain.cli.check:check",
        "Look at a recipe and its rows before anything is trained.",
        runs_axolotl=True,
    ),
    "convert": LazyCommand(
        "axolotl_explain.cli.convert:convert",
        "Write any dataset of explanations in another shape.",
    ),
    "demo": LazyCommand(
        "axolotl_explain.cli.demo:demo",
        "See a tiny model learn with explanations what it cannot without.",
        runs_axolotl=True,
    ),
    "eval": LazyCommand(
        "axolotl_explain.cli.evaluate:evaluate",
        "Generate answers and print exact match per level.",
        runs_axolotl=True,
    ),
    "generate": LazyCommand(
        "axolotl_explain.cli.generate:generate",
        "Make problems with explanations at every level.",
    ),
    "inspect": LazyCommand(
        "axolotl_explain.cli.inspect:inspect",
        "Show training rows as the model will see them, token by token.",
        runs_axolotl=True,
    ),
    "internalise": LazyCommand(
        "axolotl_explain.cli.internalise:internalise",
        "Take explanations away again, step by step, and keep the accuracy.",
        runs_axolotl=True,
    ),
    "lm-eval-tasks": LazyCommand(
        "axolotl_explain.cli.lm_eval_tasks:lm_eval_tasks",
        "Print the folder of tasks for lm-evaluation-harness.",
    ),
    "new": LazyCommand(
        "axolotl_explain.cli.new:new",
        "Write a recipe for your model, your rows and your machine.",
    ),
    "predict": LazyCommand(
        "axolotl_explain.cli.predict:predict",
        "Ask a trained model: rows of a file, or questions as you type them.",
        runs_axolotl=True,
    ),
    "recipes": LazyCommand(
        "axolotl_explain.cli.recipes:recipes",
        "Recipes to start from: list, show or copy them.",
    ),
    "report": LazyCommand(
        "axolotl_explain.cli.report:report",
        "Show what runs have learned, as one page with tables and plots.",
    ),
    "sweep": LazyCommand(
        "axolotl_explain.cli.sweep:sweep",
        "Train and evaluate a recipe with many combinations of values.",
        runs_axolotl=True,
    ),
}


class ExplainGroup(click.Group):
    """Imports commands lazily and shows an `ExplainError` as one message."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        module, _, attribute = found.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name and COMMANDS[name].runs_axolotl and "--help" not in rest:
            require_axolotl()
        return name, command, rest

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ExplainError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=ExplainGroup)
@click.version_option(package_name="axolotl-explain")
def main() -> None:
    """Train language models on explanations, and see whether they help."""
