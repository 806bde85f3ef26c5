"""Rows of JSON: one a line, a list of them, or one object with a row for each key.

    {"id": "1", …}                 [{"id": "1", …},               {"1": {…},
    {"id": "2", …}                  {"id": "2", …}]                "2": {…}}

In the last form, in which ScienceQA is published, the key is the id of a row that has
none of its own. Whether the file is of the first form shows in its first line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import pack
from axolotl_explain.sources.local_files import LocalFile
from axolotl_explain.sources.text_file import byte_lines

PLAIN = json.JSONDecoder()
LISTS = ("data", "rows", "examples")
"""Keys under which a file with a heading keeps its rows."""


def json_rows(file: LocalFile) -> Iterator[bytes]:
    """The rows of a file, each as its own JSON.

    Raises:
        ExplainError: if it is neither lines of JSON nor one value as a whole.
    """
    lines = (line for line in byte_lines(file) if line.strip())
    head = next(lines, b"")
    second = next(lines, b"")
    rest = chain(filter(None, (head, second)), lines)
    if _is_document(file, head.strip(), bool(second)):
        yield from _document(file.path, b"".join(rest))
    else:
        yield from (line.strip() for line in rest)


def _is_document(file: LocalFile, head: bytes, more: bool) -> bool:
    """Whether the file is one value over several lines, or one that holds all rows."""
    if not head or head[:1] not in b"[{":
        return bool(head) and file.kind == "json"
    if (head[:1] == b"[" and file.kind == "json") or head in (b"[", b"{"):
        return True
    try:
        value = PLAIN.decode(head.decode())
    except (ValueError, RecursionError):
        return file.kind == "json"
    return not more and (isinstance(value, list) or _row_key(value) is not None)


def _row_key(value: object) -> str | None:
    """Under which key the rows of an object are; empty where each key has one."""
    if not isinstance(value, dict) or not value:
        return None
    if all(isinstance(inner, dict) for inner in value.values()):
        return ""
    for key in LISTS:
        inner = value.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            return key
    return None


def _document(path: str, content: bytes) -> Iterator[bytes]:
    try:
        text = content.decode().strip()
        value = PLAIN.decode(text)
    except UnicodeDecodeError as error:
        raise ExplainError(
            f"{path}: cannot be read (byte 0x{content[error.start]:02x} at place "
            f"{error.start + 1:,} is not UTF-8); save the file as UTF-8, and check "
            "that it is whole and of the kind that its name says."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ExplainError(
            f"{path}: cannot be read (it is no JSON: {error}); check that it is whole "
            "and of the kind that its name says."
        ) from None
    key = _row_key(value)
    if isinstance(value, list):
        yield from (raw.encode() for _, raw in _parts(text))
    elif key == "":
        for name, raw in _parts(text):
            yield _with_id(name, raw)
    elif key is not None:
        (inner,) = [raw for name, raw in _parts(text) if name == key][-1:]
        yield from (raw.encode() for _, raw in _parts(inner))
    else:
        yield text.encode()


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(key, JSON) of each part of a list or an object; a list has empty keys."""
    at, named = 1, text[0] == "{"
    while True:
        at = _skip(text, at, " \t\r\n,")
        if text[at] in "]}":
            return
        key = ""
        if named:
            key, at = PLAIN.raw_decode(text, at)
            at = _skip(text, at, " \t\r\n:")
        _, end = PLAIN.raw_decode(text, at)
        yield key, text[at:end]
        at = end


def _skip(text: str, at: int, marks: str) -> int:
    while text[at] in marks:
        at += 1
    return at


def _with_id(key: str, raw: str) -> bytes:
    value = PLAIN.decode(raw)
    if "id" in value:
        return raw.encode()
    if not value:
        return pack({"id": key})
    return f'{{"id": {json.dumps(key, ensure_ascii=False)}, {raw[1:].lstrip()}'.encode()
