"""Unknown names: which known one was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALIKE = 0.6
"""Ratio of difflib from which on a name is suggested; one that is only begun is too."""
MISSPELT = 0.8
"""Ratio from which on a name can hardly be anything but the other one misspelt."""


def did_you_mean(name: str, known: Iterable[str], most: int = 1) -> str:
    """The end of an error about an unknown name: known ones like it, if there are any.

    >>> did_you_mean("levle", ["level", "order"])
    '; did you mean level?'
    >>> did_you_mean("qwen", ["cpu/lora", "qwen3/qlora-8b"])
    '; did you mean qwen3/qlora-8b?'
    >>> did_you_mean("colour", ["level", "order"])
    '.'

    Args:
        most: how many names to suggest, at most.
    """
    names = list(known)
    alike = difflib.get_close_matches(name, names, n=most, cutoff=ALIKE)
    begun = [one for one in names if len(name) > 1 and one.startswith(name)]
    hints = list(dict.fromkeys([*alike, *begun]))[:most]
    return f"; did you mean {' or '.join(hints)}?" if hints else "."


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The known name that an unknown one misspells; None where it may be another.

    >>> misspelt("micro_batchsize", ["micro_batch_size"])
    'micro_batch_size'
    """
    alike = difflib.get_close_matches(name, list(known), n=1, cutoff=MISSPELT)
    return alike[0] if alike else None
