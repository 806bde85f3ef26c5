"""A folder of plain files as one dataset, whose splits show in the names of files."""

from __future__ import annotations

import re
from pathlib import Path

from axolotl_explain.sources.local_files import LocalFile, local_file, looks_like_file

CARD = "README.md"
"""A dataset's card may say which files belong together; `datasets` reads it."""


def split_name(split: str) -> str:
    """The split that a part belongs to.

    >>> split_name("train[:500]")
    'train'
    """
    return re.split(r"[\[+]", split)[0]


def folder_files(path: str, split: str) -> list[LocalFile] | None:
    """The files of one split, found by their names as `datasets` finds them.

    None where the path is no such folder, or its files are of several kinds.
    """
    if not Path(path).is_dir() or (Path(path) / CARD).is_file():
        return None
    from datasets.data_files import get_data_patterns

    try:
        patterns = get_data_patterns(path).get(split_name(split), [])
    except FileNotFoundError:
        return None
    names = dict.fromkeys(name for one in patterns for name in _found(one, path))
    files = [local_file(name) for name in names if looks_like_file(name)]
    return files if len({file.kind for file in files}) == 1 else None


def _found(pattern: str, path: str) -> list[str]:
    from datasets.data_files import resolve_pattern

    try:
        return list(resolve_pattern(pattern, path))
    except FileNotFoundError:
        return []
