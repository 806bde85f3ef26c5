"""`run.json`, which says what a run was made from and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from axolotl_explain.support.whole_file import write_whole

RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class RunState:
    """What `run.json` holds."""

    training: str
    """Fingerprint of the training."""
    trained: bool = False
    """Whether the training is finished."""
    evaluation: str | None = None
    """Fingerprint of the evaluation that is finished."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Step -> how long it took; what an interrupted one took is not counted."""
    peak_memory: int = 0
    """Bytes of the largest process."""


def read_state(folder: Path) -> RunState | None:
    """The state of the run in a folder; None where no run has begun there."""
    path = folder / RUN_FILE
    if not path.is_file():
        return None
    return RunState(**json.loads(path.read_text("utf-8")))


def write_state(folder: Path, state: RunState) -> None:
    """Write run.json, as a whole."""
    write_whole(folder / RUN_FILE, json.dumps(asdict(state), indent=2) + "\n")
