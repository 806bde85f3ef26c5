"""How far `axolotl explain annotate` is: its bars, and what the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from axolotl_explain.cli.progress import ProgressBar, progress_bar
from axolotl_explain.teacher.annotate import Annotation, RowSurvey
from axolotl_explain.teacher.ask_rows import AskingProgress
from axolotl_explain.teacher.estimate import Estimate, estimated

EVERY = 1_000
"""Rows between two moves of a bar that moves fast."""
SECONDS = 0.2
"""Between two texts of the bar."""
ENOUGH = 20
"""Replies after which the rest is estimated."""
NARROW = 60
"""Columns of a terminal below which words are left out."""


@dataclass(slots=True)
class AskingBar:
    """Moves the bar while rows are asked about, and estimates once."""

    bar: ProgressBar
    console: Console
    what: Annotation
    survey: RowSurvey
    began: float
    shown: float = 0.0
    estimated: bool = False

    def asked(self, progress: AskingProgress) -> None:
        """A reply has come, or a row is finished."""
        now = time.monotonic()
        if progress.replies >= ENOUGH and not self.estimated:
            self.estimated = True
            found = estimated(self.what, self.survey.open, progress, now - self.began)
            for line in estimate_lines(found, self.what, progress):
                self.console.print(line, style="dim", markup=False, highlight=False)
        if now - self.shown >= SECONDS:
            self.shown = now
            self.bar.update(progress.rows, self.survey.rows, self._words(progress))

    def read(self, rows: int) -> None:
        """Nothing is read here."""

    def written(self) -> None:
        """Nothing is written here."""

    def _words(self, progress: AskingProgress) -> str:
        kept, rejected = f"{progress.kept:,}", f"{progress.rejected:,}"
        spent = _spent(self.what, progress)
        if self.console.width < NARROW:
            return f"{kept} ok {rejected} no {spent}".strip()
        return f"kept {kept}, rejected {rejected}{f', {spent}' if spent else ''}"


@dataclass(slots=True)
class PlainBar:
    """Moves a bar row by row."""

    bar: ProgressBar
    done: int = 0

    def read(self, rows: int) -> None:
        """So many rows are looked at."""
        if rows % EVERY == 0:
            self.bar.update(rows)

    def asked(self, progress: AskingProgress) -> None:
        """Nothing is asked here."""

    def written(self) -> None:
        """One more row is written."""
        self.done += 1
        if self.done % EVERY == 0:
            self.bar.update(self.done)


@dataclass(frozen=True, slots=True)
class Watching:
    """The bars of one annotation."""

    console: Console
    what: Annotation

    @contextmanager
    def reading(self) -> Iterator[Callable[[int], object]]:
        """While rows are looked at."""
        with progress_bar("looking at rows", console=self.console) as bar:
            yield PlainBar(bar).read

    @contextmanager
    def asking(self, survey: RowSurvey, replies: int) -> Iterator[AskingBar]:
        """While they are asked about.

        Args:
            replies: that the ledger has already.
        """
        if replies:
            self.console.print(
                f"The ledger has {replies:,} replies already.", style="dim"
            )
        with progress_bar("asking", survey.rows, self.console) as bar:
            yield AskingBar(bar, self.console, self.what, survey, time.monotonic())

    @contextmanager
    def writing(self, survey: RowSurvey) -> Iterator[PlainBar]:
        """While they are written."""
        with progress_bar("writing rows", survey.rows, self.console) as bar:
            yield PlainBar(bar)


def estimate_lines(
    found: Estimate, what: Annotation, progress: AskingProgress
) -> list[str]:
    """What the rest will take, in words."""
    spent = (
        f"{found.cost:,.2f}" if found.cost is not None else f"{found.tokens:,} tokens"
    )
    lines = [
        f"After {progress.replies} replies: all rows will take about "
        f"{found.replies:,} replies, {spent} and {duration(found.seconds)}."
    ]
    limits = what.limits
    beyond = limits.cost is not None and (found.cost or 0.0) > limits.cost
    if beyond or (limits.tokens is not None and found.tokens > limits.tokens):
        option = f"--max-cost {limits.cost:g}" if beyond else "--max-tokens"
        lines.append(f"That is more than {option}, where the asking will end.")
    return lines


def duration(seconds: float) -> str:
    """A time to wait, as people say it.

    >>> duration(41), duration(400), duration(9000)
    ('41 s', '7 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _spent(what: Annotation, progress: AskingProgress) -> str:
    if what.limits.prices.known:
        return f"{progress.cost:,.2f}"
    return "" if what.limits.tokens is None else f"{progress.tokens:,} tokens"
