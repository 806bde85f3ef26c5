"""Which local files a dataset entry or a command reads, and what kind each one is.

path: train.jsonl                          that file
path: parts, data_files: parts/*.jsonl     all that the pattern finds, sorted
path: json, data_files: train.jsonl        the same, with a builder for a path
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Literal

from axolotl_explain.core.errors import ExplainError, quoted

FileKind = Literal["json", "jsonl", "csv", "tsv", "parquet", "arrow"]
KINDS: dict[str, FileKind] = {
    ".jsonl": "jsonl",
    ".json": "json",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
}
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
BUILDERS: dict[FileKind, str] = {
    "jsonl": "json",
    "json": "json",
    "csv": "csv",
    "tsv": "csv",
    "parquet": "parquet",
    "arrow": "arrow",
}
"""Kind of file -> `ds_type` in Axolotl's words."""

OF_TYPE: dict[str, FileKind] = {
    "json": "json",
    "csv": "csv",
    "parquet": "parquet",
    "arrow": "arrow",
}
"""`ds_type` -> kind of a file whose name does not say it."""

REMOTE = ("://", "hf:")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine that holds rows."""

    path: str
    kind: FileKind
    compression: str = ""
    """The suffix that says it, with its dot; empty where there is none."""


def local_files(
    entry: Mapping[str, Any], default: str | None = "json"
) -> list[LocalFile] | None:
    """The files of a dataset entry; None where something else is to be loaded.

    That is a dataset of a hub, a folder without `data_files`, a remote address, and
    what is not there.

    Args:
        default: the `ds_type` of a file that neither its name nor the entry tells.

    Raises:
        ExplainError: if `ds_type` contradicts the name of a file, or its kind is
            unknown.
    """
    names = [name for pattern in patterns(entry) for name in matches(pattern)]
    if not names or not all(Path(name).is_file() for name in names):
        return None
    said = entry.get("ds_type")
    return [local_file(name, said or default, bool(said)) for name in names]


def patterns(entry: Mapping[str, Any]) -> list[str]:
    """The names and patterns of local files that an entry gives."""
    path, files = str(entry.get("path") or ""), entry.get("data_files") or []
    given = [str(one) for one in ([files] if isinstance(files, str) else files)]
    if given and (not path or path in {*OF_TYPE, "text"} or Path(path).is_dir()):
        return given
    return [path] if path and not given else []


def matches(pattern: str) -> list[str]:
    """The files that a name or a pattern stands for; a name that exists, itself."""
    if any(mark in pattern for mark in REMOTE):
        return []
    if Path(pattern).exists() or not has_magic(pattern):
        return [pattern] if Path(pattern).exists() else []
    return sorted(
        name for name in glob(pattern, recursive=True) if Path(name).is_file()
    )


def local_file(path: str, ds_type: str | None = None, said: bool = False) -> LocalFile:
    """A file with its kind, by its name or else by `ds_type`.

    Args:
        said: whether the user gave the `ds_type`, so that it must not be wrong.

    Raises:
        ExplainError: if neither tells the kind, or they contradict each other.
    """
    suffixes = Path(path).suffixes
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSED else ""
    kind = KINDS.get(suffixes[-1].lower()) if suffixes else None
    by_type = OF_TYPE.get(ds_type or "")
    if kind is None and by_type is None:
        raise ExplainError(
            f"{path}: unknown kind of file; use {', '.join(KINDS)}, which may be "
            f"compressed ({', '.join(COMPRESSED)})."
        )
    if kind and said and ds_type in OF_TYPE and BUILDERS[kind] != ds_type:
        raise ExplainError(
            f"ds_type: {quoted(ds_type)} is not what the name of {path} says; write "
            f"ds_type: {BUILDERS[kind]}, or leave it out."
        )
    return LocalFile(path, kind or by_type or "json", compression)


def looks_like_file(path: str) -> bool:
    """Whether a path has the suffix of a file of rows."""
    suffixes = Path(path).suffixes
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1].lower() in KINDS
