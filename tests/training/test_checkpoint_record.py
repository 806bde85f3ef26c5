"""Checkpoints say what they were trained on, and no other recipe goes on from them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axolotl.utils.dict import DictDefault

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.training.checkpoint_record import (
    RECORD,
    RecordTraining,
    record_of,
    refuse_other_checkpoint,
)
from axolotl_explain.training.no_step import RefuseNoStep


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("one")
    Path("out/checkpoint-2").mkdir(parents=True)
    Path("out/checkpoint-10").mkdir()


def config(path: str = "a.jsonl", **keys: Any) -> Any:
    entry = {"path": path, "type": "axolotl_explain.instruct"}
    cfg = DictDefault({"datasets": [entry], "output_dir": "out", "seed": 1, **keys})
    install_settings(cfg)
    return cfg


def keep(cfg: Any, step: int) -> None:
    """As the trainer does after it wrote a checkpoint."""
    args = SimpleNamespace(output_dir="out")
    state = SimpleNamespace(global_step=step, is_world_process_zero=True)
    RecordTraining(record_of(cfg)).on_save(args, state, None)


def refused(cfg: Any) -> str:
    try:
        refuse_other_checkpoint(cfg)
    except ExplainError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"num_epochs": 9, "learning_rate": 0.1}, ""),
        ({"explain": {"level": "none"}}, "explain.level was 'long', is 'none'"),
        ({"explain": {"order": "answer_first"}}, "explain.order was 'explanation_f"),
        ({"tokens": ["<a>"]}, "tokens was None, is ['<a>']"),
        ({"val_set_size": 0.1}, "val_set_size was None, is 0.1"),
        ({"explain": {"loss": {}}}, "explain.loss was None, is 'exact'"),
    ],
)
def test_the_last_checkpoint_is_resumed_by_the_recipe_that_made_it_alone(
    changes: dict[str, Any], words: str
) -> None:
    keep(config(explain={"level": "none"}), 2)
    keep(config(), 10)
    message = refused(config(auto_resume_from_checkpoints=True, **changes))
    assert bool(message) is bool(words)
    assert words in message
    if words:
        assert message.startswith("auto_resume_from_checkpoints: out/checkpoint-10 was")


def test_another_loss_is_refused_and_the_same_in_other_words_is_not() -> None:
    weights = {"explanation": 0.3}
    ramp = {"schedule": {"explanation": {"to": 0.0}}}
    keep(config(explain={"loss": {"weights": weights}}), 10)
    keys = {"auto_resume_from_checkpoints": True}
    same = {"loss": {"weights": {**weights, "answer": 1, "end": 1.0}}}
    other = {"loss": {"weights": {**weights, "answer": 2}}}
    ramped = {"loss": {"weights": weights, **ramp}}
    for explain, words in (
        (same, ""),
        (other, "explain.loss.weights.answer was 1.0, is 2.0"),
        ({}, "explain.loss was 'exact', is None"),
        (ramped, "explain.loss.schedule.explanation was None, is [0.0"),
    ):
        message = refused(config(explain=explain, **keys))
        assert words in message
        assert bool(words) is bool(message)


def test_a_checkpoint_that_says_nothing_of_the_loss_is_resumed() -> None:
    cfg = config(explain={"loss": {}}, auto_resume_from_checkpoints=True)
    record = record_of(cfg)
    record = {key: one for key, one in record.items() if "loss" not in key}
    Path("out/checkpoint-10", RECORD).write_text(json.dumps(record))
    assert refused(cfg) == ""


def test_a_checkpoint_that_is_named_is_compared() -> None:
    keep(config(explain={"level": "none"}), 2)
    keep(config(), 10)
    message = refused(config(resume_from_checkpoint="out/checkpoint-2"))
    assert message.startswith("resume_from_checkpoint: out/checkpoint-2 was trained on")


def test_another_content_is_other_data_and_another_place_is_not() -> None:
    keep(config(), 10)
    Path("b.jsonl").write_text("one")
    assert not refused(config("b.jsonl", auto_resume_from_checkpoints=True))
    Path("b.jsonl").write_text("two")
    message = refused(config("b.jsonl", auto_resume_from_checkpoints=True))
    assert "datasets[0]: content of the files differs" in message


def test_nothing_is_compared_where_training_starts_anew() -> None:
    keep(config(explain={"level": "none"}), 10)
    assert not refused(config())


def test_a_checkpoint_without_a_record_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "axolotl_explain.training.checkpoint_record.LOG.warning", told.append
    )
    assert not refused(config(auto_resume_from_checkpoints=True))
    assert RECORD in told[0]


def test_a_record_is_plain_json() -> None:
    cfg = config(explain={"level": {"none": 1, "long": 3}})
    assert json.loads(json.dumps(record_of(cfg))) == record_of(cfg)


@pytest.mark.parametrize(
    ("packing", "begin"), [(True, "sample_packing:"), (False, "micro_batch_size:")]
)
def test_an_end_without_a_step_is_refused_before_anything_is_saved(
    packing: bool, begin: str
) -> None:
    callback = RefuseNoStep(packing)
    with pytest.raises(ExplainError, match=begin):
        callback.on_epoch_end(None, SimpleNamespace(global_step=0), None)
    with pytest.raises(ExplainError, match=begin):
        callback.on_train_end(None, SimpleNamespace(global_step=0), None)
    callback.on_train_end(None, SimpleNamespace(global_step=1), None)
