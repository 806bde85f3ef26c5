"""What Axolotl makes of rows in a step, and when training says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.bench import Bench, entry, kept_log, sum_row
from tests.fixtures.one_step import ONE_STEP, Gradient, distance, first_step

pytestmark = pytest.mark.training
PACKED = {
    "micro_batch_size": 1,
    "sample_packing": True,
    "pad_to_sequence_len": True,
}
ONE_AT_A_TIME = {"micro_batch_size": 1, "gradient_accumulation_steps": 4}
SAID = "WARNING gradient_accumulation_steps: 4: Axolotl 0.19 averages micro-batches"


class Steps:
    """Recipes of one step: two rows with an explanation, two with the answer alone."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        rows = [
            sum_row(n, **({"explanations": None} if n % 2 else {})) for n in range(4)
        ]
        self.data = bench.rows(rows)

    def first(self, explain: dict[str, Any], **keys: Any) -> tuple[Gradient, str]:
        """The gradient of the first step, and what was logged."""
        path = self.bench.write(
            datasets=[entry(self.data)],
            explain={"on_missing_level": "answer_only", **explain},
            **{"gradient_accumulation_steps": 1, **ONE_STEP, **keys},
        )
        lines: list[str] = []
        with kept_log(lines):
            gradient, _ = first_step(path)
        return gradient, "\n".join(lines)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Steps:
    return Steps(Bench(tmp_path_factory.mktemp("averaged"), tiny_model))


@pytest.mark.parametrize("kernel", ["sdpa", "eager"])
def test_these_kernels_keep_packed_rows_apart(steps: Steps, kernel: str) -> None:
    """Axolotl's own trainer: four rows of one batch and of one pack have one mean."""
    batch, _ = steps.first({}, micro_batch_size=4, attn_implementation=kernel)
    pack, _ = steps.first({}, attn_implementation=kernel, **PACKED)
    assert distance(pack, batch) < 1e-5


def test_without_a_kernel_packed_rows_see_each_other(steps: Steps) -> None:
    batch, _ = steps.first({}, micro_batch_size=4)
    pack, _ = steps.first({}, **PACKED)
    assert distance(pack, batch) > 0.01


def test_training_says_once_that_tokens_count_differently(steps: Steps) -> None:
    _, log = steps.first({}, **ONE_AT_A_TIME)
    assert log.count(SAID) == 1
    assert log.count("explain.loss: {} counts each token once") == 1


@pytest.mark.parametrize(
    ("explain", "keys"),
    [
        ({"loss": {}}, ONE_AT_A_TIME),
        ({"level": "none"}, ONE_AT_A_TIME),
        ({}, {"micro_batch_size": 4}),
    ],
    ids=["the block", "one level", "one batch"],
)
def test_training_says_nothing_where_they_count_alike(
    steps: Steps, explain: dict[str, Any], keys: dict[str, Any]
) -> None:
    _, log = steps.first(explain, **keys)
    assert "averages micro-batches" not in log
