"""A file of rows -> a file with explanations: look at all rows, ask, write.

What is asked stands in the ledger; what is written is made of the ledger alone.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import httpx

from axolotl_explain.core.errors import ExplainError, at
from axolotl_explain.core.example import Example
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.results.annotation import AnnotationSummary
from axolotl_explain.servers.address import ServerAddress
from axolotl_explain.servers.key import KEY_VARIABLE
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.stream import stream_rows
from axolotl_explain.targets.usable import usable
from axolotl_explain.teacher.ask_rows import AskingProgress, RowAsker
from axolotl_explain.teacher.ledger import Ledger
from axolotl_explain.teacher.row_questions import RowRules, ask_row
from axolotl_explain.teacher.spending import Limits, Spending
from axolotl_explain.teacher.tally import AnswerCounts, Tally
from axolotl_explain.teacher.teacher_client import teacher_client
from axolotl_explain.teacher.teacher_request import TeacherRequest
from axolotl_explain.teacher.written_rows import write_rows

TIMEOUT = 600.0
"""Seconds that a reply may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What to explain, by whom, and within which limits.

    Attributes:
        limit: so many rows of the source, from its beginning.
    """

    source: str
    out: Path
    rules: RowRules
    endpoint: str
    options: ExplainOptions = field(default_factory=ExplainOptions)
    split: str = "train"
    limit: int | None = None
    key_variable: str = KEY_VARIABLE
    at_once: int = 16
    timeout: float = TIMEOUT
    limits: Limits = field(default_factory=Limits)


class Watcher(Protocol):
    """Is told how far it is."""

    def read(self, rows: int) -> None:
        """So many rows are looked at."""

    def asked(self, progress: AskingProgress) -> None:
        """A reply has come, or a row is finished."""

    def written(self) -> None:
        """One more row is written."""


@dataclass(slots=True)
class RowSurvey:
    """What was seen of all rows before anything is asked.

    Attributes:
        open: rows that lack what is wanted.
        skipped: reason -> rows that could not be read.
        first: what would be asked first for the first rows.
    """

    rows: int = 0
    open: int = 0
    answers: AnswerCounts = field(default_factory=AnswerCounts)
    skipped: Counter[str] = field(default_factory=Counter)
    first: list[TeacherRequest] = field(default_factory=list)


def check_endpoint(url: str, trained: bool = False) -> None:
    """Refuse an address that cannot be asked, or that holds a password.

    Args:
        trained: whether the teacher is asked as it was trained, which can be by text.

    Raises:
        ExplainError: naming the option; a password is not shown.
    """
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ExplainError(f"--endpoint {url}: this is no URL ({error}).") from None
    if found.userinfo:
        raise ExplainError(
            "--endpoint: the URL holds a user or password, which the command line "
            "shows to everybody on this machine; put a key into an environment "
            "variable (--key-variable)."
        )
    if found.scheme not in ("http", "https") or not found.host:
        raise ExplainError(
            f"--endpoint {url}: write a whole URL, such as http://localhost:8000/v1."
        )
    if ServerAddress(url).as_text and not trained:
        raise ExplainError(
            f"--endpoint {url}: only a model that is asked as it was trained "
            "(--asked-as) takes prompts as text; leave out /completions."
        )


def examples_of(
    what: Annotation, skipped: Counter[str] | None = None
) -> Iterator[tuple[int, Example]]:
    """The examples of all rows, each with the number of its row, from 1.

    Raises:
        ExplainError: naming file, row and field.
    """
    reader = RowReader(what.options, what.options.seed, what.source)
    if skipped is not None:
        reader.skipped = skipped
    marker = TargetFormat().marker
    rows = islice(stream_rows(what.source, what.split), what.limit)
    for number, row in enumerate(rows, 1):
        for example in reader(number, row):
            yield number, usable(example, marker).example


def survey_rows(
    what: Annotation, shown: int, on_row: Callable[[int], object]
) -> RowSurvey:
    """Look at every row, so that what is wrong with one is known before any is paid.

    Args:
        shown: so many of the first requests are kept.

    Raises:
        ExplainError: for a row that cannot be read or asked about, or without rows.
    """
    found = RowSurvey()
    for number, example in examples_of(what, found.skipped):
        found.rows += 1
        found.answers.add(example)
        questions = ask_row(example, what.rules)
        try:
            request = next(questions)
        except StopIteration:
            pass
        except ExplainError as error:
            raise ExplainError(at(what.source, f"row {number}", error)) from None
        else:
            found.open += 1
            if len(found.first) < shown:
                found.first.append(request)
        questions.close()
        on_row(found.rows)
    if not found.rows:
        why = f": {dict(found.skipped)}" if found.skipped else ""
        raise ExplainError(f"{what.source}: no row can be read{why}.")
    return found


def ask_rows(
    what: Annotation, ledger: Ledger, watcher: Watcher | None = None
) -> AskingProgress:
    """Ask about all rows what the ledger does not have.

    Raises:
        ExplainError: if the server cannot be asked; what it has answered is kept.
    """
    return asyncio.run(_ask(what, ledger, watcher))


async def _ask(
    what: Annotation, ledger: Ledger, watcher: Watcher | None
) -> AskingProgress:
    spending = Spending(what.limits, ledger.totals)
    async with teacher_client(
        what.endpoint, what.key_variable, what.at_once, what.timeout
    ) as client:
        asker = RowAsker(what.rules, ledger, client, spending)
        if watcher is not None:
            asker.on_progress = watcher.asked
        with _stopped_by_user(asker.stop):
            await asker.ask(examples_of(what), what.at_once)
    return asker.progress


@contextmanager
def _stopped_by_user(stop: Callable[[], None]) -> Iterator[None]:
    """Let what is under way end at the first Ctrl-C or SIGTERM; leave at the second."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
        stop()

    try:
        for number in signals:
            loop.add_signal_handler(number, first)
    except (RuntimeError, ValueError, NotImplementedError):
        # No main thread, or no Unix: a signal then ends all at once.
        yield
        return
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def write_annotated(
    what: Annotation,
    ledger: Ledger,
    survey: RowSurvey,
    watcher: Watcher | None = None,
) -> AnnotationSummary:
    """Write all rows with what the ledger has for them.

    Raises:
        ExplainError: for a row that cannot be read.
        OSError: if the file cannot be written.
    """
    tally = Tally(what.rules, survey.answers)
    rows = examples_of(what)
    write_rows(what.out, _watched(rows, watcher), what.rules, ledger, tally)
    summary = tally.finished(survey.skipped)
    prices = what.limits.prices
    if prices.known or ledger.totals.cost:
        unpriced = prices.of(*ledger.totals.unpriced) or 0.0
        summary.cost = round(ledger.totals.cost + unpriced, 9)
    return summary


def _watched(
    rows: Iterator[tuple[int, Example]], watcher: Watcher | None
) -> Iterator[tuple[int, Example]]:
    for row in rows:
        yield row
        if watcher is not None:
            watcher.written()
