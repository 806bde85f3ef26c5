"""`axolotl explain eval` from end to end, and killed in the middle."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import yaml
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.results.store import read_completions, read_metrics
from tests.fixtures import forked

ROWS = {"test": 7, "test_long": 5}
LEVELS = ("none", "short")


ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""A tiny model gains nothing by more, and waits for them where others work too."""


class Bench:
    """A recipe with its data, a tiny base model and an adapter of random weights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe = folder / "recipe.yml"
        self.adapter = folder / "adapter"
        self.data = [folder / "data" / f"{split}.jsonl" for split in ROWS]
        recipe = self._recipe()
        self.recipe.write_text(yaml.safe_dump(recipe))
        ensure_task_data(recipe["task_data"])
        ensure_scratch_model(recipe["scratch_model"], recipe["base_model"])
        self._make_adapter(recipe["base_model"])

    def _recipe(self) -> dict[str, Any]:
        data = str(self.folder / "data" / "train.jsonl")
        return {
            "base_model": str(self.folder / "base"),
            "scratch_model": {
                "config": {
                    "model_type": "llama",
                    "hidden_size": 32,
                    "intermediate_size": 64,
                    "num_hidden_layers": 2,
                    "num_attention_heads": 2,
                    "initializer_range": 0.3,
                },
                "tokenizer_data": [data],
                "vocab_size": 400,
            },
            "task_data": {
                "folder": str(self.folder / "data"),
                "task": "modular_sum",
                "options": {
                    "min_length": 3,
                    "max_length": 5,
                    "test_long_max_length": 8,
                },
                "sizes": {"train": 20, "validation": 0, **ROWS},
            },
            "plugins": ["axolotl_explain.ExplainPlugin"],
            "explain": {"level": "all"},
            "datasets": [
                {"path": data, "ds_type": "json", "type": "axolotl_explain.instruct"}
            ],
            "adapter": "lora",
            "lora_r": 4,
            "lora_target_linear": True,
            "lora_mlp_kernel": False,
            "lora_qkv_kernel": False,
            "lora_o_kernel": False,
            "lora_embedding_kernel": False,
            "sequence_len": 256,
            "micro_batch_size": 2,
            "gradient_accumulation_steps": 1,
            "num_epochs": 1,
            "optimizer": "adamw_torch",
            "learning_rate": 0.001,
            "output_dir": str(self.folder / "out"),
            "bf16": False,
            "fp16": False,
            "tf32": False,
            "seed": 42,
        }

    def _make_adapter(self, base: str) -> None:
        model = AutoModelForCausalLM.from_pretrained(base)
        config = LoraConfig(
            r=4,
            lora_alpha=8,
            target_modules="all-linear",
            init_lora_weights=False,
            task_type="CAUSAL_LM",
        )
        get_peft_model(model, config).save_pretrained(self.adapter)

    def command(self, out: Path, *options: str) -> list[str]:
        line = ["axolotl_explain", "eval"]
        line += ["--recipe", str(self.recipe), "--model", str(self.adapter)]
        line += [word for path in self.data for word in ("--data", str(path))]
        line += [word for level in LEVELS for word in ("--level", level)]
        return [*line, "--base", "--batch-size", "2", "--out", str(out), *options]

    def run(self, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return forked.run(*self.command(out, *options), env=ONE_THREAD)


def succeed(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return " ".join(ended.stdout.split())


def hidden(out: Path) -> list[Path]:
    return sorted(out.glob(".*"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("eval"))


@pytest.fixture(scope="module")
def whole(bench: Bench) -> Path:
    """The files of a run that nothing disturbed."""
    out = bench.folder / "whole"
    said = succeed(bench.run(out))
    header = "level rows exact 95 % flexible parsed truncated tokens valid"
    assert said.count(header) == 2 * len(ROWS)
    return out


def test_every_row_is_asked_at_every_level_by_both_models(
    bench: Bench, whole: Path
) -> None:
    found = Counter((one.data, one.model, one.level) for one in read_completions(whole))
    assert found == {
        (str(path), model, level): ROWS[path.stem]
        for path in bench.data
        for model in (str(bench.adapter), None)
        for level in LEVELS
    }
    assert hidden(whole) == []


def test_completions_stand_in_the_order_of_the_rows(whole: Path) -> None:
    keys = [(one.data, one.model, one.level) for one in read_completions(whole)]
    places = [keys.index(key) for key in keys]
    assert places == sorted(places)
    rows = [one.row for one in read_completions(whole)]
    assert rows[:7] == [1, 2, 3, 4, 5, 6, 7]


def test_the_adapter_is_in_the_tuned_model_and_not_in_the_base(
    bench: Bench, whole: Path
) -> None:
    texts: dict[str | None, list[str]] = {str(bench.adapter): [], None: []}
    for one in read_completions(whole):
        texts[one.model].append(one.completion)
    tuned, base = texts.values()
    assert len(tuned) == len(base)
    assert tuned != base


def test_metrics_say_what_was_evaluated(bench: Bench, whole: Path) -> None:
    found = read_metrics(whole)
    assert found["recipe"] == str(bench.recipe)
    assert found["recipe_content"] == yaml.safe_load(bench.recipe.read_text())
    assert found["model"] == str(bench.adapter)
    assert found["base_model"] == str(bench.folder / "base")
    assert found["seed"] == 42
    assert found["max_train_length"] == 5
    base = AutoModelForCausalLM.from_pretrained(bench.folder / "base")
    assert found["num_parameters"] == sum(p.numel() for p in base.parameters())
    assert set(found["settings"]["max_new_tokens"]) == set(LEVELS)
    assert found["settings"]["batch_size"] == 2
    assert list(found["levels"]) == [*LEVELS]
    assert found["levels"]["short"]["num_rows"] == sum(ROWS.values())
    assert len(found["evaluations"]) == 8


def test_lengths_beyond_training_are_marked(whole: Path) -> None:
    for one in read_metrics(whole)["evaluations"]:
        marks = {entry["in_training"] for entry in one["by"]["list_length"]}
        assert marks == {Path(one["data"]).stem == "test"}


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(
    bench: Bench, whole: Path
) -> None:
    out = bench.folder / "killed"
    begun = forked.start(*bench.command(out), env=ONE_THREAD)
    lines = wait_for_lines(out, begun.process, at_least=3)
    begun.process.kill()
    assert begun.wait().returncode == -signal.SIGKILL
    assert sorted(out.iterdir()) == hidden(out)
    (partial,) = out.glob(".*.jsonl")
    kept = partial.read_bytes().count(b"\n")
    assert lines <= kept < 48
    said = succeed(bench.run(out))
    assert f"Going on where it was: {kept} completions" in said
    assert files(out) == files(whole)


def wait_for_lines(out: Path, process: BaseProcess, at_least: int) -> int:
    """How many completions are kept, as soon as there are so many."""
    end = time.monotonic() + 300
    while time.monotonic() < end and process.exitcode is None:
        count = sum(path.read_bytes().count(b"\n") for path in out.glob(".*.jsonl"))
        if count >= at_least:
            return count
        time.sleep(0.005)
    raise AssertionError(f"ended with {process.exitcode} before it was killed")


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_what_is_finished_is_kept_and_other_options_evaluate_anew(
    bench: Bench, whole: Path
) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert "it is kept as it is" in succeed(bench.run(whole))
    after = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert after == before
    out = bench.folder / "limited"
    out.mkdir()
    for name, content in files(whole).items():
        (out / name).write_bytes(content)
    said = succeed(bench.run(out, "--limit", "1", "--batch-tokens", "10"))
    assert "it is kept" not in said
    assert len(list(read_completions(out))) == 8
    assert json.loads((out / "metrics.json").read_text())["settings"]["limit"] == 1


def test_the_base_model_alone_is_asked_behind_solved_rows(
    bench: Bench, tmp_path: Path
) -> None:
    said = succeed(bench.run(tmp_path / "out", "--limit", "1", "--shots", "2"))
    assert "the base model, behind 2 solved rows on" in said
    found = list(read_completions(tmp_path / "out"))
    shown = {one.model: one.prompt.count("Final answer: ") for one in found}
    assert shown == {str(bench.adapter): 0, None: 2}
    assert read_metrics(tmp_path / "out")["settings"]["shots"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "vllm"], "pip install vllm"),
        (["--training-range", "length"], "list_length=4-8"),
        (["--data", "missing.jsonl"], "missing.jsonl: there is no such file"),
    ],
)
def test_a_mistake_is_said_before_anything_is_loaded(
    bench: Bench, tmp_path: Path, options: Sequence[str], message: str
) -> None:
    ended = bench.run(tmp_path / "out", *options)
    assert ended.returncode == 1
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()
