"""Which rows were answered right: a bit a row, in base 64, and what rows they were.

Shares alone can be compared by their intervals. Verdicts on the same rows can be
compared row by row, which tells differences that the shares do not
(statistics/paired.py); so every result keeps them, in a sixth of a byte a row.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.results.completion import Completion

DIGITS = 16
"""Of a digest, in base 16; enough to tell any files apart that meet."""


def pack(verdicts: Sequence[bool]) -> str:
    """Bits as text, the first verdict in the highest bit of the first byte.

    >>> pack([True, False, True])
    'oA=='
    """
    padded = [*verdicts, *[False] * (-len(verdicts) % 8)]
    bits = "".join("1" if one else "0" for one in padded)
    content = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return base64.b64encode(content).decode("ascii")


def unpack(text: str, count: int) -> list[bool]:
    """The verdicts that `pack` made a text of.

    >>> unpack("oA==", 3)
    [True, False, True]

    Raises:
        ExplainError: if the text does not hold so many.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != -(-count // 8):
        raise ExplainError(f"{quoted(text)} does not hold {count:,} verdicts.")
    bits = "".join(f"{byte:08b}" for byte in content)
    return [bit == "1" for bit in bits[:count]]


def rows_digest(completions: Iterable[Completion]) -> str:
    """What is the same for two evaluations of the same rows, at whatever level.

    It is made of number, id and answer of each row: files that differ in their
    questions alone are not told apart by it, but by their names.
    """
    digest = hashlib.sha256()
    for one in completions:
        digest.update(f"{json.dumps([one.row, one.id, one.answer])}\n".encode())
    return digest.hexdigest()[:DIGITS]
