"""The files of this package that one row passes from JSONL to its labels, in order.

python -m tests.training.way_of_a_row
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import axolotl_explain

PACKAGE = Path(axolotl_explain.__file__).parent
GENRES = PACKAGE.parent / "examples" / "movie_genres" / "train.jsonl"


def files_passed(act: Callable[[], Any]) -> list[str]:
    """The files of the package whose functions run meanwhile, first come first."""
    found: dict[str, None] = {}

    def see(frame: FrameType, event: str, _: object) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and PACKAGE in file.parents:
            found.setdefault(file.relative_to(PACKAGE).as_posix())

    sys.setprofile(see)
    try:
        act()
    finally:
        sys.setprofile(None)
    return list(found)


def way_of_a_row(folder: Path, kind: str = "instruct") -> list[str]:
    """Prepare one row as training does; what is done once for a dataset aside.

    Args:
        folder: for the row and a tiny model.
        kind: of the strategy.
    """
    from axolotl_explain.recipe.scratch_model import ensure_scratch_model
    from tests.fixtures.bench import Bench, entry, ids_and_labels

    config = {"model_type": "llama", "hidden_size": 8, "num_attention_heads": 1}
    block = {"config": config, "tokenizer_data": [str(GENRES)], "vocab_size": 600}
    ensure_scratch_model(block, str(folder / "model"))
    bench = Bench(folder, folder / "model", {"sequence_len": 1024})
    row = json.loads(GENRES.read_text("utf-8").partition("\n")[0])
    cfg = bench.cfg(datasets=[entry(bench.rows([row]), kind)])

    from axolotl.loaders.tokenizer import load_tokenizer
    from axolotl.prompt_strategies import load
    from datasets import load_dataset

    strategy = load(cfg.datasets[0].type, load_tokenizer(cfg), cfg, cfg.datasets[0])
    rows = load_dataset("json", data_files=cfg.datasets[0].path, split="train")
    tables: list[Any] = []
    passed = files_passed(
        lambda: tables.append(strategy.encoder(rows).to_table(rows[:], [0]))
    )
    ((_, labels),) = ids_and_labels(strategy.wrap_dataset(rows))
    assert tables[0].column("labels").to_pylist() == [labels]
    assert any(label != -100 for label in labels)
    return passed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in enumerate(way_of_a_row(Path(temporary)), start=1):
            print(f"{number:3} {name}")
