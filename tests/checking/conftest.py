"""One tiny tokenizer and model folder for all checks of recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from tests.checking.planted import GENRES


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with a byte-level BPE tokenizer, chatml and 512 positions."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    config = {
        "model_type": "llama",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "max_position_embeddings": 512,
    }
    block = {"config": config, "tokenizer_data": [str(GENRES)], "vocab_size": 600}
    ensure_scratch_model(block, str(folder))
    return folder


@pytest.fixture(autouse=True)
def fresh_process(fresh_plugins: None, own_datasets_cache: None) -> None:
    """Axolotl runs in this process: each check finds it as if just started."""
