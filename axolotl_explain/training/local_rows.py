"""Local files of our dataset entries, read by this package instead of by Axolotl.

Axolotl hands files to `datasets`, which infers types from their first rows: it refuses
keys that come late, makes times of dates, and takes the first column of a CSV as an
index where rows have a comma too many. So `read_local_files` puts a reader in front of
the one function by which Axolotl loads an entry; all else, shards and splits included,
stays Axolotl's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from axolotl.utils.data import sft
from datasets import IterableDataset

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import CARRIER, from_entry, is_settings
from axolotl_explain.recipe.files import missing_file
from axolotl_explain.sources.folder import folder_files, split_name
from axolotl_explain.sources.local_files import local_files
from axolotl_explain.sources.saved_dataset import is_saved, read_saved
from axolotl_explain.sources.split import OF_FILE
from axolotl_explain.sources.stream import packed_stream
from axolotl_explain.sources.tables import LocalRows

MARK = "reads_local_files"


def read_local_files() -> None:
    """From now on, in this process; calling it again changes nothing."""
    original = sft.load_dataset_with_config
    if hasattr(original, MARK):
        return

    @wraps(original)
    def load(entry: Any, use_auth_token: Any, streaming: bool = False) -> Any:
        rows = None
        if is_settings(entry.get(CARRIER)):
            rows = local_dataset(entry, streaming)
        return original(entry, use_auth_token, streaming) if rows is None else rows

    setattr(load, MARK, True)
    sft.load_dataset_with_config = load


def local_dataset(entry: Mapping[str, Any], streaming: bool = False) -> Any:
    """The rows of an entry of ours; None where Axolotl has to load them.

    Raises:
        ExplainError: if a file is not there or cannot be read.
    """
    missing = missing_file(entry)
    if missing:
        raise ExplainError(
            f"{missing.path}: there is no such file ({missing.key} of a dataset), and "
            "no data were prepared from it with these very options; paths start from "
            "the folder that the command is run in."
        )
    path, split = str(entry.get("path")), entry.get("split")
    if not entry.get("data_files") and is_saved(path):
        saved = read_saved(path, split, from_entry(entry).split)
        return saved.to_iterable_dataset() if streaming else saved
    files, name = local_files(entry), OF_FILE
    if files is None and not entry.get("data_files"):
        name = split_name(split or from_entry(entry).split)
        files = folder_files(path, name)
    if files is None:
        return None
    if not streaming:
        of_folder = Path(path).is_dir() and not entry.get("data_files")
        return LocalRows(files, split or name, of_folder).to_dataset()
    if split not in (None, name):
        raise ExplainError(
            f"split: {split}: with streaming, files are read from their beginning to "
            "their end; leave it out."
        )
    return IterableDataset.from_generator(packed_stream, gen_kwargs={"files": files})
