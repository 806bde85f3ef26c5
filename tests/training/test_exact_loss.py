"""One gradient, however the rows of a step are cut into batches and processes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.fixtures import forked
from tests.fixtures.bench import ROOT, Bench, entry, sum_row
from tests.fixtures.one_step import ONE_STEP, Gradient, distance, first_step

pytestmark = pytest.mark.training
LORA = {
    "adapter": "lora",
    "lora_r": 8,
    "lora_alpha": 16,
    "lora_dropout": 0.0,
    "lora_target_linear": True,
}
T5 = {"model_type": "AutoModelForSeq2SeqLM"}
MODELS: dict[str, dict[str, Any]] = {
    "llama": {},
    "llama_lora": LORA,
    "t5": T5,
    "t5_lora": {**T5, **LORA},
}
ARMS = list(product(MODELS, (0.3, 1.0, 0.0)))
"""Model and weight of the explanation."""
CUTS: dict[str, dict[str, Any]] = {
    "four": {"micro_batch_size": 4, "gradient_accumulation_steps": 1},
    "two_twice": {"micro_batch_size": 2, "gradient_accumulation_steps": 2},
    "one_four_times": {"micro_batch_size": 1, "gradient_accumulation_steps": 4},
    "packed": {
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 1,
        "sample_packing": True,
        "pad_to_sequence_len": True,
        "attn_implementation": "sdpa",
    },
}
TWO_PROCESSES = {"micro_batch_size": 1, "gradient_accumulation_steps": 2}
SAME = 1e-6


def rows() -> list[dict[str, Any]]:
    """Two with an explanation, and two with the answer alone."""
    return [
        sum_row(index, explanations=None) if index % 2 else sum_row(index)
        for index in range(4)
    ]


class Steps:
    """Recipes of one step on the same four rows."""

    def __init__(self, bench: Bench, tiny_t5: Path) -> None:
        self.bench = bench
        self.data = bench.rows(rows())
        self.tiny_t5 = str(tiny_t5)

    def write(self, model: str, loss: Mapping[str, Any] | None, **keys: Any) -> Path:
        """Write a recipe; `loss` is what its block says, None for no block."""
        explain: dict[str, Any] = {"on_missing_level": "answer_only"}
        if loss is not None:
            explain["loss"] = dict(loss)
        kind = "seq2seq" if model.startswith("t5") else "instruct"
        base = {"base_model": self.tiny_t5} if kind == "seq2seq" else {}
        name = keys.pop("name", "step")
        return self.bench.write(
            f"{name}.yml",
            datasets=[entry(self.data, kind)],
            explain=explain,
            output_dir=str(self.bench.folder / name),
            **{**ONE_STEP, **base, **MODELS[model], **keys},
        )

    def gradient(
        self, model: str, loss: Mapping[str, Any] | None, **keys: Any
    ) -> Gradient:
        return first_step(self.write(model, loss, **keys))[0]


@pytest.fixture(scope="module")
def steps(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_t5: Path
) -> Steps:
    return Steps(Bench(tmp_path_factory.mktemp("steps"), tiny_model), tiny_t5)


def explanation(weight: float) -> dict[str, Any]:
    return {"weights": {"explanation": weight}}


@pytest.fixture(scope="module")
def whole(steps: Steps) -> dict[tuple[str, float], Gradient]:
    """Of the four rows as one batch."""
    return {
        (model, weight): steps.gradient(model, explanation(weight), **CUTS["four"])
        for model, weight in ARMS
    }


@pytest.mark.parametrize(
    ("model", "weight", "cut"),
    [
        (*arm, cut)
        for arm, cut in product(ARMS, CUTS)
        if cut != "four" and not (cut == "packed" and arm[0].startswith("t5"))
    ],
)
def test_one_gradient_however_a_batch_is_cut(
    steps: Steps, whole: Any, model: str, weight: float, cut: str
) -> None:
    found = steps.gradient(model, explanation(weight), **CUTS[cut])
    assert distance(found, whole[model, weight]) < SAME


def test_one_gradient_in_two_processes(steps: Steps, whole: Any) -> None:
    paths = {
        (model, weight): steps.write(
            model,
            explanation(weight),
            name=f"{model}_{int(10 * weight)}",
            **TWO_PROCESSES,
        )
        for model, weight in ARMS
    }
    folder = steps.bench.folder
    done = forked.run_ranks(
        "tests.fixtures.one_step",
        str(folder),
        *map(str, paths.values()),
        cwd=ROOT,
        env={"ACCELERATE_USE_CPU": "true"},
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    for key, path in paths.items():
        found = load_file(folder / f"{path.stem}.safetensors")
        assert distance(found, whole[key]) < SAME, key


def test_the_weight_changes_the_gradient(whole: Any) -> None:
    assert distance(whole["llama", 0.3], whole["llama", 1.0]) > 0.1
    assert distance(whole["llama", 0.0], whole["llama", 0.3]) > 0.1


def test_axolotl_alone_averages_micro_batches(steps: Steps, whole: Any) -> None:
    """Four rows of unlike length, one at a time, pull elsewhere than together."""
    together = steps.gradient("llama", None, **CUTS["four"])
    alone = steps.gradient("llama", None, **CUTS["one_four_times"])
    assert distance(together, whole["llama", 1.0]) < SAME
    assert distance(alone, together) > 0.2
