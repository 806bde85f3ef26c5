"""Batched greedy generation, against one prompt at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.batching import BatchLimits, plan_batches
from axolotl_explain.evaluation.decoding import Decoding, Generated
from axolotl_explain.evaluation.transformers_engine import generate_batches
from axolotl_explain.recipe.scratch_model import ensure_scratch_model

GENRES = Path(__file__).parents[2] / "examples" / "movie_genres" / "test.jsonl"
TEXTS = ["A sheriff", "On a station that orbits Saturn, a laundry", "Two", "War: it"]


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


def generate(
    model: Any, prompts: list[list[int]], decoding: Decoding
) -> list[Generated]:
    """What stands behind each prompt, in their order."""
    batches = generate_batches(model, prompts, decoding)
    return [
        one
        for _, one in sorted(
            (pair for batch in batches for pair in batch), key=lambda pair: pair[0]
        )
    ]


def prompts_of(tokenizer: Any) -> list[list[int]]:
    return [tokenizer(text)["input_ids"] for text in TEXTS]


@pytest.mark.parametrize(
    "limits",
    [BatchLimits(size=3), BatchLimits(tokens=1), BatchLimits(tokens=40), BatchLimits()],
)
def test_a_batch_completes_every_prompt_as_it_would_alone(
    base: tuple[Any, Any], limits: BatchLimits
) -> None:
    model, tokenizer = base
    prompts = prompts_of(tokenizer)
    free = [alone(model, ids, [], 12) for ids in prompts]
    # Tokens that do come up, so that some completions stop early and some do not.
    stops = [free[0][4], free[1][7]]
    found = generate(model, prompts, Decoding(stops, 12, limits))
    expected = [alone(model, ids, stops, 12) for ids in prompts]
    assert [one.ids for one in found] == expected
    assert [one.truncated for one in found] == [len(ids) == 12 for ids in expected]
    assert any(one.truncated for one in found) or any(len(ids) < 12 for ids in expected)


def test_a_penalty_of_the_models_own_config_is_not_greedy_and_not_used(
    base: tuple[Any, Any],
) -> None:
    model, tokenizer = base
    prompts = prompts_of(tokenizer)
    expected = [alone(model, ids, [], 12) for ids in prompts]
    model.generation_config.repetition_penalty = 5.0
    try:
        found = generate(model, prompts, Decoding([tokenizer.eos_token_id], 12))
    finally:
        model.generation_config.repetition_penalty = 1.0
    assert [one.ids for one in found] == expected


def test_no_batch_is_larger_than_its_limits_and_every_prompt_is_in_one() -> None:
    lengths = [5, 50, 7, 7, 120, 1, 33, 20]
    for limits in (BatchLimits(3, 10_000), BatchLimits(8, 100), BatchLimits(8, 1)):
        batches = plan_batches(lengths, 10, limits)
        assert sorted(at for batch in batches for at in batch) == list(range(8))
        for batch in batches:
            tokens = len(batch) * (max(lengths[at] for at in batch) + 10)
            assert len(batch) == 1 or tokens <= limits.tokens
            assert len(batch) <= limits.size
    assert plan_batches(lengths, 10, BatchLimits(3, 10_000))[0] == [4, 1, 6]


def test_only_batches_with_something_left_are_run_and_they_stay_as_planned(
    base: tuple[Any, Any],
) -> None:
    model, tokenizer = base
    prompts = prompts_of(tokenizer)
    decoding = Decoding([tokenizer.eos_token_id], 4, BatchLimits(size=2))
    everything = list(generate_batches(model, prompts, decoding))
    first, second = ([at for at, _ in batch] for batch in everything)
    assert list(generate_batches(model, prompts, decoding, first)) == everything[1:]
    rest = list(generate_batches(model, prompts, decoding, [*first, second[0]]))
    assert rest == everything[1:]
    assert list(generate_batches(model, prompts, decoding, [0, 1, 2, 3])) == []


class SmallDevice:
    """A model on a device that has room for so many prompts at once."""

    def __init__(self, model: Any, room: int) -> None:
        self.model, self.room = model, room
        self.device, self.config = model.device, model.config
        self.asked: list[int] = []

    def generate(self, input_ids: torch.Tensor, **options: Any) -> Any:
        self.asked.append(len(input_ids))
        if len(input_ids) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.model.generate(input_ids=input_ids, **options)


@pytest.fixture
def warned() -> Iterator[list[str]]:
    """What this package warns of meanwhile."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger("axolotl.explain"), Keep()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_a_batch_that_does_not_fit_is_halved_and_that_is_said_once(
    base: tuple[Any, Any], warned: list[str]
) -> None:
    model, tokenizer = base
    prompts = prompts_of(tokenizer) * 4
    decoding = Decoding([tokenizer.eos_token_id], 4, BatchLimits(size=8))
    device = SmallDevice(model, room=2)
    assert generate(device, prompts, decoding) == generate(model, prompts, decoding)
    assert device.asked == [8, 4, 2, 2, 2, 2, 2, 2, 2, 2]
    (said,) = warned
    assert said.startswith("8 prompts at once do not fit")


def test_one_prompt_that_does_not_fit_is_an_error_with_a_way_out(
    base: tuple[Any, Any],
) -> None:
    model, tokenizer = base
    decoding = Decoding([tokenizer.eos_token_id], 4)
    with pytest.raises(ExplainError, match="lower --max-new-tokens"):
        generate(SmallDevice(model, room=0), prompts_of(tokenizer), decoding)


def test_a_completion_that_is_enough_ends_for_itself(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    prompts = prompts_of(tokenizer)
    free = [alone(model, ids, [], 12) for ids in prompts]
    sizes = {0: 3, 1: 7, 2: 5}
    asked: list[int] = []

    def ended(place: int, ids: Any) -> bool:
        asked.append(place)
        return len(ids) >= sizes.get(place, 99)

    stops = [tokenizer.eos_token_id]
    decoding = Decoding(stops, 12, BatchLimits(), ended=ended)
    found = generate(model, prompts, decoding)
    wanted = [ids[: sizes.get(at, 12)] for at, ids in enumerate(free)]
    assert [one.ids for one in found] == wanted
    assert asked.count(0) == 3
