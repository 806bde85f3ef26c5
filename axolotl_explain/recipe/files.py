"""The local files that a dataset entry reads: are they there, what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from axolotl_explain.sources.local_files import (
    REMOTE,
    local_files,
    looks_like_file,
    matches,
    patterns,
)
from axolotl_explain.sources.split import OF_FILE, split_parts
from axolotl_explain.support.whole_file import digest_file

TOKENIZER_FILES = ("*token*", "tekken*", "vocab*", "merges*", "chat_template*")


ANY_SIZE = 2**40
"""More rows than any file has."""


class MissingFile(NamedTuple):
    """A file that a recipe names and that is not there."""

    key: str
    path: str


READS_ROWS: ContextVar[bool] = ContextVar("reads_rows", default=True)
"""Whether the rows of datasets are going to be read; a command that only writes prompts
does not need their files."""


@contextmanager
def without_rows() -> Iterator[None]:
    """In this block no file of rows is asked for."""
    before = READS_ROWS.set(False)
    try:
        yield
    finally:
        READS_ROWS.reset(before)


def missing_file(entry: Mapping[str, Any]) -> MissingFile | None:
    """The first local file of an entry that does not exist, or a pattern without any.

    A path counts as local where it looks like one: it has the suffix of a data file,
    starts with a dot or slash, or has more than one slash (a hub id has one).
    """
    return next(missing_files(entry), None)


def missing_files(entry: Mapping[str, Any]) -> Iterator[MissingFile]:
    """All of them."""
    for key, path in _named(entry):
        if _looks_local(path) and not matches(path):
            yield MissingFile(key, path)


def digests_by_name(
    entry: Mapping[str, Any], known: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """Name or pattern -> the files it finds -> SHA-256 of their content.

    Args:
        known: digests that need not be worked out again.
    """
    known = known or {}
    found = {
        name: {
            file.as_posix(): known.get(file.as_posix()) or digest_file(file)
            for path in matches(name)
            for file in _files(Path(path))
        }
        for _, name in _named(entry)
    }
    return {name: files for name, files in found.items() if files}


def digests(entry: Mapping[str, Any]) -> dict[str, str]:
    """Local file -> SHA-256 of its content, for all files that an entry reads."""
    found = digests_by_name(entry).values()
    return {file: digest for files in found for file, digest in files.items()}


def check_split(entry: Mapping[str, Any]) -> None:
    """Refuse a `split` that files do not have.

    Raises:
        ExplainError: naming it; a part that is larger than the file is none.
    """
    split = entry.get("split")
    if split and local_files(entry) is not None:
        split_parts(str(split), {OF_FILE: ANY_SIZE})


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


def _named(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, name or pattern) of what an entry reads from this machine."""
    path, given = str(entry.get("path") or ""), bool(entry.get("data_files"))
    local = patterns(entry)
    if path and (not given or not local or Path(path).is_dir()):
        yield "path", path
    if given:
        yield from (("data_files", one) for one in local)


def _looks_local(path: str) -> bool:
    if any(mark in path for mark in REMOTE):
        return False
    return (
        looks_like_file(path)
        or path.endswith(".txt")
        or path.startswith((".", "/", "~"))
        or path.count("/") > 1
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path] if path.is_file() else []
