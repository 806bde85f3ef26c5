"""How often a token of a short target counts as much as one of a long target.

python benchmarks/averaged_tokens.py

prints the table of docs/loss.md: the rows of examples/movie_genres at several mixes of
levels, in several micro-batches, as Axolotl 0.19 averages them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import yaml

ROOT = Path(__file__).parents[1]
LEVELS: dict[str, Any] = {
    "`long`": "long",
    "`{short: 1, medium: 1, long: 1}`": {"short": 1, "medium": 1, "long": 1},
    "`{none: 1, long: 3}`": {"none": 1, "long": 3},
    "`all`": "all",
}
PACKED = {"micro_batch_size": 1, "sample_packing": True, "attn_implementation": "sdpa"}
CUTS: dict[str, dict[str, Any]] = {
    **{
        f"{n} rows" if n > 1 else "1 row": {"micro_batch_size": n} for n in (1, 2, 4, 8)
    },
    "packed to 2,048": {**PACKED, "sequence_len": 2048},
    "packed to 512": {**PACKED, "sequence_len": 512},
}


def recipe(level: Any, folder: Path) -> dict[str, Any]:
    """recipes/cpu/full.yml with other levels; what it makes goes into a folder."""
    base: dict[str, Any] = yaml.safe_load((ROOT / "recipes/cpu/full.yml").read_text())
    base["explain"] = {"level": level, "level_request": "never"}
    base["base_model"] = str(folder / "model")
    return base


def times(level: Any, folder: Path) -> list[float]:
    """For each way to cut the rows: tokens of the shortest tenth of targets against
    those of the longest."""
    from axolotl_explain.training.load import load_data_config, load_tokenizer
    from axolotl_explain.training.micro_batches import tokens_of, unlike_targets
    from axolotl_explain.training.prepare import prepare_data
    from axolotl_explain.training.validate import validated_config

    base = recipe(level, folder)
    cfg = load_data_config(base, str(folder))
    rows, _ = prepare_data(cfg, load_tokenizer(cfg))
    found = []
    for cut in CUTS.values():
        unlike = unlike_targets(
            validated_config({**base, **cut}, "cpu"), tokens_of(rows)
        )
        found.append(0.0 if unlike is None else unlike.times)
    return found


def main() -> None:
    os.chdir(ROOT)
    print(f"| level | {' | '.join(CUTS)} |\n|---{'|---' * len(CUTS)}|")
    with tempfile.TemporaryDirectory() as folder:
        for name, level in LEVELS.items():
            cells = [
                f"{one:.{1 if one < 10 else 0}f}" for one in times(level, Path(folder))
            ]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
