"""explain.json is read back as it was written, or says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axolotl.utils.dict import DictDefault

from axolotl_explain.recipe.entry_options import training_options
from axolotl_explain.recipe.explain_file import (
    ExplainFile,
    find_explain_file,
    read_explain_file,
    write_explain_file,
)
from axolotl_explain.recipe.folder_recipe import folder_recipe, recipe_of
from tests.fixtures.bench import refusal

CONTENT: dict[str, Any] = {
    "type": "axolotl_explain.instruct",
    "base_model": "outputs/base",
    "adapter": "lora",
    "levels": ("none", "long"),
    "asks_for_level": True,
    "requests": {"long": "Say more."},
    "level_requests": {"long": "Say more."},
    "template": "Q: {{ instruction }}\nA: ",
    "end_ids": (3,),
    "end_tokens": ("</s>",),
    "rows": {"preset": "gsm8k", "seed": 4},
    "loading": {"sequence_len": 77, "dtype": "bfloat16"},
}


def file(folder: Path, **changes: Any) -> ExplainFile:
    content = ExplainFile(**{**CONTENT, **changes})
    write_explain_file(folder, content)
    return content


def test_what_is_written_is_read_also_from_a_folder_inside(tmp_path: Path) -> None:
    content = file(tmp_path)
    assert read_explain_file(tmp_path) == content
    for inside in ("checkpoint-3", "merged"):
        (tmp_path / inside).mkdir()
        assert read_explain_file(tmp_path / inside) == content


def test_mappings_of_axolotl_are_written_as_any_other(tmp_path: Path) -> None:
    tokens = DictDefault({"pad_token": "<pad>", "lists": [{"a": 1}]})
    file(tmp_path, loading={"special_tokens": tokens}, chat_template_kwargs=tokens)
    found = read_explain_file(tmp_path)
    assert found.loading == {"special_tokens": tokens.to_dict()}
    assert found.chat_template_kwargs == tokens.to_dict()


def test_a_folder_without_one_says_what_to_name(tmp_path: Path) -> None:
    assert find_explain_file(tmp_path) is None
    message = refusal(read_explain_file, tmp_path)
    assert message.startswith(f"{tmp_path}: the folder has no explain.json")
    assert "the recipe of its training" in message
    assert refusal(read_explain_file, tmp_path / "no") == (
        f"{tmp_path / 'no'}: there is no such folder."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "one"}, "format: 'one' is no number"),
        ({"type": "axolotl_explain.poem"}, "type: Input should be"),
        ({"base_model": None}, "base_model: Input should be a valid string"),
        ({"levels": ["longest"]}, "levels.0: Input should be"),
        ({"answer_marker": ""}, "answer_marker: Value error, the answer marker ''"),
    ],
)
def test_a_damaged_file_is_named_with_its_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    file(tmp_path)
    path = tmp_path / "explain.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    message = refusal(read_explain_file, tmp_path)
    assert message.startswith(f"{path}: {said}")
    assert message.endswith("restore it, or name the recipe of the training.")


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00\x01"])
def test_what_is_no_object_is_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / "explain.json").write_text(text)
    assert "so the file is damaged" in refusal(read_explain_file, tmp_path)


def test_a_later_format_asks_for_an_upgrade_and_names_who_wrote_it(
    tmp_path: Path,
) -> None:
    file(tmp_path, format=2, axolotl_explain="9.9")
    message = refusal(read_explain_file, tmp_path)
    assert "format 2 is later than 1" in message
    assert "axolotl-explain 9.9 wrote it" in message
    assert message.endswith("upgrade axolotl-explain.")


def test_a_field_of_a_later_version_is_left_out(tmp_path: Path) -> None:
    content = file(tmp_path)
    path = tmp_path / "explain.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mood": "good"}))
    assert read_explain_file(tmp_path) == content


def test_its_recipe_asks_as_it_says() -> None:
    recipe = recipe_of(ExplainFile(**CONTENT))
    (options,) = training_options(recipe)
    assert options.requests(True)["long"] == "Say more."
    assert options.levels_in_play == {"none", "long"}
    assert (options.template, options.preset) == (CONTENT["template"], "gsm8k")
    assert (recipe["sequence_len"], recipe["bf16"], recipe["fp16"]) == (
        77,
        "auto",
        False,
    )


def test_a_base_model_is_found_above_a_folder_that_was_moved_with_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "elsewhere" / "outputs" / "run"
    folder.mkdir(parents=True)
    file(folder)
    assert folder_recipe(str(folder))["base_model"] == "outputs/base"
    base = tmp_path / "elsewhere" / "outputs" / "base"
    base.mkdir()
    assert folder_recipe(str(folder))["base_model"] == str(base)
    assert folder_recipe(str(folder), "there")["base_model"] == "there"


def test_a_folder_decides_about_no_code(tmp_path: Path) -> None:
    file(tmp_path, loading={"plugins": ["evil.Plugin"], "sequence_len": 77})
    assert folder_recipe(str(tmp_path))["plugins"] == ["axolotl_explain.ExplainPlugin"]
    file(tmp_path, loading={"trust_remote_code": True})
    said = refusal(folder_recipe, str(tmp_path))
    assert "trust_remote_code: true" in said
    assert "--recipe recipe.yml" in said
    assert "trust_remote_code" not in recipe_of(read_explain_file(tmp_path))
