"""Colours, marks and lines of the plots."""

from __future__ import annotations

INK, MUTED, LINE, SHADE, PAPER = "#1d2530", "#5a6675", "#d5dbe3", "#eef2f5", "#fefefe"
SERIES = (
    "#7c8694",
    "#b5711a",
    "#1f857a",
    "#3d5fc4",
    "#a03e79",
    "#5f7a1f",
    "#b0453b",
    "#6b4fb3",
)
"""The first four are those of the levels, in their order."""

MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES = ("-", "--", ":", "-.")
MARKED_UP_TO = 8
"""Curves of more points are drawn without markers."""

SIZE = (4.7, 3.0)
LONGEST_NAME = 36
"""Longer names are cut in a plot; its table has them whole."""

SETTINGS = {
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "figure.constrained_layout.h_pad": 0.06,
}


def printable(text: str) -> str:
    """A name as a plot can hold it: on one line, printable and not too long."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
