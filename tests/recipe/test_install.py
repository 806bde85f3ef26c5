"""Recipes: blocks are checked and merged, and travel inside their entries."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import CARRIER, DatasetSettings, from_entry
from axolotl_explain.recipe.dataset_entries import reading_entry
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.recipe.install import install_settings

INSTRUCT, CHAT = "axolotl_explain.instruct", "axolotl_explain.chat"
SEQ2SEQ = "axolotl_explain.seq2seq"


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl", "c.tsv"):
        Path(name).write_text(name)


def entry(path: str = "a.jsonl", type: str = INSTRUCT, **keys: Any) -> dict[str, Any]:
    return {"path": path, "type": type, **keys}


def installed(recipe: dict[str, Any]) -> list[DatasetSettings]:
    """Settings of all entries, as a strategy reads them."""
    install_settings(recipe)
    entries = recipe.get("datasets", []) + recipe.get("test_datasets", [])
    return [from_entry(one) for one in entries]


def refusal(recipe: dict[str, Any]) -> str:
    """The message that a recipe is refused with."""
    with pytest.raises(ExplainError) as caught:
        install_settings(recipe)
    return str(caught.value)


def test_defaults_reach_every_entry_and_its_own_block_wins() -> None:
    first, second = installed(
        {
            "explain": {"level": "short", "order": "answer_first"},
            "datasets": [entry(), entry("b.jsonl", explain={"level": "medium"})],
        }
    )
    assert (first.options.level, first.options.order) == ("short", "answer_first")
    assert (second.options.level, second.options.order) == ("medium", "answer_first")


def test_weights_of_an_entry_replace_the_default_ones_as_a_whole() -> None:
    (settings,) = installed(
        {
            "explain": {"level": {"none": 1, "long": 3}},
            "datasets": [entry(explain={"level": {"short": 1}})],
        }
    )
    assert settings.options.level == {"short": 1.0}


def test_the_number_of_entries_of_our_types_is_returned() -> None:
    recipe = {
        "datasets": [entry(), {"path": "x", "type": "alpaca"}, entry(type=CHAT)],
        "test_datasets": [entry()],
    }
    assert install_settings(recipe) == 3


@pytest.mark.parametrize("recipe", [{}, {"datasets": None}, {"datasets": []}])
def test_a_recipe_without_our_datasets_is_left_alone(recipe: dict[str, Any]) -> None:
    before = copy.deepcopy(recipe)
    assert install_settings(recipe) == 0
    assert recipe == before


def test_entries_of_other_types_are_not_touched() -> None:
    other = {"path": "x", "type": "alpaca", "input_transform": "theirs"}
    recipe = {"datasets": [entry(), other]}
    install_settings(recipe)
    assert recipe["datasets"][1] == {
        "path": "x",
        "type": "alpaca",
        "input_transform": "theirs",
    }


def test_an_unknown_key_at_the_top_is_named_with_a_suggestion() -> None:
    message = refusal({"explain": {"levle": "long"}, "datasets": [entry()]})
    assert message.startswith("explain.levle: no such key; did you mean level?")


def test_an_unknown_key_of_an_entry_is_named_with_its_number() -> None:
    recipe = {"datasets": [entry(), entry(explain={"ordr": "answer_first"})]}
    message = refusal(recipe)
    assert message.startswith("datasets[1].explain.ordr: no such key; did you mean")
    assert "order?" in message


def test_an_unknown_key_of_a_test_entry_is_named_there() -> None:
    recipe = {"datasets": [entry()], "test_datasets": [entry(explain={"x": 1})]}
    assert refusal(recipe).startswith("test_datasets[0].explain.x: no such key")


def test_prompts_ask_for_levels_where_datasets_differ() -> None:
    differ = installed(
        {
            "datasets": [
                entry(explain={"level": "short"}),
                entry("b.jsonl", explain={"level": "long"}),
            ],
            "test_datasets": [entry(explain={"level": "long"})],
        }
    )
    assert [one.asks_for_level for one in differ] == [True, True, True]


def test_prompts_do_not_ask_where_all_datasets_train_one_level() -> None:
    same = installed({"datasets": [entry(), entry("b.jsonl")]})
    assert [one.asks_for_level for one in same] == [False, False]


def test_a_test_dataset_alone_does_not_make_prompts_ask() -> None:
    settings = installed(
        {"datasets": [entry()], "test_datasets": [entry(explain={"level": "all"})]}
    )
    assert [one.asks_for_level for one in settings] == [False, False]


@pytest.mark.parametrize(
    ("key", "value", "off"),
    [
        ("filter", "consistent", None),
        ("coverage", 0.5, 1.0),
        ("control", "mismatched", None),
    ],
)
def test_what_makes_an_arm_reaches_test_rows_from_their_own_block_alone(
    key: str, value: object, off: object
) -> None:
    train, test, own = installed(
        {
            "explain": {key: value, "seed": 3},
            "datasets": [entry()],
            "test_datasets": [entry(), entry("b.jsonl", explain={key: value})],
        }
    )
    assert [getattr(one.options, key) for one in (train, test, own)] == [
        value,
        off,
        value,
    ]
    assert [one.options.seed for one in (train, test, own)] == [3, 3, 3]


def test_entries_know_their_split() -> None:
    settings = installed({"datasets": [entry()], "test_datasets": [entry()]})
    assert [one.split for one in settings] == ["train", "test"]


def test_the_carrier_changes_with_the_content_of_the_file() -> None:
    def carried() -> str:
        recipe = {"datasets": [entry()]}
        install_settings(recipe)
        return str(recipe["datasets"][0][CARRIER])

    first = carried()
    Path("a.jsonl").write_text("changed")
    assert carried() != first
    Path("a.jsonl").write_text("a.jsonl")
    assert carried() == first


def test_one_file_with_two_options_has_two_carriers() -> None:
    recipe = {"datasets": [entry(), entry(explain={"order": "answer_first"})]}
    install_settings(recipe)
    one, other = (json.loads(data[CARRIER]) for data in recipe["datasets"])
    assert one["files"] == other["files"]
    assert one["options"] != other["options"]


def test_registering_a_prepared_recipe_again_changes_nothing() -> None:
    recipe = {
        "explain": {"level": "all"},
        "datasets": [entry(), entry("c.tsv", explain={"level": "long"})],
        "test_datasets": [entry("b.jsonl", type=CHAT)],
    }
    install_settings(recipe)
    before = copy.deepcopy(recipe)
    assert install_settings(recipe) == 3
    assert recipe == before


def test_a_block_below_another_type_is_refused_with_types_that_read_it() -> None:
    other = {"path": "a.jsonl", "type": "alpaca", "explain": {"level": "long"}}
    message = refusal({"datasets": [entry(), other]})
    assert message.startswith("datasets[1].explain: type 'alpaca' does not read it")
    assert INSTRUCT in message
    assert CHAT in message


@pytest.mark.parametrize("kind", ["axolotl_explain", "axolotl_explain.instrcut"])
def test_a_type_of_ours_that_does_not_exist_is_refused(kind: str) -> None:
    message = refusal({"datasets": [entry(type=kind)]})
    assert message.startswith(f"datasets[0].type: {kind!r} is no strategy")
    assert INSTRUCT in message


@pytest.mark.parametrize("as_list", [True, False])
def test_pretraining_data_is_refused_with_where_to_put_it(as_list: bool) -> None:
    block = [entry()] if as_list else entry()
    message = refusal({"pretraining_dataset": block})
    assert message.startswith("pretraining_dataset[0].type: ")
    assert "under datasets: and set streaming: true" in message


@pytest.mark.parametrize("name", ["datasets", "test_datasets"])
def test_a_missing_file_names_entry_path_and_where_paths_start(name: str) -> None:
    message = refusal({name: [entry(), entry("gone.jsonl")]})
    assert message.startswith(f"{name}[1].path: there is no file gone.jsonl; ")
    assert "the folder that the command is run in" in message


def test_a_missing_data_file_names_its_key() -> None:
    message = refusal({"datasets": [entry(".", data_files=["a.jsonl", "z.jsonl"])]})
    assert message.startswith("datasets[0].data_files: there is no file z.jsonl; ")


@pytest.mark.parametrize(
    ("key", "value", "reader", "kind"),
    [
        ("template", "{{ input }}", INSTRUCT, CHAT),
        ("system", "Be kind.", CHAT, INSTRUCT),
        ("thinking", True, CHAT, INSTRUCT),
    ],
)
class TestAnOptionOfOneType:
    """`template`, `system` and `thinking`, which not every strategy reads."""

    def test_is_refused_in_an_entry_of_another_type(
        self, key: str, value: object, reader: str, kind: str
    ) -> None:
        message = refusal({"datasets": [entry(type=kind, explain={key: value})]})
        assert message.startswith(f"datasets[0].explain.{key}: type {kind} does not")
        assert reader in message
        assert "remove the key or change the type" in message

    def test_is_refused_at_the_top_where_no_dataset_reads_it(
        self, key: str, value: object, reader: str, kind: str
    ) -> None:
        message = refusal({"explain": {key: value}, "datasets": [entry(type=kind)]})
        assert message.startswith(f"explain.{key}: only type {reader} ")
        assert " reads it, and no dataset" in message
        assert "remove the key or change a type" in message

    def test_at_the_top_reaches_only_the_type_that_reads_it(
        self, key: str, value: object, reader: str, kind: str
    ) -> None:
        both = [entry(type=reader), entry("b.jsonl", type=kind)]
        reads, other = installed({"explain": {key: value}, "datasets": both})
        assert getattr(reads.options, key) == value
        assert getattr(other.options, key) != value


def test_thinking_with_the_answer_first_is_refused() -> None:
    block = {"thinking": True, "order": "answer_first"}
    message = refusal({"datasets": [entry(type=CHAT, explain=block)]})
    assert message.startswith("datasets[0].explain.thinking: ")
    assert "order: answer_first; change one of them" in message


def test_thinking_of_chats_leaves_instructions_free_to_answer_first() -> None:
    chat, instruct = installed(
        {
            "explain": {"thinking": True},
            "datasets": [
                entry(type=CHAT),
                entry("b.jsonl", explain={"order": "answer_first"}),
            ],
        }
    )
    assert chat.options.thinking
    assert instruct.options.order == "answer_first"


def test_a_carrier_that_holds_something_else_is_refused_by_name() -> None:
    message = refusal({"datasets": [entry(**{CARRIER: "Q: {q}"})]})
    assert message.startswith("datasets[0].input_transform: 'Q: {q}' has no meaning")
    assert "remove the key" in message


def test_a_refused_recipe_keeps_its_entries_as_they_were() -> None:
    recipe = {"datasets": [entry(), entry(explain={"level": "x"})]}
    before = copy.deepcopy(recipe)
    refusal(recipe)
    assert recipe == before


def sources(default: dict[str, Any], own: dict[str, Any]) -> list[str]:
    """Which sources a dataset reads by, given those of the recipe and its own."""
    recipe = {"explain": default, "datasets": [entry(explain=own)]}
    options = installed(recipe)[0].options
    return [
        key
        for key in ("preset", "columns", "messages")
        if getattr(options, key) is not None
    ]


def test_a_source_of_an_entry_takes_the_place_of_the_default_one() -> None:
    columns = {"columns": {"long": "why"}}
    assert sources({"preset": "gsm8k"}, {}) == ["preset"]
    assert sources({"preset": "gsm8k"}, {"messages": {}}) == ["messages"]
    assert sources({"messages": {}}, {"preset": "esnli"}) == ["preset"]
    assert sources({"messages": {}}, columns) == ["columns"]
    assert sources(columns, {"preset": "esnli"}) == ["preset"]
    assert sources({"preset": "gsm8k"}, columns) == ["preset", "columns"]
    assert sources({"preset": "gsm8k"}, {**columns, "preset": None}) == ["columns"]


def test_two_sources_of_one_entry_are_refused_by_its_key() -> None:
    block = {"preset": "gsm8k", "messages": {}}
    message = refusal({"datasets": [entry(explain=block)]})
    assert message.startswith("datasets[0].explain: messages and preset are two ways")


def test_the_level_is_that_of_the_preset_unless_someone_says() -> None:
    def level(default: dict[str, Any], own: dict[str, Any]) -> Any:
        recipe = {"explain": default, "datasets": [entry(explain=own)]}
        return installed(recipe)[0].options.level

    assert level({}, {"preset": "esnli"}) == "short"
    assert level({"level": "none"}, {"preset": "esnli"}) == "none"
    assert level({"preset": "esnli"}, {"preset": "ecqa"}) == "long"
    assert level({"preset": "esnli"}, {"level": "all"}) == "all"
    talk = {"messages": {"level": "short"}}
    assert level(talk, {}) == level({"preset": "ecqa"}, talk) == "short"
    assert level({}, {"preset": None, **talk}) == "short"


T5 = {"model_type": "AutoModelForSeq2SeqLM"}


@pytest.mark.parametrize(
    ("key", "value"), [("max_target_tokens", 64), ("line_break", " ; ")]
)
@pytest.mark.parametrize("kind", [INSTRUCT, CHAT])
def test_what_only_an_encoder_decoder_reads_is_refused_elsewhere(
    key: str, value: object, kind: str
) -> None:
    message = refusal({"datasets": [entry(type=kind, explain={key: value})]})
    assert message.startswith(f"datasets[0].explain.{key}: type {kind} does not")
    assert SEQ2SEQ in message


@pytest.mark.parametrize(
    ("key", "value"),
    [("max_target_tokens", 64), ("line_break", " ; "), ("template", "{{ input }}")],
)
def test_an_encoder_decoder_reads_its_own_options_and_a_template(
    key: str, value: object
) -> None:
    data = [entry(type=SEQ2SEQ, explain={key: value})]
    (settings,) = installed({**T5, "datasets": data})
    assert getattr(settings.options, key) == value


@pytest.mark.parametrize("order", ["answer_first", "multitask"])
def test_thinking_goes_with_the_explanation_first_alone(order: str) -> None:
    block = {"thinking": True, "order": order}
    message = refusal({"datasets": [entry(type=CHAT, explain=block)]})
    assert f"order: {order}; change one of them" in message


def test_the_length_of_evaluation_travels_with_test_rows_alone() -> None:
    settings = installed(
        {
            "eval_sequence_len": 99,
            "datasets": [entry()],
            "test_datasets": [entry("b.jsonl")],
        }
    )
    assert [one.eval_sequence_len for one in settings] == [None, 99]


def test_the_files_of_an_entry_are_its_own_and_those_of_the_tokenizer() -> None:
    Path("model").mkdir()
    for name in ("tokenizer.json", "model.safetensors"):
        Path("model", name).write_text(name)
    Path("talk.jinja").write_text("{{ messages }}")
    (settings,) = installed(
        {
            "base_model": "model",
            "chat_template_jinja": "talk.jinja",
            "datasets": [entry()],
        }
    )
    assert set(settings.files) == {"a.jsonl", "model/tokenizer.json", "talk.jinja"}


@pytest.mark.parametrize("key", ["streaming", "preprocess_shards"])
@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"control": "mismatched"}, "control"),
        ({"derive_levels": {"by": "length"}}, "derive_levels.by"),
    ],
)
def test_what_needs_all_rows_together_is_refused_where_they_come_in_parts(
    key: str, block: dict[str, Any], named: str
) -> None:
    data = entry(explain=block)
    if key == "preprocess_shards":
        data[key] = 3
    message = refusal({"streaming": key == "streaming", "datasets": [data]})
    assert message.startswith(f"datasets[0].explain.{named}: ")
    assert f"with {key} they are never seen together" in message


def test_test_rows_are_seen_together_though_training_streams() -> None:
    _, test = installed(
        {
            "streaming": True,
            "datasets": [entry()],
            "test_datasets": [entry(explain={"control": "mismatched"})],
        }
    )
    assert test.options.control == "mismatched"


@pytest.mark.parametrize("key", ["shards", "preprocess_shards"])
def test_tables_may_be_read_in_shards_as_all_files_may(key: str) -> None:
    recipe = {"datasets": [entry("c.tsv", **{key: 2})]}
    assert install_settings(recipe) == 1


def test_a_packed_stream_is_written_as_axolotl_reads_it() -> None:
    recipe = {"streaming": True, "sample_packing": True, "datasets": [entry()]}
    install_settings(recipe)
    (data,) = recipe["datasets"]
    assert (data["path"], data["data_files"]) == ("text", ["a.jsonl"])
    for key in ("streaming", "sample_packing"):
        alone = {key: True, "datasets": [entry()]}
        install_settings(alone)
        assert alone["datasets"][0]["path"] == "a.jsonl"


def test_evaluation_needs_a_dataset_that_says_how_to_ask() -> None:
    evaluation = {"data": "someone/rows"}
    other = {"path": "x", "type": "alpaca"}
    message = refusal({"explain": {"evaluation": evaluation}, "datasets": [other]})
    assert message.startswith("explain.evaluation: no dataset of this recipe has a ")
    assert INSTRUCT in message


def test_evaluation_below_a_dataset_is_refused_with_its_place() -> None:
    block = {"evaluation": {"data": "someone/rows"}}
    message = refusal({"datasets": [entry(explain=block)]})
    assert message.startswith("datasets[0].explain.evaluation: the whole model is ")
    assert "under explain: at the top level" in message


READ_BY = {
    "explain": {"level": "short"},
    "datasets": [
        entry("a.jsonl", explain={"level": "medium"}),
        entry("b.jsonl"),
        {"path": "d.jsonl", "type": "alpaca"},
    ],
    "test_datasets": [entry("b.jsonl", CHAT, explain={"level": "none"})],
}


@pytest.mark.parametrize(
    ("data", "level"),
    [
        ("a.jsonl", "medium"),
        ("b.jsonl", "none"),
        ("d.jsonl", "none"),
        ("elsewhere.jsonl", "none"),
    ],
)
def test_data_are_read_by_their_own_entry_a_test_entry_first_or_else_by_the_first(
    data: str, level: str
) -> None:
    entry = reading_entry(READ_BY, data)
    assert entry["explain"] == {"level": level}
    assert reading_options(READ_BY, data).level == level


def test_data_are_read_with_the_defaults_of_the_recipe() -> None:
    recipe = {"explain": {"level": "short"}, "datasets": [entry()]}
    assert reading_options(recipe, "a.jsonl").level == "short"
    assert reading_entry({"datasets": [{"path": "x", "type": "alpaca"}]}, "x") is None
