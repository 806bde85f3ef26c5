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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.json_values import as_integer, as_mapping, as_text

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


@dataclass(frozen=True, slots=True)
class RowVerdicts:
    """Of one run on one file at one level.

    Attributes:
        rows: which rows they are (`rows_digest`); only what agrees in it is compared.
        right: for each row, in order, whether its answer is an exact match.
    """

    rows: str
    right: Sequence[bool]

    @classmethod
    def of(cls, completions: Sequence[Completion]) -> RowVerdicts:
        """Of completions, in the order of the file."""
        right = tuple(one.exact_match for one in completions)
        return cls(rows_digest(completions), right)

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> RowVerdicts | None:
        """As an entry of metrics.json keeps them; None where it keeps none.

        What cannot be read counts as not kept: the counts beside it still can.
        """
        rows, bits = as_text(entry.get("rows")), as_text(entry.get("right"))
        count = as_integer(as_mapping(entry.get("metrics")).get("num_rows"))
        if not rows or bits is None or not count:
            return None
        try:
            return cls(rows, tuple(unpack(bits, count)))
        except ExplainError:
            return None


def bucket_verdicts(entry: Mapping[str, Any]) -> list[bool]:
    """Of a bucket of metrics.json; older ones have counts alone, and no order.

    Returns:
        nothing where there are no counts either.
    """
    metrics = as_mapping(entry.get("metrics"))
    rows, share = as_integer(metrics.get("num_rows")), metrics.get("exact_match")
    if not rows or not isinstance(share, int | float):
        return []
    right = round(share * rows)
    try:
        return unpack(str(entry["right"]), rows)
    except (KeyError, ExplainError):
        return [at < right for at in range(rows)]
