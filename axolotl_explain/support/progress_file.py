"""How far a command has come, in a small file that another process may read.

A sweep names the file in an environment variable; without it, nothing is written.

    {"done": 120, "total": 300}
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from axolotl_explain.support.whole_file import write_whole

VARIABLE = "AXOLOTL_EXPLAIN_PROGRESS"
PROGRESS = ".progress.json"
SECONDS = 1.0
"""Between two writes, at least."""


@dataclass(slots=True)
class ProgressFile:
    """Keeps the file up to date, not more often than is of use."""

    path: Path
    _written: float = -SECONDS

    def tell(self, done: int, total: int) -> None:
        """Say that so much of the whole is done."""
        now = time.monotonic()
        if now - self._written < SECONDS and done < total:
            return
        self._written = now
        write_whole(self.path, json.dumps({"done": done, "total": total}))


def asked_for() -> ProgressFile | None:
    """The file that the environment names."""
    path = os.environ.get(VARIABLE)
    return ProgressFile(Path(path)) if path else None


def read_progress(path: Path) -> tuple[int, int] | None:
    """(done, total), or None where nothing was told yet."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError:
        return None
    return found["done"], found["total"]
