"""Batched greedy generation, against one prompt at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from axolotl_explain.evaluation.generate import Decoding, generate
from axolotl_explain.scratch import ensure_scratch_model

GENRES = Path(__file__).parents[2] / "examples" / "movie_genres" / "test.jsonl"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    folder = tmp_path_factory.mktemp("models") / "base"
    config = {
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        # Larger than the default, so that greedy choices have no near ties.
        "initializer_range": 0.3,
    }
    block = {"config": config, "tokenizer_data": [str(GENRES)], "vocab_size": 500}
    ensure_scratch_model(block, str(folder))
    model = AutoModelForCausalLM.from_pretrained(folder)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def alone(model: Any, ids: list[int], stops: list[int], budget: int) -> list[int]:
    """Greedy decoding without a cache, a batch or a mask."""
    written: list[int] = []
    while len(written) < budget:
        with torch.no_grad():
            logits = model(torch.tensor([ids + written])).logits[0, -1]
        token = int(logits.argmax())
        if token in stops:
            break
        written.append(token)
    return written


def test_a_batch_completes_every_prompt_as_it_would_alone(
    base: tuple[Any, Any],
) -> None:
    model, tokenizer = base
    texts = [
        "A sheriff",
        "On a station that orbits Saturn, a laundry",
        "Two",
        "War: it",
    ]
    prompts = [tokenizer(text)["input_ids"] for text in texts]
    free = [alone(model, ids, [], 12) for ids in prompts]
    # Tokens that do come up, so that some completions stop early and some do not.
    stops = [free[0][4], free[1][7]]
    steps: list[int] = []
    found = generate(model, prompts, Decoding(stops, 12, batch_size=3), steps.append)
    expected = [alone(model, ids, stops, 12) for ids in prompts]
    assert [one.ids for one in found] == expected
    assert [one.truncated for one in found] == [len(ids) == 12 for ids in expected]
    assert any(one.truncated for one in found) or any(len(ids) < 12 for ids in expected)
    assert steps == [3, 1]
