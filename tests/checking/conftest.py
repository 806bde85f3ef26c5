"""One tiny tokenizer and model folder for all checks of recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.tiny_llama import make_llama


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with a byte-level BPE tokenizer, chatml and 512 positions."""
    return make_llama(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(autouse=True)
def fresh_process(fresh_plugins: None, own_datasets_cache: None) -> None:
    """Axolotl runs in this process: each check finds it as if just started."""
