"""What a machine of a cluster is asked before anything is trained there.

Does it read and write the very folders of the sweep, and has it the same packages?
This module goes there by value and imports the standard library alone, for the package
itself may be missing there.
"""

from __future__ import annotations

import os
import platform
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict

PATIENCE = 5.0
"""Seconds that a shared folder has to show what another machine has written there."""


class NodeFacts(TypedDict):
    """What a machine answers.

    Attributes:
        troubles: a mark -> what is wrong with the folder that it lies in; empty where
            nothing is.
        versions: `python` and each package -> its version; of those that are installed.
    """

    troubles: dict[str, str]
    versions: dict[str, str]


@contextmanager
def marks_in(folders: Sequence[Path]) -> Iterator[list[str]]:
    """Lay a mark into each folder while the block runs; their absolute paths.

    A mark is an empty file with a name that no other folder has: who finds it sees the
    folder itself, and not one of its own at the same path.
    """
    name = f".sweep.{uuid.uuid4().hex}.mark"
    marks = [folder.resolve() / name for folder in folders]
    try:
        for mark in marks:
            mark.touch()
        yield [str(mark) for mark in marks]
    finally:
        for mark in marks:
            mark.unlink(missing_ok=True)


def trouble(mark: str) -> str:
    """What keeps this machine from the folder of a mark; empty where nothing does."""
    waited_until = time.monotonic() + PATIENCE
    while not os.path.isfile(mark):
        if time.monotonic() > waited_until:
            return "does not see"
        time.sleep(0.1)
    own = f"{mark}.{uuid.uuid4().hex}"
    try:
        with open(own, "x"):
            os.unlink(own)
    except OSError:
        return "cannot write into"
    return ""


def look(marks: Sequence[str], packages: Sequence[str]) -> NodeFacts:
    """Answer from the machine that this runs on."""
    versions = {"python": platform.python_version()}
    for name in packages:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"troubles": {mark: trouble(mark) for mark in marks}, "versions": versions}
