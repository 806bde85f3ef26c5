"""What this package logs, handed to whoever shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def package_log(act: Callable[[bool, str], None]) -> Iterator[None]:
    """Hands over what this package logs meanwhile, although the host is quiet.

    Args:
        act: called with whether a line is a warning, and with the line.
    """

    class HandOver(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            act(record.levelno >= logging.WARNING, record.getMessage())

    logger, handler = logging.getLogger("axolotl.explain"), HandOver(logging.INFO)
    before, propagated = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        logger.propagate = propagated
