"""metrics.json says the weights of the loss that a model was trained with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from axolotl_explain.core.loss_weights import EQUAL, LossWeights
from axolotl_explain.evaluation.trained_loss import trained_loss
from axolotl_explain.training.loss_record import RECORD, loss_record
from tests.evaluation.test_other_recipe import model

TENTH = {"explain": {"loss": {"weights": {"explanation": 0.1}}}}


def test_what_the_training_kept_comes_first(tmp_path: Path) -> None:
    record = loss_record(LossWeights({**EQUAL, "explanation": 0.25}))
    (tmp_path / RECORD).write_text(json.dumps(record))
    found = trained_loss(TENTH, str(tmp_path))["loss_weights"]
    assert found["source"] == "training"
    assert found["weights"]["explanation"] == 0.25


def test_the_recipe_in_the_model_card_comes_before_that_of_the_evaluation(
    tmp_path: Path,
) -> None:
    trained: dict[str, Any] = {
        "explain": {"loss": {"weights": {"answer": 2.0}}},
        "train_on_inputs": True,
    }
    found = trained_loss(TENTH, model(tmp_path, trained))["loss_weights"]
    assert found["source"] == "recipe"
    assert found["weights"] == {**EQUAL, "prompt": 1.0, "answer": 2.0}
    assert trained_loss(TENTH, model(tmp_path, {"explain": {"level": "long"}})) == {}


def test_a_recipe_says_its_weights_and_its_schedule(tmp_path: Path) -> None:
    fade = {"explanation": {"to": 0.0, "start": 0.5}}
    loss = {**TENTH["explain"]["loss"], "schedule": fade}
    found = trained_loss({"explain": {"loss": loss}}, str(tmp_path))["loss_weights"]
    assert found["weights"] == {**EQUAL, "explanation": 0.1}
    assert found["schedule"] == {"explanation": {"to": 0.0, "start": 0.5, "end": 1.0}}
    assert found["tokens"] is None


def test_weights_that_follow_from_the_data_are_left_open(tmp_path: Path) -> None:
    recipe = {"explain": {"loss": {"share": {"answer": 0.5}}}}
    assert trained_loss(recipe, str(tmp_path)) == {
        "loss_weights": {
            "source": "recipe",
            "weights": None,
            "wanted_shares": {"answer": 0.5},
        }
    }


def test_a_model_without_weights_has_no_entry(tmp_path: Path) -> None:
    assert trained_loss({"explain": {"level": "long"}}, str(tmp_path)) == {}
    assert trained_loss(TENTH, None) == {}
