"""Settings: what travels inside a dataset entry arrives as it left."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import (
    CARRIER,
    PLUGIN_LINES,
    DatasetSettings,
    from_entry,
    is_settings,
)
from axolotl_explain.recipe.options import ExplainOptions

SETTINGS = DatasetSettings(
    options=ExplainOptions(
        level={"none": 1.0, "long": 3.0},
        answer_marker="答案：",
        template="{{ instruction }}\n",
        level_requests={"long": "More."},
        seed=3,
    ),
    asks_for_level=True,
    split="test",
    files={"b.csv": "2", "a.csv": "1"},
    eval_sequence_len=512,
)


def test_settings_survive_the_journey_inside_an_entry() -> None:
    assert from_entry({CARRIER: SETTINGS.to_json()}) == SETTINGS


def test_the_same_settings_are_the_same_text() -> None:
    swapped = DatasetSettings(
        options=ExplainOptions(**dict(reversed(SETTINGS.options.model_dump().items()))),
        asks_for_level=True,
        split="test",
        files={"a.csv": "1", "b.csv": "2"},
        eval_sequence_len=512,
    )
    assert swapped.to_json() == SETTINGS.to_json()


def test_the_text_holds_the_version_of_the_package() -> None:
    assert json.loads(SETTINGS.to_json())["axolotl_explain"] == version(
        "axolotl-explain"
    )


def test_what_travels_is_one_line_of_json_in_a_field_of_axolotls_own() -> None:
    assert CARRIER == "input_transform"
    assert json.loads(SETTINGS.to_json()) == {
        "axolotl_explain": version("axolotl-explain"),
        "options": SETTINGS.options.model_dump(),
        "asks_for_level": True,
        "split": "test",
        "files": {"a.csv": "1", "b.csv": "2"},
        "eval_sequence_len": 512,
        "held_out": False,
        "keeps_kinds": False,
        "other_keys": {},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"asks_for_level": True},
        {"split": "test"},
        {"files": {"a.csv": "1"}},
        {"eval_sequence_len": 9},
    ],
)
def test_whatever_else_changes_the_tokens_changes_the_text(
    change: dict[str, Any],
) -> None:
    plain = DatasetSettings(ExplainOptions())
    changed = DatasetSettings(ExplainOptions(), **change)
    assert changed.to_json() != plain.to_json()
    assert from_entry({CARRIER: changed.to_json()}) == changed


def test_prompts_say_the_level_only_where_they_are_to_ask_for_it() -> None:
    words = ExplainOptions(level_requests={"short": "Brief!"})
    assert DatasetSettings(words).requests == {}
    assert DatasetSettings(words, asks_for_level=True).requests["short"] == "Brief!"


def test_every_option_changes_the_text_and_arrives_as_it_left() -> None:
    changes = {
        "level": "short",
        "order": "answer_first",
        "answer_marker": "A: ",
        "on_missing_level": "drop",
        "on_too_long": "shorten",
        "level_request": "never",
        "level_requests": {"short": "Less."},
        "template": "{{ input }}",
        "system": "Be kind.",
        "thinking": True,
        "seed": 1,
        "preset": "gsm8k",
        "columns": {"long": "reason"},
        "messages": {"separator": "####"},
        "several_explanations": "each",
        "on_bad_row": "skip",
        "task_requests": {"predict": "Guess."},
        "derive_levels": {"by": "steps", "from": "long"},
        "filter": "consistent",
        "coverage": 0.5,
        "control": "mismatched",
        "max_target_tokens": 64,
        "line_break": " ; ",
    }
    assert set(changes) == set(ExplainOptions.model_fields)
    every = [
        DatasetSettings(ExplainOptions(**{key: value}))
        for key, value in changes.items()
    ]
    texts = {one.to_json() for one in every}
    assert [from_entry({CARRIER: one.to_json()}) for one in every] == every
    assert (
        len(texts | {DatasetSettings(ExplainOptions()).to_json()}) == len(changes) + 1
    )


@pytest.mark.parametrize(
    "carried", [None, "", "Q: {q}", '{"a": 1}', "for axolotl_explain", {"a": 1}, 3]
)
def test_what_others_wrote_is_no_settings(carried: object) -> None:
    assert not is_settings(carried)


def test_an_entry_without_settings_shows_the_lines_that_load_the_plugin() -> None:
    entry = {"path": "data/train.jsonl", "type": "axolotl_explain.chat"}
    with pytest.raises(ExplainError) as caught:
        from_entry(entry)
    message = str(caught.value)
    assert message.startswith("data/train.jsonl: type axolotl_explain.chat works only")
    assert PLUGIN_LINES in message
    assert "plugins:\n  - axolotl_explain.ExplainPlugin" in message
