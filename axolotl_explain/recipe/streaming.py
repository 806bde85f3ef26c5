"""What cannot be done with rows that come in parts, and streaming with packing.

With `sample_packing`, Axolotl hands the path of the first dataset straight to
`datasets.load_dataset`, which takes a local file only as a builder and its
`data_files`; it ignores all other datasets.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.local_files import FileKind, local_files

STREAMED: dict[FileKind, str] = {"jsonl": "text", "json": "json", "parquet": "parquet"}
"""Kind of file -> the builder of `datasets` that streams it; lines of JSON are handed
on as text, so that no type is inferred."""


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
    files = local_files(entry)
    if files is None:
        return
    kinds = {file.kind for file in files}
    if len(kinds) > 1 or not kinds <= set(STREAMED):
        raise ExplainError(
            f"datasets[0].path: {files[0].path} cannot be streamed with "
            "sample_packing; save it as JSONL or Parquet."
        )
    entry["path"] = STREAMED[kinds.pop()]
    entry["data_files"] = [file.path for file in files]


WHY = {
    "derive_levels.by": "terciles are of all rows of the dataset",
    "control": "explanations are drawn from all rows of the dataset",
}


def refuse_parts(
    where: str, options: ExplainOptions, entry: Mapping[str, Any], streamed: bool
) -> None:
    """Refuse what a dataset entry asks for if its rows are never seen together.

    Args:
        where: the key path of the entry.
        streamed: whether its rows come as a stream.

    Raises:
        ExplainError: naming the key, the reason and what to switch off.
    """
    key = options.needs_whole_dataset
    if not key or not (streamed or entry.get("preprocess_shards")):
        return
    parts = "streaming" if streamed else "preprocess_shards"
    raise ExplainError(
        f"{where}.explain.{key}: {WHY[key]}, and with {parts} they are never seen "
        f"together; switch {parts} off, or use another value."
    )


def refuse_streamed_split(recipe: Mapping[str, Any]) -> None:
    """Refuse `val_set_size` where the rows come as a stream, which nobody can split.

    Raises:
        ExplainError: with the ways out.
    """
    if recipe.get("streaming") and recipe.get("val_set_size"):
        raise ExplainError(
            f"val_set_size: {recipe['val_set_size']} of a stream cannot be held out, "
            "since its rows are never seen together; switch streaming off, or keep the "
            "held-out rows in a file of their own and name it under test_datasets."
        )
