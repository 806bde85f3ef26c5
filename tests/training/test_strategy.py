"""Strategy: what the rows become is named by all that they become it from."""

from __future__ import annotations

from typing import Any

import pytest
from axolotl.prompt_strategies import load
from axolotl.utils.dict import DictDefault
from datasets import Dataset

from axolotl_explain.recipe.install import install_settings
from axolotl_explain.training.strategy import entry_name
from tests.fixtures.bench import entry, sum_row

ROWS = [sum_row(index) for index in range(3)]


def wrapped(
    tokenizer: Any,
    rows: list[dict[str, Any]] = ROWS,
    sequence_len: int = 256,
    **explain: Any,
) -> Dataset:
    data = entry("someone/rows")
    install_settings({"explain": explain, "datasets": [data]})
    cfg = DictDefault(sequence_len=sequence_len)
    strategy = load(data["type"], tokenizer, cfg, DictDefault(data))
    return strategy.wrap_dataset(Dataset.from_list(rows))


@pytest.mark.parametrize(
    "change",
    [
        {"level": "short"},
        {"seed": 1},
        {"control": "shuffle_steps"},
        {"sequence_len": 200},
        {"rows": ROWS[:2]},
    ],
)
def test_whatever_changes_the_rows_changes_the_fingerprint_of_their_dataset(
    bpe_tokenizer: Any, change: dict[str, Any]
) -> None:
    """`datasets` serves a split or a filter of old rows by the fingerprint alone."""
    first = wrapped(bpe_tokenizer)
    assert wrapped(bpe_tokenizer)._fingerprint == first._fingerprint
    assert wrapped(bpe_tokenizer, **change)._fingerprint != first._fingerprint


def test_passes_over_one_dataset_do_not_share_a_fingerprint(
    bpe_tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints: list[str] = []
    plain = Dataset.map

    def kept(self: Dataset, *args: Any, **keys: Any) -> Dataset:
        prints.append(keys["new_fingerprint"])
        return plain(self, *args, **keys)

    monkeypatch.setattr(Dataset, "map", kept)
    wrapped(bpe_tokenizer, control="mismatched", derive_levels={"by": "length"})
    assert len({*prints}) == len(prints) == 3


@pytest.mark.parametrize(
    ("data_files", "name"),
    [
        (None, "json"),
        ("parts/*.jsonl", "parts/*.jsonl"),
        (["a.jsonl", "b.jsonl"], "a.jsonl"),
    ],
)
def test_a_dataset_is_called_what_its_files_are_called(
    data_files: object, name: str
) -> None:
    assert entry_name({"path": "json", "data_files": data_files}) == name
