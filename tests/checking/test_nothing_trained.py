"""Recipes that train nothing, less than their author thinks, or on from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.finding import Finding
from axolotl_explain.training.checkpoint_record import RECORD, record_of
from axolotl_explain.training.validate import validated_config
from tests.checking.planted import LORA, Fault, Rows, plant, write_rows
from tests.fixtures.tiny_llama import make_llama


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(
    model: Path, removed: str = "", rows: Rows | None = None, **keys: Any
) -> dict[str, Finding]:
    """Code -> its first finding, of a clean recipe with other keys."""
    path = plant(Path(), model, Fault("", keys), twin=False)
    recipe = yaml.safe_load(path.read_text())
    recipe.pop(removed, None)
    path.write_text(yaml.safe_dump(recipe))
    if rows is not None:
        write_rows(Path("train.jsonl"), rows)
    findings = check_recipe(str(path)).findings
    return {one.code: one for one in reversed(findings)}


@pytest.mark.parametrize(("size", "refused"), [(24, True), (1, True), (23, False)])
def test_a_validation_set_that_leaves_nothing_to_train_is_an_error(
    model: Path, size: int, refused: bool
) -> None:
    found = checked(model, "test_datasets", val_set_size=size)
    assert ("val-set-too-large" in found) is refused
    if refused:
        assert "all of the 24 problems" in found["val-set-too-large"].message


def test_a_share_for_validation_and_all_levels_have_no_finding(model: Path) -> None:
    found = checked(model, "test_datasets", val_set_size=0.2, explain={"level": "all"})
    assert set(found) <= {"near-duplicates"}


@pytest.mark.parametrize(("lacking", "warned"), [(2, False), (3, True)])
def test_a_tenth_of_the_rows_without_their_level_is_a_note_and_more_a_warning(
    model: Path, lacking: int, warned: bool
) -> None:
    plant(Path(), model, Fault(""), twin=True)
    rows = [json.loads(line) for line in Path("train.jsonl").read_text().splitlines()]
    for row in rows[:lacking]:
        del row["explanations"]["long"]
    explain = {"on_missing_level": "nearest"}
    found = checked(model, rows=rows, explain=explain)
    code = "level-often-replaced" if warned else "level-replaced"
    assert found[code].num_rows == lacking
    assert (found[code].severity == "warning") is warned


def test_rows_skipped_by_a_preset_are_a_warning_with_their_share(model: Path) -> None:
    rows = [
        {
            "question": f"What is {n} + 1?",
            "answer": "One more." + f"\n#### {n + 1}" * (n < 2),
        }
        for n in range(20)
    ]
    found = checked(model, rows=rows, explain={"preset": "gsm8k"})
    assert found["many-rows-skipped"].message.startswith("18 of 20 rows (90.0%)")


@pytest.mark.parametrize(("level", "repeated"), [("long", 24), ("short", 0)])
def test_a_file_that_is_listed_twice_is_a_warning_unless_at_another_level(
    model: Path, level: str, repeated: int
) -> None:
    path = plant(Path(), model, Fault(""), twin=True)
    recipe = yaml.safe_load(path.read_text())
    (entry,) = recipe["datasets"]
    recipe["datasets"].append({**entry, "explain": {"level": level}})
    path.write_text(yaml.safe_dump(recipe))
    found = {one.code: one for one in check_recipe(str(path)).findings}
    assert ("duplicate-rows" in found) is bool(repeated)
    if repeated:
        assert found["duplicate-rows"].num_rows == repeated
        assert "another dataset (train.jsonl, row 1)" in found["duplicate-rows"].message


def mixture(folder: Path) -> Path:
    experts = {"moe_intermediate_size": 16, "num_experts": 4, "num_experts_per_tok": 2}
    heads = {"num_key_value_heads": 1, "head_dim": 16}
    return make_llama(folder, model_type="qwen3_moe", **experts, **heads)


PARTS = ["q_proj", "gate_proj", "up_proj", "down_proj"]
TARGETS = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]


@pytest.mark.parametrize(
    ("keys", "frozen"),
    [
        ({}, True),
        ({"lora_target_parameters": TARGETS}, False),
        ({"lora_target_linear": False, "lora_target_modules": ["q_proj"]}, False),
        # PEFT itself finds the experts by the names of their parts.
        ({"lora_target_linear": False, "lora_target_modules": PARTS}, False),
    ],
)
def test_experts_that_an_adapter_leaves_out_are_a_warning_with_the_key_to_set(
    keys: dict[str, Any], frozen: bool
) -> None:
    found = checked(mixture(Path("moe")), **{**LORA, "lora_dropout": 0.0, **keys})
    assert ("experts-frozen" in found) is frozen
    if frozen:
        assert f"[{', '.join(TARGETS)}]" in found["experts-frozen"].message


def test_a_part_of_a_fused_layer_is_an_error_as_it_is_in_training() -> None:
    keys = {"lora_target_linear": False, "lora_target_modules": ["up_proj"]}
    found = checked(mixture(Path("moe")), **{**LORA, "lora_dropout": 0.0, **keys})
    assert "without also targeting gate_proj" in found["axolotl-refuses"].message


@pytest.mark.parametrize(("tie", "lost"), [(True, True), (False, False)])
def test_lora_on_a_shared_head_is_a_warning_that_no_merge_is_right(
    tie: bool, lost: bool
) -> None:
    keys = {**LORA, "lora_target_modules": ["q_proj", "lm_head"]}
    found = checked(make_llama(Path("tied"), tie_word_embeddings=tie), **keys)
    assert ("adapter-not-mergeable" in found) is lost


@pytest.mark.parametrize(("level", "refused"), [("short", True), ("long", False)])
def test_a_checkpoint_of_another_level_is_an_error(
    model: Path, level: str, refused: bool
) -> None:
    path = plant(Path(), model, Fault(""), twin=True)
    before = {**yaml.safe_load(path.read_text()), "explain": {"level": "long"}}
    record = record_of(validated_config(before, "cpu"))
    Path("out/checkpoint-4").mkdir(parents=True)
    Path("out/checkpoint-4", RECORD).write_text(json.dumps(record))
    keys = {"explain": {"level": level}, "auto_resume_from_checkpoints": True}
    found = checked(model, **keys)
    assert ("checkpoint-of-other-data" in found) is refused
    if refused:
        message = found["checkpoint-of-other-data"].message
        assert "datasets[0].explain.level was 'long', is 'short'" in message
        assert "base_model: out/checkpoint-4" in message
