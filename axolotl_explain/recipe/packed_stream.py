"""Streaming with sample packing, where Axolotl reads datasets in another way.

It hands the path of the first dataset straight to `datasets.load_dataset`, which takes
a local file only as a builder and its `data_files`; it ignores all other datasets.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sources.tables import BUILDERS


def stream_packed(recipe: MutableMapping[str, Any]) -> None:
    """Write the one dataset of such a recipe as Axolotl can read it, in place.

    Raises:
        ExplainError: if there are several datasets, or the file is of another kind.
    """
    entries = recipe["datasets"]
    if len(entries) > 1:
        raise ExplainError(
            f"datasets: with streaming and sample_packing Axolotl trains on the first "
            f"of the {len(entries)} datasets alone; join them in one file, or switch "
            "one of the two off."
        )
    entry = entries[0]
    path = Path(str(entry["path"]))
    if not path.is_file():
        return
    if path.suffix not in BUILDERS:
        raise ExplainError(
            f"datasets[0].path: {path} cannot be streamed with sample_packing; save it "
            "as JSONL or Parquet."
        )
    entry["path"], entry["data_files"] = BUILDERS[path.suffix], [str(path)]
