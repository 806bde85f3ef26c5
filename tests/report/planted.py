"""Runs of arms whose true accuracy is known, written as evaluations leave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.fixtures.runs import completion
from tests.statistics.simulated import arm, hardness

TREATED = {
    "shuffled": {"control": "shuffle_steps"},
    "mismatched": {"control": "mismatched"},
    "answer_first": {"order": "answer_first"},
}
"""Name of an arm -> what its recipe says beside the level `long`."""


def plant(
    write_run: Callable[..., Path],
    shares: Mapping[str, float],
    seeds: int,
    rows: int,
    deviation: float,
    **recipe: Any,
) -> list[Path]:
    """Write the runs of some arms, all asked the same rows; return their folders.

    Args:
        shares: a level, or a name of `TREATED` -> its true share of right answers.
        deviation: of the true shares of its seeds.
    """
    draw = np.random.default_rng(11)
    hard = hardness(draw, rows)
    folders = []
    for name, share in shares.items():
        level = "long" if name in TREATED else name
        right = arm(draw, share, deviation, seeds, hard).right
        for seed in range(seeds):
            lines = [
                completion(row, level, bool(right[seed, row]), num_tokens=4)
                for row in range(rows)
            ]
            block = {"level": level, **TREATED.get(name, {})}
            content = {"explain": block, "learning_rate": 0.001, **recipe}
            folders.append(
                write_run(
                    f"{name}-{seed}",
                    level,
                    0,
                    seed=seed,
                    lines=lines,
                    recipe_content=content,
                )
            )
    return folders
