"""`predict --ask`: a question is typed, explanation and answer come apart."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import Level, parse_level
from axolotl_explain.core.training_row import TrainingRow

HELP = (
    "Type a question and press Enter. /level NAME asks for another level, "
    "/input TEXT gives the next question an input, Ctrl-D ends."
)


def ask_questions(request: Any) -> None:
    """Answer questions until the input ends.

    Raises:
        ExplainError: for a model or level that cannot be used.
    """
    from axolotl_explain.evaluation.predictor import load_predictor

    console = Console(highlight=False)
    with console.status("Loading the model …"):
        predictor = load_predictor(request)
        wanted = request.levels[0] if request.levels else None
        level = predictor.prompts.level(wanted, "--level")
    console.print(f"{escape(predictor.name)}, level {level}.", style="bold")
    if console.is_terminal:
        console.print(HELP, style="dim")
    session = Session(predictor, request, console, level)
    while (line := _read()) is not None:
        try:
            session.take(line.strip())
        except ExplainError as error:
            console.print(f"Error: {escape(str(error))}", style="red")
        except KeyboardInterrupt:
            console.print("\n(stopped)", style="dim")


class Session:
    """What has been said: the level, and the input of the next question."""

    def __init__(
        self, predictor: Any, request: Any, console: Console, level: Level
    ) -> None:
        self.predictor = predictor
        self.request = request
        self.console = console
        self.level = level
        self.input = ""

    def take(self, line: str) -> None:
        """A line as it was typed.

        Raises:
            ExplainError: for a command that is none, or a level that cannot be asked.
        """
        command, _, rest = line.partition(" ")
        if not line:
            return
        if command == "/level":
            wanted = parse_level(rest.strip(), "/level")
            self.level = self.predictor.prompts.level(wanted, "/level")
        elif command == "/input":
            self.input = rest.strip()
        elif command.startswith("/") and command[1:].isalpha():
            raise ExplainError(f"{command}: no such command. {HELP}")
        else:
            self._answer(line)

    def _answer(self, question: str) -> None:
        from axolotl_explain.evaluation.streamed import stream_reply

        example = self.predictor.prompts.question(question, self.input)
        row = TrainingRow.of(example, self.level)
        shown = _Shown(self.console)
        read, reply = stream_reply(self.predictor, self.request, row, shown.say)
        shown.end()
        self.input = ""
        if read.answer is None:
            self.console.print("(no answer)", style="yellow")
        else:
            self.console.print(f"Answer: {escape(read.answer)}", style="bold green")
        tokens = "" if reply.num_tokens is None else f"{reply.num_tokens} tokens"
        cut = "out of tokens before it ended" if reply.truncated else ""
        if told := ", ".join(filter(None, (tokens, cut))):
            self.console.print(told, style="dim")


class _Shown:
    """Prints pieces of an explanation one behind the other."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.begun = False

    def say(self, piece: str) -> None:
        self.begun = True
        self.console.print(escape(piece), end="", style="cyan", soft_wrap=True)

    def end(self) -> None:
        if self.begun:
            self.console.print()


def _read() -> str | None:
    """The next line; None at the end of the input."""
    try:
        if not sys.stdin.isatty():
            line = sys.stdin.readline()
            return line or None
        return input("> ")
    except EOFError:
        return None
    except KeyboardInterrupt:
        click.echo()
        return None
