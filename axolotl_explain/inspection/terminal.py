"""Inspected rows and lengths for a terminal, or as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from axolotl_explain.inspection.length_bars import LEVEL_COLOURS, lengths_table, longest
from axolotl_explain.inspection.loss import Loss
from axolotl_explain.inspection.loss_table import (
    loss_table,
    mark_text,
    remarks,
    weight_style,
)
from axolotl_explain.inspection.parts import (
    PARTS,
    Part,
    PartCount,
    Token,
    weights_begin,
)
from axolotl_explain.inspection.view import InspectionView, RowView
from axolotl_explain.support.narrow_table import FittedTable
from axolotl_explain.support.safe_text import spelled, visible

COLOURS: dict[Part, str] = {
    "prompt": "default",
    "explanation": "cyan",
    "marker": "yellow",
    "answer": "green",
    "end": "magenta",
    "other": "red",
}
OPEN, CLOSE = "‹", "›"
"""Around each trained token where there are no colours and no underlines."""


def print_shown(console: Console, shown: InspectionView, with_ids: bool) -> None:
    """Print everything, the rows first and what concerns all of them last."""
    styled = console.color_system is not None and not console.no_color
    console.print(_legend(styled, shown.loss), "", sep="\n")
    for row in shown.rows:
        console.print(*_row(row, shown, styled, with_ids), sep="\n")
    head = Text(f"all {shown.num_rows:,} rows", "bold")
    console.print(Rule(head, style="dim", align="left"), "", sep="\n")
    if shown.loss is not None:
        console.print(FittedTable(loss_table(shown.loss)), "")
        for line in remarks(shown.loss):
            console.print(Text(f"{line}\n"))
    console.print(FittedTable(lengths_table(shown.lengths, console.width)), "")
    for line in [longest(shown.lengths), *shown.said]:
        console.print(Text(line))
    print_warnings(console, shown)


def print_warnings(console: Console, shown: InspectionView) -> None:
    """What is likely not meant, a line each."""
    for line in shown.warnings:
        console.print(Text(f"Warning: {line}", "yellow"))


def token_text(tokens: Sequence[Token], styled: bool, largest: float = 0.0) -> Text:
    """The row as one text, a line for each of its lines.

    Args:
        styled: whether trained tokens are underlined; else they stand in brackets.
        largest: the largest weight of the recipe, where it has any.
    """
    text = Text(no_wrap=False, overflow="fold")
    begins = weights_begin(tokens)
    for number, token in enumerate(tokens):
        style = token_style(token, number)
        if token.weight is not None and begins[number]:
            text.append(mark_text(token.weight), weight_style(token.weight, largest))
        brackets = (OPEN, CLOSE) if token.trained and not styled else ("", "")
        breaks = len(token.text) - len(token.text.rstrip("\n"))
        text.append(brackets[0])
        for line_number, line in enumerate(_lines(token.text, breaks)):
            if line_number:
                text.append("\n")
            for run in visible(line):
                written = Style(dim=True, italic=True) if run.written_out else Style()
                text.append(run.text, style + written)
        text.append(brackets[1] + "\n" * breaks)
    return text


def token_style(token: Token, number: int) -> Style:
    """The colour of the part, underlined where trained; every other token is bold."""
    return Style(
        color=COLOURS[token.part],
        underline=token.trained,
        bold=token.trained and number % 2 == 1,
        dim=token.weight is not None and not token.trained,
        reverse=token.special,
    )


def _legend(styled: bool, loss: Loss | None) -> Text:
    text = Text("Parts: ")
    for part in PARTS:
        text.append(part, Style(color=COLOURS[part]))
        text.append("  ")
    text.append("special token", Style(reverse=True))
    text.append("\nIn the loss: ")
    if styled:
        text.append("underlined", Style(underline=True))
        text.append(", ")
        text.append("every other token bold", Style(underline=True, bold=True))
    else:
        text.append(f"each token in {OPEN}brackets{CLOSE}")
    text.append("; ↵ line break, ⇥ tab, \\x1b what cannot be shown")
    if loss is not None:
        text.append_text(_weights(loss, styled))
    return text


def _weights(loss: Loss, styled: bool) -> Text:
    text = Text("\nWeights:")
    for weight in dict.fromkeys(one.weight for one in loss.by_kind):
        text.append(" ")
        text.append(mark_text(weight), weight_style(weight, loss.largest))
    text.append(", each of all tokens up to the next")
    if styled:
        text.append("; ")
        text.append("what weighs 0", Style(dim=True))
    return text


def _row(
    row: RowView, shown: InspectionView, styled: bool, with_ids: bool
) -> Iterator[RenderableType]:
    largest = shown.loss.largest if shown.loss else 0.0
    head = Text(f"row {row.number:,} of {shown.num_rows:,}", "bold")
    head.append("  ")
    head.append(row.group, Style(color=LEVEL_COLOURS.get(row.group), bold=True))
    yield Rule(head, style="dim", align="left")
    yield Text(row.origin, "dim")
    yield ""
    text = token_text(row.tokens, styled, largest)
    # Padding would leave spaces at the ends of lines in a file.
    yield Padding(text, (0, 0, 0, 2)) if styled else text
    yield ""
    yield _counts(row)
    if with_ids:
        yield Group("", _ids(row.tokens, largest))
    yield ""


def _counts(row: RowView) -> Text:
    text = Text("tokens: ")
    for count in row.counts:
        text.append(_count(count), Style(color=COLOURS[count.part]))
        text.append(" + " if count is not row.counts[-1] else " = ")
    total = len(row.tokens)
    text.append(f"{total:,}, {row.num_trained:,} of them in the loss")
    return text


def _count(count: PartCount) -> str:
    return f"{count.part} {count.num_tokens:,}"


def _ids(tokens: Sequence[Token], largest: float) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    weighed = any(token.weight is not None for token in tokens)
    for name in ("#", "id", "label", *(["weight"] if weighed else [])):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("part", no_wrap=True)
    table.add_column("token", overflow="fold")
    for number, token in enumerate(tokens):
        style = Style(color=COLOURS[token.part])
        weights = [token.weight] if token.weight is not None else []
        table.add_row(
            Text(str(number), "dim"),
            str(token.id),
            Text(str(token.label), "" if token.trained else "dim"),
            *(Text(one.text, weight_style(one, largest)) for one in weights),
            Text(token.part, style),
            Text(spelled(token.text), style)
            if token.text
            else Text("(completes with the next token)", "dim"),
        )
    return table


def _lines(text: str, breaks: int) -> list[str]:
    """The lines of a token with the sign of a break at their ends.

    Args:
        breaks: how many line breaks the token ends in; they stay in the last line.
    """
    body = text[: len(text) - breaks]
    lines = [f"{line}\n" for line in body.split("\n")]
    lines[-1] = lines[-1][:-1] + "\n" * breaks
    return lines
