"""One kind of error for everything a user can mend, shown without a traceback."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any


class ExplainError(ValueError):
    """Bad input, said so that it can be mended without reading code.

    The message names where it happened (file, row and field, or the key path in the
    recipe), the rule, the value, and the way out.
    """


class BadRow(ExplainError):
    """A row that cannot become an example; rows are counted by `reason`.

    Args:
        message: as for every `ExplainError`.
        reason: a few words without any value of the row, the same for all such rows.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[BadRow], tuple[str, str]]:
        return type(self), (str(self), self.reason)


class Faults(ExplainError):
    """Several faults of one block or recipe, all of them at once.

    Args:
        messages: one for each, which begins with its key path.
    """

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n  ".join(self.messages))

    def __reduce__(self) -> tuple[type[Faults], tuple[tuple[str, ...]]]:
        return type(self), (self.messages,)


class UnreadKeys(ExplainError):
    """Keys of a recipe that would do nothing, all of them at once.

    Args:
        refusals: a message for each, which begins with its key path.
    """

    def __init__(self, refusals: Sequence[str]) -> None:
        super().__init__("\n".join(refusals))
        self.refusals = tuple(refusals)


def at(*parts: object) -> str:
    """Join the parts of a place that are known: file, row, field.

    >>> at("data/train.jsonl", "row 17", None, "explanations.long")
    'data/train.jsonl, row 17, explanations.long'
    """
    return ", ".join(str(part) for part in parts if part is not None and part != "")


def quoted(value: object, limit: int = 80) -> str:
    """A value as it appears in a message: quoted, and cut when it is long.

    >>> quoted("x" * 100, limit=10)
    "'xxxxxxxxx… (102 characters)"
    """
    text = repr(value)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text)} characters)"


GRACE = 5.0
"""Seconds that handlers at exit have, once an error has ended the program."""

CHATTY_AT_EXIT = ("urllib3", "backoff", "posthog")
"""Loggers of the host's telemetry client, which without a network retries for long."""

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


def install_excepthook() -> None:
    """Print an uncaught `ExplainError` as its message alone; leave others as they are.

    Axolotl's command line lets exceptions of a plugin through to the interpreter, whose
    traceback would bury the one line that helps. The exit code stays 1, and comes soon:
    on a machine without a network the host's telemetry client may wait at exit without
    end. Axolotl's own line that a strategy could not be loaded, with the same message,
    is left out. Idempotent.
    """
    previous: ExceptHook = sys.excepthook
    if getattr(previous, "shows_explain_errors", False):
        return

    def show(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ExplainError):
            sys.stdout.flush()
            print(f"\naxolotl-explain: {error}", file=sys.stderr, flush=True)
            _end_soon()
        else:
            previous(kind, error, trace)

    logging.getLogger("axolotl.prompt_strategies").addFilter(_is_not_ours)
    show.shows_explain_errors = True  # type: ignore[attr-defined]
    sys.excepthook = show


def _is_not_ours(record: logging.LogRecord) -> bool:
    """False for what is logged while an `ExplainError` is handled."""
    return not isinstance(sys.exc_info()[1], ExplainError)


def _end_soon() -> None:
    """End the process with exit code 1 if its handlers at exit take too long."""
    for name in CHATTY_AT_EXIT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    timer = threading.Timer(GRACE, os._exit, args=(1,))
    timer.daemon = True
    timer.start()
