"""Errors of the operating system while a command writes to `--out`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axolotl_explain.core.errors import ExplainError


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Name the option where the operating system refuses.

    Raises:
        ExplainError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise ExplainError(
            f"--out {out}: it cannot be written ({error.strerror}); name another place."
        ) from error
