"""One tiny model for all checks; a clean plugin registry and log for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from axolotl_explain.scratch import ensure_scratch_model

from .bench import GENRES, Bench, kept_log
from .t5 import make_t5
from .tokenizers import KINDS, Kind, make_kind


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a byte-level BPE tokenizer and chatml."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    config = {
        "model_type": "llama",
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 512,
    }
    block = {"config": config, "tokenizer_data": [str(GENRES)], "vocab_size": 1_500}
    ensure_scratch_model(block, str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random T5 of two layers with a unigram tokenizer like its own."""
    return make_t5(tmp_path_factory.mktemp("models") / "t5")


@pytest.fixture
def t5_bench(tmp_path: Path, tiny_t5: Path) -> Bench:
    """Recipes in a temporary folder on the tiny T5."""
    defaults = {"model_type": "AutoModelForSeq2SeqLM"}
    return Bench(tmp_path, tiny_t5, defaults)


@pytest.fixture
def bench(tmp_path: Path, tiny_model: Path) -> Bench:
    """Recipes in a temporary folder on the tiny model."""
    return Bench(tmp_path, tiny_model)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What this package logs meanwhile, one `LEVEL message` a line."""
    lines: list[str] = []
    with kept_log(lines):
        yield lines


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, tiny_model: Path) -> Kind:
    """Each of three tokenizers, with a second way to ask it for ids."""
    return make_kind(request.param, tiny_model)


@pytest.fixture(autouse=True)
def fresh_process(fresh_plugins: None, own_datasets_cache: None) -> None:
    """Axolotl runs in this process: each check finds it as if just started."""
