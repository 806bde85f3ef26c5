"""The weights of a recipe as a table, and the mark of a weight within a text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.style import Style
from rich.table import Table
from rich.text import Text

from axolotl_explain.core.loss_words import changes_in_words
from axolotl_explain.inspection.loss import ARROW, KindInLoss, Loss, Weight
from axolotl_explain.report.number_format import format_share

HEADER = ("kind", "weight", "tokens", "of the loss, %")
SCALE = ((0.0, "bright_black"), (0.1, "blue"), (0.5, "cyan"), (0.999, "yellow"))
"""The colour of weights up to a part of the largest."""
LARGEST = "bright_red"


def loss_table(loss: Loss) -> Table:
    """The weight of each kind, its tokens in all rows, its share of the loss."""
    table = Table(
        title=title(loss),
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column(HEADER[0], no_wrap=True)
    for name in HEADER[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    for one in loss.by_kind:
        style = weight_style(one.weight, loss.largest)
        table.add_row(
            one.kind, Text(one.weight.text, style), f"{one.tokens:,}", share_text(one)
        )
    return table


def title(loss: Loss) -> str:
    """Of the table."""
    rows = f"{loss.num_rows:,} training row{'' if loss.num_rows == 1 else 's'}"
    return f"Loss weights over {rows}"


def share_text(one: KindInLoss) -> str:
    """The part of the sum of all weights, and what it becomes."""
    texts = (format_share(one.share), format_share(one.last_share))
    return ARROW.join(dict.fromkeys(texts))


def remarks(loss: Loss) -> Sequence[str]:
    """What is to be said below the table, a line each."""
    changes = changes_in_words(loss.weights)
    if not changes:
        return []
    kept = "evaluations keep the weights that training begins with"
    return [f"Schedule: {'; '.join([*changes, kept])}."]


def mark_text(weight: Weight) -> str:
    """A weight as it stands before the tokens that have it.

    >>> mark_text(Weight(0.3, 0.0))
    '[×0.3 → 0]'
    """
    return f"[×{weight.text}]"


def weight_style(weight: Weight, largest: float) -> Style:
    """The colour of a weight, as its part of the largest."""
    part = relative(weight, largest)
    colour = next((name for bound, name in SCALE if part <= bound), LARGEST)
    return Style(color=colour, reverse=True)


def relative(weight: Weight, largest: float) -> float:
    """The part that a weight, where it is largest, has of the largest of all."""
    return max(weight) / largest if largest else 0.0
