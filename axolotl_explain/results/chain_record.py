"""What a chain that takes explanations away leaves behind, read as a whole.

OUT/internalise.json    the curve: exact match and tokens of every stage
OUT/kept, kept.yml      the stage that is kept, and its recipe
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHAIN_FILE = "internalise.json"
KEPT = "kept"


def read_stages(folder: Path) -> list[Mapping[str, Any]]:
    """The stages of the chain in a folder, in order; empty where there is none.

    Returns:
        for each, `steps`, `tokens`, `held_out` and what else the file says of it.
    """
    try:
        content = json.loads((folder / CHAIN_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    stages: list[Mapping[str, Any]] = content["stages"]
    return stages
