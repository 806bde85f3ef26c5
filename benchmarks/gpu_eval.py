"""Rows per second of `eval` against a bare `generate` loop on this machine's card.

python -m benchmarks.gpu_eval --out eval.json [--rows 512] [--tiny]

The same prompts in the same batches, by the clock, in turn; see generation.py, which
takes processor time and a tiny model instead.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.generation import TINY, tiny_evaluator, ways_of
from benchmarks.gpu_commands import write
from benchmarks.gpu_four_bits import card

LARGE = {
    "hidden_size": 2_048,
    "intermediate_size": 8_192,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}
"""The shape of Llama 3.2 1B, but for its vocabulary."""
WAYS = ("batched", "bare generate")


def measure(rows: int, rounds: int, tiny: bool, out: Path) -> None:
    """All rounds, written as each ends."""
    with tempfile.TemporaryDirectory() as name:
        evaluator = tiny_evaluator(Path(name), TINY if tiny else LARGE)
        if torch.cuda.is_available():
            evaluator.model.to("cuda", torch.bfloat16)
        ways, new_tokens = ways_of(evaluator, rows)
        for way in WAYS:
            seconds(ways[way])
        found: list[dict[str, float]] = []
        for _ in range(rounds):
            found.append({way: seconds(ways[way]) for way in WAYS})
            write(out, report(found, rows, new_tokens))


def report(found: list[dict[str, float]], rows: int, new_tokens: int) -> dict[str, Any]:
    """Medians of the rounds, and of the ratios within them."""
    middle = {way: statistics.median(each[way] for each in found) for way in WAYS}
    ratios = [each["bare generate"] / each["batched"] for each in found]
    return {
        "card": card(),
        "rows": rows,
        "new_tokens": new_tokens,
        "rounds": len(found),
        "rows_per_second": {way: round(rows / middle[way], 1) for way in WAYS},
        "tokens_per_second": {
            way: round(rows * new_tokens / middle[way], 1) for way in WAYS
        },
        "ratio_to_bare_generate": round(statistics.median(ratios), 3),
    }


def seconds(way: Callable[[], object]) -> float:
    """By the clock, once the card has done its work."""
    start = time.perf_counter()
    way()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    rows = 16 if options.tiny else options.rows
    measure(rows, options.rounds, options.tiny, options.out)


if __name__ == "__main__":
    main()
