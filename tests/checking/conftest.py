"""One tiny tokenizer and model folder for all checks of recipes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axolotl.integrations.base import PluginManager

from axolotl_explain.scratch import ensure_scratch_model

from .planted import GENRES


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
def fresh_plugins() -> Iterator[None]:
    """Axolotl keeps plugins for the life of the process; a check starts with none."""
    PluginManager.get_instance().plugins.clear()
    yield
    PluginManager.get_instance().plugins.clear()


@pytest.fixture(autouse=True, scope="session")
def own_datasets_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `datasets` keeps of the files it reads goes when the checks are done."""
    import datasets

    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("datasets")
    yield
    datasets.config.HF_DATASETS_CACHE = before
