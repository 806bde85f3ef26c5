"""Which rows a `split` means: `train`, `train[:500]`, `train[50%:]`, `test+train`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from axolotl_explain.core.errors import ExplainError, quoted

OF_FILE = "train"
"""The one split that a file has."""


class Part(NamedTuple):
    """A range of the rows of one split."""

    split: str
    start: int
    stop: int


def split_parts(split: str, sizes: Mapping[str, int]) -> list[Part]:
    """The ranges that a split names.

    Args:
        sizes: split -> its rows.

    Raises:
        ExplainError: if it cannot be read, or names a split that is not there.
    """
    if split in sizes:
        return [Part(split, 0, sizes[split])]
    from datasets import ReadInstruction

    try:
        parts = ReadInstruction.from_spec(split).to_absolute(dict(sizes))
    except (ValueError, AssertionError):
        names = ", ".join(sizes)
        raise ExplainError(
            f"split: {quoted(split)} is no split here; there is {names}, or a part of "
            f"it such as {next(iter(sizes), OF_FILE)}[:500] or "
            f"{next(iter(sizes), OF_FILE)}[50%:]."
        ) from None
    return [Part(one.splitname, one.from_, one.to) for one in parts]
