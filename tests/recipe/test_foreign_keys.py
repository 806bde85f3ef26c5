"""Keys that Axolotl's own types read: ours do the same by them, or refuse them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axolotl.utils.schemas.datasets import SFTDataset, UserDefinedPrompterType

from axolotl_explain.core.errors import UnreadKeys
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.recipe.foreign_entry_keys import READ, READ_BY_CHAT, RULES
from axolotl_explain.recipe.install import install_settings

INSTRUCT, CHAT = "axolotl_explain.instruct", "axolotl_explain.chat"


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("a")


def refusals(type: str = CHAT, explain: Any = None, **keys: Any) -> tuple[str, ...]:
    """The messages that a recipe with such an entry is refused with; none if it is
    not."""
    entry = {"path": "a.jsonl", "type": type, "explain": explain or {}, **keys}
    try:
        install_settings({"datasets": [entry]})
    except UnreadKeys as error:
        return error.refusals
    return ()


def test_every_key_of_axolotl_s_entries_is_read_or_has_a_rule() -> None:
    known = {*SFTDataset.model_fields, *UserDefinedPrompterType.model_fields}
    assert known - READ - READ_BY_CHAT - {*RULES} == set()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train_on_eos", "none"),
        ("train_on_eos", "all"),
        ("train_on_eot", "none"),
        ("train_on_inputs", True),
        ("roles_to_train", ["user", "assistant"]),
        ("roles_to_train", []),
        ("message_field_training", "train"),
        ("message_field_training_detail", "spans"),
        ("field_messages", "dialog"),
        ("field_thinking", "thoughts"),
        ("field_human", "q"),
        ("message_property_mappings", {"role": "who"}),
        ("message_field_role", "who"),
        ("roles", {"assistant": ["robot"]}),
        ("drop_system_message", True),
        ("split_thinking", True),
        ("field_tools", "tools"),
        ("system_prompt", "Be brief."),
        ("conversation", "chatml"),
    ],
)
def test_a_key_that_would_do_nothing_is_refused_by_its_path(
    key: str, value: Any
) -> None:
    for kind in (CHAT, INSTRUCT):
        (message,) = refusals(kind, **{key: value})
        written = "true" if value is True else repr(value)
        assert message.startswith(f"datasets[0].{key}: {written} ")


@pytest.mark.parametrize(
    "keys",
    [
        {"train_on_eos": "turn"},
        {"train_on_eos": "last", "train_on_eot": "turn"},
        {"roles_to_train": ["assistant"]},
        {"drop_system_message": False, "split_thinking": None},
        {"message_property_mappings": {"role": "role", "content": "content"}},
        {"chat_template": "chatml", "template_thinking_key": "thinking"},
    ],
)
def test_a_key_that_says_what_is_done_anyway_is_allowed(keys: dict[str, Any]) -> None:
    assert refusals(**keys) == ()


@pytest.mark.parametrize(
    "keys",
    [
        {"field_messages": "messages"},
        {"message_field_training": "train"},
        {"field_thinking": "reasoning_content"},
        {"message_property_mappings": {"role": "from", "content": "value"}},
        {"message_field_role": "from", "message_field_content": "value"},
        {"roles": {"user": ["human"], "assistant": ["gpt", "model"]}},
    ],
)
def test_keys_of_conversations_are_allowed_where_they_are_read_so(
    keys: dict[str, Any],
) -> None:
    assert refusals(explain={"messages": {}}, **keys) == ()
    assert len(refusals(**keys)) == len(keys)


def test_the_column_of_conversations_may_be_named_twice_alike() -> None:
    named = {"messages": {"column": "dialog"}}
    assert refusals(explain=named, field_messages="dialog") == ()
    (message,) = refusals(explain=named, field_messages="messages")
    assert "column" in message


def test_all_keys_of_an_entry_are_named_at_once() -> None:
    found = refusals(train_on_eos="none", split_thinking=True)
    assert [one.partition(": ")[0] for one in found] == [
        "datasets[0].train_on_eos",
        "datasets[0].split_thinking",
    ]


def test_a_chat_template_of_an_instruct_entry_is_refused() -> None:
    (message,) = refusals(INSTRUCT, chat_template="chatml")
    assert "only axolotl_explain.chat" in message


def test_converting_by_a_recipe_refuses_what_training_does() -> None:
    entry = {"path": "a.jsonl", "type": CHAT, "field_messages": "dialog"}
    with pytest.raises(UnreadKeys, match="field_messages"):
        reading_options({"datasets": [entry]}, "a.jsonl")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("rl", kind) for kind in ("dpo", "ipo", "simpo", "orpo", "kto", "grpo")),
        ("reward_model", True),
        ("process_reward_model", True),
        ("skip_prepare_dataset", True),
    ],
)
def test_an_objective_without_its_columns_is_refused(key: str, value: Any) -> None:
    entry = {"path": "a.jsonl", "type": INSTRUCT}
    with pytest.raises(UnreadKeys) as caught:
        install_settings({key: value, "datasets": [entry]})
    assert str(caught.value).startswith(f"{key}: ")


def test_axolotl_s_own_types_keep_their_objectives_and_keys() -> None:
    entry = {"path": "a.jsonl", "type": "chatml.intel", "train_on_eos": "none"}
    assert install_settings({"rl": "dpo", "datasets": [entry]}) == 0


@pytest.mark.parametrize(
    ("strategy", "on_too_long", "fits"),
    [
        (None, "drop", True),
        ("drop", "drop", True),
        ("drop", "shorten", True),
        ("truncate", "shorten", True),
        ("truncate", "drop", False),
        ("raise", "error", True),
        ("raise", "drop", False),
        ("raise", "shorten", False),
    ],
)
def test_the_recipe_s_way_with_long_rows_agrees_with_the_datasets(
    strategy: str | None, on_too_long: str, fits: bool
) -> None:
    entry = {"path": "a.jsonl", "type": INSTRUCT}
    recipe: dict[str, Any] = {"datasets": [entry], "excess_length_strategy": strategy}
    recipe["explain"] = {"on_too_long": on_too_long}
    if fits:
        assert install_settings(recipe) == 1
        return
    with pytest.raises(UnreadKeys, match="excess_length_strategy"):
        install_settings(recipe)
