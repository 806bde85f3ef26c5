"""Settings: what travels inside a dataset entry arrives as it left."""

from __future__ import annotations

import json
from importlib.metadata import version

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
)


def test_settings_survive_the_journey_inside_an_entry() -> None:
    assert from_entry({CARRIER: SETTINGS.to_json()}) == SETTINGS


def test_the_same_settings_are_the_same_text() -> None:
    swapped = DatasetSettings(
        options=ExplainOptions(**dict(reversed(SETTINGS.options.model_dump().items()))),
        asks_for_level=True,
        split="test",
        files={"a.csv": "1", "b.csv": "2"},
    )
    assert swapped.to_json() == SETTINGS.to_json()


def test_the_text_holds_the_version_of_the_package() -> None:
    assert json.loads(SETTINGS.to_json())["axolotl_explain"] == version(
        "axolotl-explain"
    )


def test_every_option_changes_the_text() -> None:
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
        "derive_levels": {"by": "steps"},
        "filter": "consistent",
        "coverage": 0.5,
        "control": "mismatched",
        "max_target_tokens": 64,
        "line_break": " ; ",
    }
    assert set(changes) == set(ExplainOptions.model_fields)
    texts = {
        DatasetSettings(ExplainOptions(**{key: value})).to_json()
        for key, value in changes.items()
    }
    assert (
        len(texts | {DatasetSettings(ExplainOptions()).to_json()}) == len(changes) + 1
    )


@pytest.mark.parametrize("carried", [None, "", "Q: {q}", '{"a": 1}', {"a": 1}, 3])
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
