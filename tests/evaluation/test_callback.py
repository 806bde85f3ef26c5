"""Evaluation while training: real runs of the laptop recipes, with it and without."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.token_counts import restore_tokens
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.training.load import load_config, load_model, load_strategy
from tests.fixtures import forked
from tests.fixtures.bench import ROOT

pytestmark = pytest.mark.training
TRAIN = "tests.fixtures.on_cpu"
DATA = "examples/movie_genres/test.jsonl"
BLOCK = {"data": DATA, "rows": 8, "max_new_tokens": 16, "batch_size": 4}
SHORT = {
    "dataset_num_proc": 1,
    "max_steps": 4,
    "eval_steps": 2,
    "save_steps": 2,
    "logging_steps": 1,
    "micro_batch_size": 2,
    "lr_scheduler": "constant",
    "warmup_ratio": 0,
    "save_total_limit": 9,
}
PACKED = {"sample_packing": True, "sequence_len": 1024, "gradient_checkpointing": True}
BEST = {
    "max_steps": 6,
    "metric_for_best_model": "explain/long/tokens_per_completion",
    "early_stopping_patience": 1,
}
PLAIN = {
    "path": DATA,
    "ds_type": "json",
    "type": "completion",
    "field": "input",
    "split": "train[:4]",
}
RUNS: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any] | None]] = {
    "qlora": ("qlora", {"max_steps": 6}, None),
    "qlora evaluated": ("qlora", {**BEST, "use_tensorboard": True}, BLOCK),
    "full": ("full", PACKED, None),
    "full evaluated": ("full", PACKED, {**BLOCK, "every": 1}),
    "two": ("qlora", {"max_steps": 1}, {**BLOCK, "every": 1}),
    "plain": ("lora", {"eval_steps": 500, "test_datasets": [PLAIN]}, BLOCK),
}
"""Name -> recipe, keys, evaluation block."""


class Trained:
    """All runs, two at a time, on one base model; then one goes on from the middle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        recipe = yaml.safe_load((ROOT / "recipes/cpu/lora.yml").read_text("utf-8"))
        ensure_scratch_model(recipe["scratch_model"], str(folder / "base"))
        self.ended: dict[str, subprocess.CompletedProcess[str]] = {}
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: self.run(name, *RUNS[name]), RUNS))
        self.stamp = self._resume()

    def run(
        self,
        name: str,
        recipe: str,
        keys: Mapping[str, Any],
        block: Mapping[str, Any] | None,
    ) -> None:
        path = self._write(name, recipe, keys, block)
        own = {
            "ACCELERATE_USE_CPU": "true",
            "HF_DATASETS_CACHE": str(self.folder / f"cache-{name}"),
        }
        run = forked.run_ranks if name == "two" else forked.run
        self.ended[name] = run(TRAIN, path, cwd=ROOT, env=own)

    def _write(
        self,
        name: str,
        recipe: str,
        keys: Mapping[str, Any],
        block: Mapping[str, Any] | None,
    ) -> str:
        content = yaml.safe_load(
            (ROOT / f"recipes/cpu/{recipe}.yml").read_text("utf-8")
        )
        content = {
            key: content[key] for key in content if not key.endswith("_per_epoch")
        }
        # The loss of a few rows says as much here as that of all.
        content["test_datasets"][0]["split"] = "train[:4]"
        if block is not None:
            content["explain"]["evaluation"] = dict(block)
        content |= {
            "base_model": str(self.folder / "base"),
            "output_dir": str(self.out(name)),
            "dataset_prepared_path": str(self.folder / f"prepared-{name}"),
            **SHORT,
            **keys,
        }
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(content), "utf-8")
        return str(path)

    def _resume(self) -> int:
        """Go on from step 2 of a run; when the file of that step was last written."""
        shutil.copytree(self.out("full evaluated"), self.out("resumed"))
        shutil.rmtree(self.out("resumed") / "checkpoint-4")
        kept = self.out("resumed") / "explain_evaluation/step-000002.jsonl"
        before = kept.stat().st_mtime_ns
        going_on = {**PACKED, "auto_resume_from_checkpoints": True}
        self.run("resumed", "full", going_on, {**BLOCK, "every": 1})
        return before

    def out(self, name: str) -> Path:
        return self.folder / name

    def weights(self, name: str, step: int | None) -> dict[str, bytes]:
        """The saved weights of a step, or those at the end, as bytes."""
        assert self.ended[name].returncode == 0, self.ended[name].stderr[-3_000:]
        folder = self.out(name) if step is None else self.checkpoint(name, step)
        (file,) = folder.glob("*model.safetensors")
        tensors = load_file(file)
        return {key: tensor.numpy().tobytes() for key, tensor in tensors.items()}

    def checkpoint(self, name: str, step: int) -> Path:
        return self.out(name) / f"checkpoint-{step}"

    def state(self, name: str, step: int) -> dict[str, Any]:
        path = self.checkpoint(name, step) / "trainer_state.json"
        return dict(json.loads(path.read_text("utf-8")))

    def metrics(self, name: str, step: int, at: int) -> dict[str, float]:
        """What the run logged of ours at one step, read at a later one."""
        (found,) = [
            {key: entry[key] for key in entry if key.startswith("eval_explain/long/")}
            for entry in self.state(name, step)["log_history"]
            if entry["step"] == at and "eval_explain/seconds" in entry
        ]
        return found

    def kept(self, name: str, step: int) -> list[dict[str, Any]]:
        """The completions kept at a step."""
        path = self.out(name) / f"explain_evaluation/step-{step:06d}.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def steps(self, name: str) -> list[str]:
        files = (self.out(name) / "explain_evaluation").iterdir()
        return sorted(file.name for file in files)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("evaluated"))


@pytest.mark.parametrize("name", ["full", "qlora"])
def test_evaluation_leaves_the_weights_as_they_are_without_it(
    trained: Trained, name: str
) -> None:
    for step in (2, 4):
        without = trained.weights(name, step)
        assert trained.weights(f"{name} evaluated", step) == without
        assert without


def test_training_losses_are_logged_at_steps_that_are_evaluated(
    trained: Trained,
) -> None:
    history = [
        [(one["step"], one["loss"]) for one in found["log_history"] if "loss" in one]
        for found in (trained.state("full", 4), trained.state("full evaluated", 4))
    ]
    assert history[0] == history[1]
    assert [step for step, _ in history[0]] == [1, 2, 3, 4]


def test_the_loss_of_plain_texts_is_logged_before_the_first_step_and_after_the_last(
    trained: Trained,
) -> None:
    """As docs/evaluation.md has it, beside answers to other rows."""
    history = trained.state("plain", 4)["log_history"]
    losses = {one["step"]: one["eval_loss"] for one in history if "eval_loss" in one}
    assert [*losses] == [0, 4]
    assert losses[0] != losses[4]
    asked = [one["step"] for one in history if "eval_explain/seconds" in one]
    assert asked == [0, 4]


def test_metrics_of_each_level_are_in_tensorboard(trained: Trained) -> None:
    (events,) = trained.out("qlora evaluated").rglob("events.out.tfevents*")
    board = EventAccumulator(str(events))
    board.Reload()
    kept = trained.kept("qlora evaluated", 2)
    means = {
        "exact_match": sum(one["exact_match"] for one in kept) / 8,
        "parsed_rate": sum(one["extracted"] is not None for one in kept) / 8,
        "truncated_rate": sum(one["truncated"] for one in kept) / 8,
        "tokens_per_completion": sum(one["num_tokens"] for one in kept) / 8,
    }
    for name, mean in means.items():
        scalars = board.Scalars(f"eval/explain/long/{name}")
        assert [scalar.step for scalar in scalars] == [0, 2, 4]
        assert scalars[1].value == pytest.approx(mean)


def test_completions_are_kept_at_each_evaluation(trained: Trained) -> None:
    names = [f"step-00000{step}.jsonl" for step in (0, 2, 4)]
    assert trained.steps("qlora evaluated") == names
    rows = (ROOT / DATA).read_text("utf-8").splitlines()
    kept = trained.kept("qlora evaluated", 4)
    assert len({one["row"] for one in kept}) == 8
    for one in kept:
        row = json.loads(rows[one["row"] - 1])
        assert (one["id"], one["answer"]) == (row["id"], row["answer"])
        assert row["input"] in one["prompt"]
        assert (one["level"], one["data"], one["step"]) == ("long", DATA, 4)
        assert one["num_tokens"] <= 16
        assert one["model"] == str(trained.out("qlora evaluated"))


def test_tokens_trained_are_those_in_the_loss(trained: Trained) -> None:
    history = trained.state("qlora evaluated", 4)["log_history"]
    logged = [one["tokens/trainable"] for one in history if "loss" in one]
    kept = [trained.kept("qlora evaluated", step)[0] for step in (2, 4)]
    assert [one["tokens_trained"] for one in kept] == [logged[1], logged[3]]


def test_every_counts_steps_of_its_own(trained: Trained) -> None:
    names = [f"step-00000{step}.jsonl" for step in range(5)]
    assert trained.steps("full evaluated") == names


def test_two_processes_see_what_one_sees(trained: Trained) -> None:
    assert trained.ended["two"].returncode == 0, trained.ended["two"].stderr[-3_000:]
    first, alone = (
        [{**one, "model": None} for one in trained.kept(name, 0)]
        for name in ("two", "qlora evaluated")
    )
    assert first == alone
    one, two = (
        trained.metrics(name, step, 0)
        for name, step in (("qlora evaluated", 4), ("two", 1))
    )
    assert one == two
    assert one["eval_explain/long/num_rows"] == 8
    assert len(trained.kept("two", 1)) == 8
    # The two trained together: a step takes twice the rows.
    alone_at = trained.state("qlora evaluated", 2)["epoch"]
    assert trained.state("two", 1)["epoch"] == alone_at


def test_the_best_model_is_picked_by_a_generated_metric(trained: Trained) -> None:
    name = "qlora evaluated"
    state = trained.state(name, 4)
    first, second = (
        trained.metrics(name, 4, step)["eval_explain/long/tokens_per_completion"]
        for step in (2, 4)
    )
    assert second <= first, "the runs were made so that step 2 is the best"
    assert state["best_metric"] == first
    assert state["best_model_checkpoint"] == str(trained.checkpoint(name, 2))
    assert trained.weights(name, None) == trained.weights(name, 2)


def test_training_stops_early_by_a_generated_metric(trained: Trained) -> None:
    assert trained.checkpoint("qlora", 6).is_dir()
    assert not trained.checkpoint("qlora evaluated", 6).exists()


def test_tokens_are_counted_on_from_the_checkpoint_and_no_other(tmp_path: Path) -> None:
    for step, count in ((2, 1555), (4, 3123)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        counts = {"total": 2 * count, "trainable": count}
        (folder / "tokens_state.json").write_text(json.dumps(counts))
    state = SimpleNamespace(global_step=2)
    restore_tokens(tmp_path, state)
    assert state.tokens == {"total": 3110, "trainable": 1555}
    state.global_step = 4
    restore_tokens(tmp_path, state)
    assert state.tokens["trainable"] == 1555
    fresh = SimpleNamespace(global_step=0)
    restore_tokens(tmp_path, fresh)
    assert not hasattr(fresh, "tokens")


def test_a_resumed_run_neither_repeats_nor_loses_evaluations(trained: Trained) -> None:
    assert trained.ended["resumed"].returncode == 0
    assert trained.steps("resumed") == [
        "earlier",
        *(f"step-00000{step}.jsonl" for step in range(5)),
    ]
    for step in (0, 1, 2):
        metrics = trained.metrics("full evaluated", 4, step)
        assert trained.metrics("resumed", 4, step) == metrics
    assert trained.metrics("resumed", 4, 4)["eval_explain/long/num_rows"] == 8
    assert {one["step"] for one in trained.kept("resumed", 4)} == {4}
    # Batches of packed rows are others after resuming, so counts are near each other.
    counted = {
        name: trained.kept(name, 4)[0]["tokens_trained"]
        for name in ("full evaluated", "resumed")
    }
    assert counted["resumed"] == pytest.approx(counted["full evaluated"], rel=0.1)
    kept = trained.out("resumed") / "explain_evaluation/step-000002.jsonl"
    assert kept.stat().st_mtime_ns == trained.stamp


def test_the_trained_model_says_afterwards_what_it_said_while_it_trained(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    name = "full evaluated"
    recipe = yaml.safe_load((trained.folder / f"{name}.yml").read_text("utf-8"))
    cfg = load_config(recipe, str(trained.out(name)))
    model, tokenizer = load_model(cfg)
    evaluator = Evaluator(model, tokenizer, load_strategy(cfg, tokenizer, DATA))
    rows = (ROOT / DATA).read_text("utf-8").splitlines()
    for one in trained.kept(name, 4):
        example = Example.from_row(json.loads(rows[one["row"] - 1]))
        (said,) = evaluator.complete("long", [example], max_new_tokens=16)
        assert said.completion == one["completion"]
