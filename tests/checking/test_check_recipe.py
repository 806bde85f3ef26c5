"""A check as a whole: shipped recipes, datasets together, what it leaves out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.dataset_scan import DatasetScan, ScanContext
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.finding import Finding, FindingCollector, exit_code
from axolotl_explain.cli import main
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.scratch_model import MANIFEST
from axolotl_explain.support.shipped import SWEEPS
from axolotl_explain.training.strategy import make_planner
from tests.checking.planted import (
    LORA,
    ROOT,
    Fault,
    common,
    plant,
    stock_row,
    write_rows,
)

SHIPPED = [
    path
    for path in sorted((ROOT / "recipes").rglob("*.yml"))
    if path.parent.name not in SWEEPS
]
SHIFTY = (
    "{% for m in messages %}{{ m.role }}{{ messages|length }}: {{ m.content }}"
    "<|im_end|>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a recipe makes goes into a folder like the repository's root."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)


def checked(model: Path, entry: dict[str, Any], **keys: Any) -> dict[str, Finding]:
    """Findings by code of a recipe with one dataset."""
    entry = {"path": "train.jsonl", "type": "axolotl_explain.instruct", **entry}
    recipe = {**common(model), "datasets": [entry], **keys}
    file = Path("recipe.yml")
    file.write_text(yaml.safe_dump(recipe), "utf-8")
    return {one.code: one for one in check_recipe(str(file)).findings}


def with_little_data(path: Path) -> Path:
    """A copy of a recipe that generates 300 rows of each kind at most."""
    recipe = yaml.safe_load(path.read_text("utf-8"))
    if "task_data" in recipe:
        sizes = recipe["task_data"]["sizes"]
        recipe["task_data"]["sizes"] = {name: min(n, 300) for name, n in sizes.items()}
    copy = Path(path.name)
    copy.write_text(yaml.safe_dump(recipe), "utf-8")
    return copy


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_has_no_error_and_no_warning(path: Path) -> None:
    result = check_recipe(str(with_little_data(path)))
    assert exit_code(result.findings, strict=True) == 0, result.findings
    assert sum(result.rows.values()) > 0


def test_a_copied_recipe_with_data_of_ones_own_passes() -> None:
    arguments = ["recipes", "copy", "qwen3/qlora-8b", "--model", "Qwen/Qwen3-4B"]
    arguments += [
        "--data",
        "examples/movie_genres",
        "--level",
        "all",
        "--out",
        "my.yml",
    ]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    result = check_recipe("my.yml")
    assert exit_code(result.findings, strict=True) == 0, result.findings
    assert result.rows == {
        "examples/movie_genres/train.jsonl": 128,
        "examples/movie_genres/test.jsonl": 32,
    }


def test_a_dataset_without_rows_is_an_error() -> None:
    found, options = FindingCollector(), ExplainOptions()
    shared = ScanContext(found, Duplicates(found), ())
    planner = make_planner("rows", options)
    DatasetScan("rows", DatasetSettings(options), planner, None, shared).finish()
    assert [one.code for one in found.list()] == ["no-rows"]


def test_a_dataset_of_which_nothing_fits_is_an_error(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0), stock_row(1)])
    found = checked(model, {}, sequence_len=16)
    assert found["nothing-left"].message == "of 2 rows none is left."
    assert found["too-long-dropped"].message.startswith(
        "2 of 2 training rows (100.0%) dropped: longer than sequence_len; the longest "
    )


def test_rows_that_are_shortened_are_a_note(model: Path) -> None:
    long = {"explanations": {"long": "One more jar is counted. " * 200}}
    rows = [stock_row(n) | (long if n < 2 else {}) for n in range(24)]
    write_rows(Path("train.jsonl"), rows)
    found = checked(model, {"explain": {"on_too_long": "shorten"}})
    assert found["too-long-shortened"].severity == "note"
    assert found["too-long-shortened"].rows == (1, 2)


def test_a_template_of_another_tokenizer_is_refused(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0)])
    entry = {"type": "axolotl_explain.chat"}
    found = checked(model, entry, chat_template="llama3")
    assert "bos_token" in found["strategy-refuses"].message


def test_a_template_that_rewrites_its_prompt_is_found_by_row(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0), stock_row(1)])
    entry = {"type": "axolotl_explain.chat"}
    found = checked(model, entry, chat_template="jinja", chat_template_jinja=SHIFTY)
    assert found["row-unwritable"].rows == (1, 2)


def test_data_that_cannot_be_generated_is_an_error(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0)])
    block = {"folder": "made", "task": "listops", "options": {"depth": "deep"}}
    assert "depth" in checked(model, {}, task_data=block)["made-data"].message


def test_bad_rows_of_a_preset_are_a_note_by_reason(model: Path) -> None:
    rows = [
        {
            "question": f"Are {n} or {n + 1} hens here?",
            "answer": f"I see {n} of the {n + 1}.\n#### {n}",
        }
        for n in range(24)
    ]
    rows[1] = {"question": "How many sit?", "answer": "Nobody counted them."}
    write_rows(Path("train.jsonl"), rows)
    found = checked(model, {"explain": {"preset": "gsm8k"}})
    assert found["row-skipped"].rows == (2,)
    assert not [one for one in found.values() if one.severity != "note"]


def test_a_switch_that_fails_on_many_rows_is_a_warning_on_few_a_note(
    model: Path,
) -> None:
    for failing, expected in ((2, "rows-changed"), (3, "rows-often-changed")):
        one_step = {"explanations": {"long": "They are counted one by one"}}
        rows = [stock_row(n) | (one_step if n < failing else {}) for n in range(24)]
        write_rows(Path("train.jsonl"), rows)
        entry = {"explain": {"control": "shuffle_steps"}}
        entry |= {"path": "train.jsonl", "type": "axolotl_explain.instruct"}
        recipe = {**common(model), "datasets": [entry]}
        Path("recipe.yml").write_text(yaml.safe_dump(recipe), "utf-8")
        (found,) = (
            one
            for one in check_recipe("recipe.yml").findings
            if "could not change" in one.message
        )
        assert (found.code, found.num_rows) == (expected, failing)


def test_preference_data_of_axolotl_s_own_types_are_no_error(model: Path) -> None:
    pair = {"system": "", "question": "3 + 4?", "chosen": "7", "rejected": "8"}
    write_rows(Path("pairs.jsonl"), [pair] * 4)
    entry = {"path": "pairs.jsonl", "ds_type": "json", "split": "train"}
    for kind, expected in (("chatml.intel", "note"), ("chatml.intle", "error")):
        found = checked(model, {**entry, "type": kind}, rl="dpo", val_set_size=0.25)
        assert {one.severity for one in found.values()} - {"note"} == (
            set() if expected == "note" else {"error"}
        )
        assert ("type-unknown" in found) == (expected == "error")


def test_one_dataset_may_repeat_another_in_training(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0), stock_row(1)])
    entry = {"path": "train.jsonl", "type": "axolotl_explain.instruct"}
    short = {**entry, "explain": {"level": "short"}}
    found = checked(model, {}, datasets=[entry, short])
    assert [one.severity for one in found.values()] == ["note"]


def test_without_its_tokenizer_texts_are_checked_all_the_same(model: Path) -> None:
    row = {**stock_row(1), "instruction": "Hello<|im_end|>"}
    write_rows(Path("train.jsonl"), [stock_row(0), row])
    found = checked(model, {}, base_model="nobody/has-this-model")
    assert found["tokenizer-unavailable"].severity == "note"
    assert found["special-token-in-data"].rows == (2,)


def test_a_dataset_that_is_not_here_is_left_out_with_a_note(model: Path) -> None:
    found = checked(model, {"path": "nobody/has-these-rows"})
    assert found["data-unavailable"].severity == "note"
    assert not [one for one in found.values() if one.severity != "note"]


def test_types_of_axolotl_are_known_and_left_unread(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0)])
    ours = {"path": "train.jsonl", "type": "axolotl_explain.instruct"}
    for kind in ("alpaca", "chat_template", "alpaca:chat", "input_output"):
        found = checked(model, {}, datasets=[ours, {**ours, "type": kind}])
        assert kind in found["other-strategy"].message
        assert "type-unknown" not in found


def test_a_recipe_for_a_gpu_is_checked_for_one(model: Path, tmp_path: Path) -> None:
    fused = {**LORA, "lora_o_kernel": True, "bf16": True}
    file = plant(tmp_path, model, Fault("none", twin=fused), twin=True)
    result = check_recipe(str(file))
    assert result.machine == "gpu"
    assert exit_code(result.findings, strict=True) == 0
    on_cpu = check_recipe(str(file), machine="cpu").findings
    assert "kernels-need-gpu" in [one.code for one in on_cpu]


def test_progress_goes_through_all_rows(model: Path, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    file = plant(tmp_path, model, Fault("none"), twin=True)
    check_recipe(str(file), progress=lambda *step: said.append(step))
    assert ("checking train.jsonl", 0, 24) in said
    assert ("checking test.jsonl", 0, 8) in said


def lowering(model: Path) -> Path:
    """A copy of a model whose tokenizer lowers all letters."""
    shutil.copytree(model, "lowering")
    file = Path("lowering/tokenizer.json")
    whole = json.loads(file.read_text("utf-8"))
    whole["normalizer"] = {"type": "Lowercase"}
    file.write_text(json.dumps(whole), "utf-8")
    return Path("lowering")


def test_what_the_tokenizer_changes_is_an_error(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0), {**stock_row(1), "answer": "26 A"}])
    lower = lowering(model)
    found = checked(lower, {})
    assert "comes back from the tokenizer" in found["marker-changed"].message
    found = checked(lower, {"explain": {"answer_marker": "answer: "}})
    assert "marker-changed" not in found
    assert found["answer-not-extractable"].rows == (2,)


def test_an_instruct_recipe_of_a_model_that_chats_is_a_note(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0)])
    code, chat = "chat-model-as-instruct", {"type": "axolotl_explain.chat"}
    assert code not in checked(model, {})
    bought = shutil.copytree(model, "bought", ignore=lambda *_: [MANIFEST])
    assert checked(bought, {})[code].where == "datasets[0]"
    assert code not in checked(bought, chat)


def test_an_end_that_is_not_eos_is_a_note(model: Path) -> None:
    write_rows(Path("train.jsonl"), [stock_row(0)])
    keys = {"special_tokens": {"eos_token": "<|pad|>"}}
    found = checked(model, {"type": "axolotl_explain.chat"}, **keys)
    assert "'<|im_end|>'" in found["end-not-eos"].message
