"""The lines of a text file, unpacked and in UTF-8, whatever mark it begins with."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, cast

from axolotl_explain.sources.local_files import LocalFile

WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Marks at the beginning of a file; those of UTF-32 begin like those of UTF-16."""


def _zstandard(path: str) -> Any:
    """By pyarrow, which refuses a file that is cut off."""
    import pyarrow as pa

    return pa.input_stream(path, compression="zstd")


OPENERS: dict[str, Callable[[str], Any]] = {
    "": partial(open, mode="rb", buffering=0),
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _zstandard,
}
"""Suffix of a compressed file -> what opens it, as bytes."""

MARK = "\ufeff"


@contextmanager
def opened(file: LocalFile) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed."""
    with OPENERS[file.compression](file.path) as stream:
        yield cast("IO[bytes]", io.BufferedReader(stream, 1 << 20))


def byte_lines(file: LocalFile) -> Iterator[bytes]:
    """The lines as bytes that are UTF-8 unless they are damaged."""
    with opened(file) as stream:
        encoding = _mark(stream)
        if encoding is None:
            yield from stream
        else:
            for line in _unmarked(io.TextIOWrapper(stream, encoding)):
                yield line.encode()


def text_lines(file: LocalFile) -> Iterator[str]:
    """The lines as text with their own ends; bytes that are no UTF-8 as surrogates."""
    with opened(file) as stream:
        encoding = _mark(stream)
        errors = "surrogateescape" if encoding is None else "strict"
        text = io.TextIOWrapper(stream, encoding or "utf-8", errors=errors, newline="")
        yield from _unmarked(text)


def _unmarked(lines: Iterable[str]) -> Iterator[str]:
    """Lines without the mark that is left where a marked file was recoded."""
    for place, line in enumerate(lines):
        yield line.lstrip(MARK) if place == 0 else line


def _mark(stream: Any) -> str | None:
    """Skips the mark of UTF-8; the encoding that another mark stands for."""
    head = stream.peek(4)[:4]
    for mark, encoding in WIDE:
        if head.startswith(mark):
            return encoding
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return None
