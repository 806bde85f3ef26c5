"""What Axolotl's key for prepared data leaves out is in ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.recipe.carrier import CARRIER
from axolotl_explain.recipe.install import install_settings


def carried(recipe: dict[str, Any], **entry: Any) -> str:
    one = {"path": "a.jsonl", "type": "axolotl_explain.instruct", **entry}
    recipe = {**recipe, "datasets": [one]}
    install_settings(recipe)
    return str(one[CARRIER])


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("{}")


@pytest.mark.parametrize(
    "keys",
    [
        {"tokens": ["<step>"]},
        {"special_tokens": {"pad_token": "<pad>"}},
        {"added_tokens_overrides": {5: "<a>"}},
        {"tokenizer_type": "LlamaTokenizer"},
        {"tokenizer_use_fast": False},
        {"tokenizer_legacy": False},
        {"tokenizer_use_mistral_common": True},
        {"tokenizer_config": "other"},
        {"revision_of_model": "v2"},
        {"chat_template": "chatml"},
        {"default_system_message": "Hello."},
        {"min_sample_len": 30},
        {"excess_length_strategy": "drop"},
        {"curriculum_sampling": True},
        {"val_set_size": 0.1},
    ],
)
def test_a_key_that_changes_the_prepared_rows_changes_what_is_carried(
    keys: dict[str, Any],
) -> None:
    assert carried(keys) != carried({})
    assert carried(keys) == carried(dict(keys))


def test_the_share_that_is_held_out_is_split_later_and_changes_nothing() -> None:
    assert carried({"val_set_size": 0.1}) == carried({"val_set_size": 30})


def test_the_seed_counts_where_it_draws_a_shard() -> None:
    assert carried({"seed": 1}) == carried({"seed": 2})
    assert carried({"seed": 1}, shards=2) != carried({"seed": 2}, shards=2)
