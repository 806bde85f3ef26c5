"""Locks on folders; they go with the process that holds them, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axolotl_explain.core.errors import ExplainError

LOCK = ".sweep.lock"


@contextmanager
def only_sweep(out: Path) -> Iterator[None]:
    """Let no other sweep write below a folder while the block runs.

    Raises:
        ExplainError: if one is at it already.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ExplainError(
                f"{out}: process {file.read().strip()} is sweeping there already; wait "
                "for it, or name another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def wait_until_free(lock: Path) -> None:
    """Wait for whoever still holds a lock, such as a command on its way out."""
    if lock.is_file():
        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
