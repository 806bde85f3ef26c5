"""The demo's results as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WITHOUT = "no plot, which needs matplotlib: pip install 'axolotl-explain[plots]'"

CHANCE_COLOUR, BAR_COLOUR = "#9a3b26", "#2f6f8f"


def can_plot() -> bool:
    """Whether matplotlib is installed; it comes with the extra `plots`."""
    return find_spec("matplotlib") is not None


def plot(levels: Mapping[str, Mapping[str, Any]], chance: float, path: Path) -> None:
    """Exact match per level with its interval, chance, and tokens per answer.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    names = list(levels)
    shares = [100 * metrics["exact_match"] for metrics in levels.values()]
    bounds = [metrics["interval"] for metrics in levels.values()]
    errors = [
        [share - 100 * low for share, (low, _) in zip(shares, bounds, strict=True)],
        [100 * high - share for share, (_, high) in zip(shares, bounds, strict=True)],
    ]
    axes.bar(names, shares, yerr=errors, capsize=5, color=BAR_COLOUR, width=0.6)
    axes.axhline(100 * chance, color=CHANCE_COLOUR, linestyle="--", linewidth=1)
    axes.annotate(
        "chance",
        xy=(1, 100 * chance),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=CHANCE_COLOUR,
    )
    ticks = [
        f"{name}\n{metrics['tokens_per_completion']:.0f} tokens"
        for name, metrics in levels.items()
    ]
    axes.set_xticks(range(len(names)), ticks)
    axes.set_xlabel("explanation in the training data, and tokens per answer")
    axes.set_ylabel("exact match, %")
    axes.set_ylim(0, 109)
    axes.set_title("Adding numbers modulo 10, the same model at every level")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150, metadata={"Software": None})
