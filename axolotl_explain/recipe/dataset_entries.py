"""The dataset entries of a recipe that one of our strategies reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Literal, NamedTuple

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ

INSTRUCT, CHAT = "axolotl_explain.instruct", "axolotl_explain.chat"
TYPES = (INSTRUCT, CHAT, SEQ2SEQ)

Entry = MutableMapping[str, Any]


class Found(NamedTuple):
    """A dataset entry that one of our strategies reads, and where it stands."""

    where: str
    split: Literal["train", "test"]
    entry: Entry


def our_entries(recipe: Mapping[str, Any]) -> Iterator[Found]:
    """All of them, training before test ones.

    Raises:
        ExplainError: for a type that does not exist, a block that its type does not
            read, or an entry under `pretraining_dataset`.
    """
    for name, split in (("datasets", "train"), ("test_datasets", "test")):
        for index, entry in enumerate(recipe.get(name) or []):
            where = f"{name}[{index}]"
            if not isinstance(entry, MutableMapping):
                continue
            kind = entry.get("type")
            if kind in TYPES:
                yield Found(where, "train" if split == "train" else "test", entry)
            elif isinstance(kind, str) and kind.startswith("axolotl_explain"):
                raise ExplainError(
                    f"{where}.type: {quoted(kind)} is no strategy of this package; use "
                    f"{' or '.join(TYPES)}."
                )
            elif entry.get("explain") is not None:
                raise ExplainError(
                    f"{where}.explain: type {quoted(kind)} does not read it; use "
                    f"type: {' or '.join(TYPES)}, or remove the block."
                )
    for index, entry in enumerate(_listed(recipe.get("pretraining_dataset"))):
        if str(entry.get("type")).startswith("axolotl_explain"):
            raise ExplainError(
                f"pretraining_dataset[{index}].type: Axolotl drops the options of "
                "entries here; put the entry under datasets: and set streaming: true."
            )


def reading_entry(recipe: Mapping[str, Any], data: str | None) -> Any:
    """The dataset entry by which a data file is read: its own, or else the first.

    Test datasets go before training ones; None if no entry has a type of this package.
    """
    entries = [
        entry
        for name in ("test_datasets", "datasets")
        for entry in recipe.get(name) or []
        if entry.get("type") in TYPES
    ]
    same = [entry for entry in entries if entry.get("path") == data]
    return (same or entries or [None])[0]


def our_test_files(recipe: Mapping[str, Any]) -> list[str]:
    """Paths under test_datasets that one of our strategies reads, each once.

    Others, such as plain texts on which forgetting is measured, ask no question.
    """
    entries = recipe.get("test_datasets") or []
    ours = [entry for entry in entries if entry.get("type") in TYPES]
    return list(dict.fromkeys(str(entry.get("path")) for entry in ours))


def _listed(value: object) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]
