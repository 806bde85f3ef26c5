"""Keys of a recipe that nobody reads, with the known one that was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from axolotl_explain.checking.finding import Finding
from axolotl_explain.support.suggest import misspelt


def unknown_keys(
    block: Mapping[Any, Any], known: Collection[str], where: str = ""
) -> Iterator[Finding]:
    """One finding for each key of a block that is not known.

    Args:
        where: key path of the block, such as `datasets[0]`; empty for the recipe.

    >>> next(unknown_keys({"micro_batchsize": 1}, ["micro_batch_size"])).code
    'misspelt-key'
    """
    for key in block:
        if key in known:
            continue
        path = f"{where}.{key}" if where else str(key)
        meant = misspelt(str(key), known)
        if meant:
            yield Finding("misspelt-key", path, f"did you mean {meant}?")
        else:
            yield Finding("unknown-key", path, "no such key.")
