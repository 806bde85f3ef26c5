"""The local files that a dataset entry reads: are they there, what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from axolotl_explain.support.whole_file import digest_file

DATA_SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".txt")
REMOTE = ("://", "hf:")
TOKENIZER_FILES = ("*token*", "tekken*", "vocab*", "merges*", "chat_template*")


class MissingFile(NamedTuple):
    """A file that a recipe names and that is not there."""

    key: str
    path: str


def missing_file(entry: Mapping[str, Any]) -> MissingFile | None:
    """The first local file of an entry that does not exist.

    A path counts as local where it looks like one: it has the suffix of a data file,
    starts with a dot or slash, or has more than one slash (a hub id has one).
    """
    for key, path in _named(entry):
        if _looks_local(path) and not Path(path).exists():
            return MissingFile(key, path)
    return None


def digests(entry: Mapping[str, Any]) -> dict[str, str]:
    """Local file -> SHA-256 of its content, for all files that an entry reads."""
    return {
        file.as_posix(): digest_file(file)
        for _, path in _named(entry)
        for file in _files(Path(path))
    }


def token_digests(
    entry: Mapping[str, Any], recipe: Mapping[str, Any]
) -> dict[str, str]:
    """Local file -> SHA-256, for the other files that an entry's tokens depend on.

    These are the tokenizer's, and the one that holds the chat template.
    """
    tokenizer = recipe.get("tokenizer_config") or recipe.get("base_model")
    template = entry.get("chat_template_jinja") or recipe.get("chat_template_jinja")
    found = {Path(str(path)) for path in (tokenizer, template) if path}
    files = {path for path in found if os.path.isfile(path)}
    for folder in (path for path in found if os.path.isdir(path)):
        for pattern in TOKENIZER_FILES:
            files.update(path for path in folder.glob(pattern) if path.is_file())
    return {file.as_posix(): digest_file(file) for file in sorted(files)}


def is_tsv(entry: Mapping[str, Any]) -> bool:
    """Whether an entry reads a local file with tab-separated columns."""
    return Path(str(entry.get("path"))).suffix == ".tsv"


def delimiter(entry: Mapping[str, Any]) -> str | None:
    """What separates the columns of a local CSV or TSV file; None for other entries."""
    path = Path(str(entry.get("path")))
    if not path.is_file():
        return None
    if path.suffix == ".tsv":
        return "\t"
    return "," if ".csv" in path.suffixes or entry.get("ds_type") == "csv" else None


def _named(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    path = str(entry.get("path") or "")
    if path:
        yield "path", path
    files = entry.get("data_files") or []
    folder = Path(path).is_dir() if path else False
    for file in [files] if isinstance(files, str) else files:
        if folder or not path:
            yield "data_files", str(file)


def _looks_local(path: str) -> bool:
    if any(mark in path for mark in REMOTE):
        return False
    return (
        path.endswith(DATA_SUFFIXES)
        or path.startswith((".", "/", "~"))
        or path.count("/") > 1
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path] if path.is_file() else []
