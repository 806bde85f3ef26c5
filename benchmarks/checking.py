"""Rows per second of `axolotl explain check`, start-up aside.

The rows have the length of those of the movie genres and words drawn from them, so that
none is like another. Where sequence_len leaves room for a token per byte, rows are not
tokenised, so both cases are measured.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.checking.check_recipe import check_recipe

DATA = Path(__file__).parents[1] / "examples" / "movie_genres" / "train.jsonl"
ANSWERS = ("comedy", "crime", "fantasy", "horror", "romance", "war", "western")


def measure_checking(rows: int) -> dict[str, Any]:
    """Both cases, each after one with a few rows."""
    return {
        "all_tokenised": _measure(rows, sequence_len=1_024),
        "none_tokenised": _measure(rows, sequence_len=4_096),
    }


def _measure(rows: int, sequence_len: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_recipe(str(_recipe(folder, 100, sequence_len)))
        recipe = _recipe(folder, rows, sequence_len)
        wall, cpu = time.perf_counter(), time.process_time()
        result = check_recipe(str(recipe))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "rows": sum(result.rows.values()),
        "seconds": round(wall, 1),
        "process_seconds": round(cpu, 1),
        "rows_per_second": round(rows / wall),
        "findings": [one.code for one in result.findings],
    }


def _recipe(folder: Path, rows: int, sequence_len: int) -> Path:
    lines = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    words = [word for line in lines for word in line["input"].split()]
    draw = random.Random(0)
    data = folder / f"{rows}.jsonl"
    with data.open("w", encoding="utf-8") as stream:
        for index in range(rows):
            row = {
                "id": f"{index}",
                "instruction": lines[0]["instruction"],
                "input": " ".join(draw.choices(words, k=80)),
                "answer": ANSWERS[index % len(ANSWERS)],
                "explanations": {"long": " ".join(draw.choices(words, k=90)) + "."},
            }
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    recipe = {
        "base_model": str(folder / "model"),
        "scratch_model": {
            "config": {"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 1}
            | {"intermediate_size": 16, "num_attention_heads": 1},
            "tokenizer_data": [str(DATA)],
        },
        "plugins": ["axolotl_explain.ExplainPlugin"],
        "datasets": [
            {"path": str(data), "ds_type": "json", "type": "axolotl_explain.instruct"}
        ],
        "output_dir": str(folder / "out"),
        "sequence_len": sequence_len,
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 1,
        "num_epochs": 1,
        "learning_rate": 0.0001,
        "bf16": False,
    }
    file = folder / f"{rows}.yml"
    file.write_text(yaml.safe_dump(recipe), "utf-8")
    return file


if __name__ == "__main__":
    print(json.dumps(measure_checking(100_000), indent=2))
