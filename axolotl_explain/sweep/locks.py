"""Locks on folders; they go with the process that holds them, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from axolotl_explain.core.errors import ExplainError

LOCK = ".sweep.lock"
HOLDER = ".sweep.pid"
"""The process that holds the lock; not in the lock itself, which some versions of
filelock empty when they only try to get it."""


@contextmanager
def only_sweep(out: Path) -> Iterator[None]:
    """Let no other sweep write below a folder while the block runs.

    Raises:
        ExplainError: if one does already, or the folder cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExplainError(
            f"{out}: {error.strerror}; name a folder that can be written to."
        ) from None
    holder = out / HOLDER
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = holder.read_text("ascii") if holder.is_file() else "unknown"
        raise ExplainError(
            f"{out}: process {pid} is sweeping there already; wait for it, or name "
            "another folder."
        ) from None
    try:
        holder.write_text(str(os.getpid()), "ascii")
        yield
    finally:
        lock.release()


def wait_until_free(lock: Path) -> None:
    """Wait for whoever still holds a lock, such as a command on its way out."""
    if lock.is_file():
        with FileLock(lock):
            pass
