"""`run.json`, which says what a run is made of and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from axolotl_explain.support.whole_file import write_whole

STATE = "run.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What `run.json` holds."""

    training: str
    """Fingerprint of what was trained."""
    trained: bool = False
    evaluation: str | None = None
    """Fingerprint of the evaluation that is finished."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Step -> how long it took; what an interrupted one took is not counted."""
    peak_memory: int = 0
    """Bytes of the largest process."""


def read_kept(folder: Path) -> Kept | None:
    """What is known of the run in a folder; None where no run has begun there."""
    path = folder / STATE
    if not path.is_file():
        return None
    return Kept(**json.loads(path.read_text("utf-8")))


def write_kept(folder: Path, kept: Kept) -> None:
    """Write run.json, as a whole."""
    write_whole(folder / STATE, json.dumps(asdict(kept), indent=2) + "\n")
