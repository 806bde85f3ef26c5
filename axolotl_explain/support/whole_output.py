"""A folder or a file that is filled over time and appears whole or not at all.

Content that is at hand at once is written by `whole_file.write_whole`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of `out` when the block ends.

    If the block ends by an exception, Ctrl-C and SIGTERM among them, nothing is left of
    it and `out` is as it was. A folder that `out` names already is replaced.
    """
    target = out.resolve()
    with _draft(target) as draft:
        draft.mkdir()
        yield draft
        with _undisturbed():
            target.parent.mkdir(parents=True, exist_ok=True)
            old = draft.with_name(f"{draft.name}.old")
            if target.exists():
                os.rename(target, old)
            try:
                os.rename(draft, target)
            except OSError:
                if old.exists():
                    os.rename(old, target)
                raise
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """The path of a file to write, which takes the place of `out` when the block ends.

    Interrupted blocks leave nothing, as with `whole_folder`.
    """
    target = out.resolve()
    with _draft(target) as draft:
        yield draft
        with _undisturbed():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(draft, target)


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A free name on the target's file system, removed at the end with what it holds.

    It lies in the nearest folder that exists, so that parents are made only at the end.
    """
    home = next(parent for parent in target.parents if parent.exists())
    draft = home / f".{target.name}.{secrets.token_hex(4)}.partial"
    try:
        with _handled((signal.SIGTERM,), _stop):
            yield draft
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)


@contextmanager
def _handled(
    numbers: tuple[signal.Signals, ...],
    handler: Callable[[int, FrameType | None], None],
) -> Iterator[None]:
    """Handle signals this way for a while; only the main thread may, others do not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)


def _stop(number: int, frame: FrameType | None) -> None:
    """End by an exception, so that what was begun is cleared away."""
    raise SystemExit(128 + number)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold signals back for the moment of renaming."""
    # No signal mask: with a progress bar's thread about, another thread may be the one
    # that takes the signal, and Python's handler then runs here all the same.
    held: list[int] = []
    stops = (signal.SIGINT, signal.SIGTERM)
    with _handled(stops, lambda number, frame: held.append(number)):
        yield
    for number in held:
        signal.raise_signal(number)
