"""`predict --ask`: a question is typed, explanation and answer come apart."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import click
from rich.cells import cell_len
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

    def _print(self, text: str) -> None:
        self.console.print(text, end="", style="cyan", soft_wrap=True, markup=False)

    def _answer(self, question: str) -> None:
        from axolotl_explain.evaluation.streamed import stream_reply

        example = self.predictor.prompts.question(question, self.input)
        row = TrainingRow.of(example, self.level)
        shown = WordWrap(self._print, self.console.width)
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


class WordWrap:
    """Prints pieces of a text one behind the other, and breaks lines between words.

    >>> out = []
    >>> wrap = WordWrap(out.append, width=8)
    >>> for piece in ("one t", "wo thr", "ee\\nfour"):
    ...     wrap.say(piece)
    >>> wrap.end()
    >>> "".join(out)
    'one two\\nthree\\nfour\\n'
    """

    def __init__(self, write: Callable[[str], None], width: int) -> None:
        self.write = write
        self.width = width
        self.column = 0
        self.space = ""
        self.word = ""

    def say(self, piece: str) -> None:
        """A further piece; its last word waits until it is whole."""
        for part in re.findall(r"\n|[^\S\n]+|\S+", piece):
            if not part.isspace():
                self.word += part
                continue
            self._word()
            if part == "\n":
                self.write("\n")
                self.column, self.space = 0, ""
            else:
                self.space += part

    def end(self) -> None:
        """The text is whole."""
        self._word()
        if self.column:
            self.write("\n")

    def _word(self) -> None:
        if not self.word:
            return
        text = f"{self.space}{self.word}"
        if self.column and self.column + cell_len(text) > self.width:
            self.write("\n")
            self.column, text = 0, self.word
        self.write(text)
        self.column += cell_len(text)
        self.space = self.word = ""


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
