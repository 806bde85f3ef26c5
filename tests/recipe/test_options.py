"""Options: what an `explain:` block may say, and how a mistake is answered."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.evaluation_options import (
    EvaluationOptions,
    check_evaluation,
)
from axolotl_explain.recipe.options import ExplainOptions, parse_options

WHERE = "datasets[0].explain"


def refusal(block: object) -> str:
    """The message that a block is refused with."""
    with pytest.raises(ExplainError) as caught:
        parse_options(block, WHERE)
    return str(caught.value)


def test_an_absent_block_sets_nothing() -> None:
    assert parse_options(None, WHERE) == {}
    assert parse_options({}, WHERE) == {}


def test_a_block_returns_only_the_keys_it_sets() -> None:
    block = {"level": "long", "order": "answer_first", "seed": 0}
    assert parse_options(block, WHERE) == block


def test_weights_of_levels_become_numbers() -> None:
    parsed = parse_options({"level": {"none": 1, "long": 0.5}}, WHERE)
    assert parsed == {"level": {"none": 1.0, "long": 0.5}}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("levle", "level"), ("answer_markr", "answer_marker"), ("templates", "template")],
)
def test_an_unknown_key_names_its_path_and_the_key_that_was_meant(
    typed: str, meant: str
) -> None:
    message = refusal({typed: "long"})
    assert message.startswith(f"{WHERE}.{typed}: no such key; did you mean {meant}?")


def test_an_unknown_key_lists_all_keys() -> None:
    message = refusal({"zzz": 1})
    assert message.startswith(f"{WHERE}.zzz: no such key. Known keys: ")
    for key in (
        "level",
        "order",
        "preset",
        "on_missing_level",
        "level_requests",
        "thinking",
        "seed",
    ):
        assert key in message


@pytest.mark.parametrize("value", ["verbose", None, 3, True, ["long"], "Long"])
def test_an_unknown_level_names_the_value_and_every_choice(value: object) -> None:
    message = refusal({"level": value})
    assert message.startswith(f"{WHERE}.level: {value!r} is no level; use none, short,")
    assert "all, requested, or weights such as {none: 1, long: 3}" in message


@pytest.mark.parametrize(
    ("weights", "rule"),
    [
        ({"verbose": 1}, "'verbose' is no level; use none, short, medium, long"),
        ({"long": -1}, "the weight of long is -1; a number of 0 or more is needed"),
        ({"long": "3"}, "the weight of long is '3'; a number of 0 or more"),
        ({"long": True}, "the weight of long is True; a number of 0 or more"),
        ({"long": float("inf")}, "the weight of long is inf; a number of 0 or more"),
        ({"long": float("nan")}, "the weight of long is nan; a number of 0 or more"),
        ({"long": 0}, "at least one level needs a weight above 0"),
        ({}, "at least one level needs a weight above 0"),
    ],
)
def test_bad_weights_say_which_rule_they_break(
    weights: dict[str, Any], rule: str
) -> None:
    assert refusal({"level": weights}).startswith(f"{WHERE}.level: {rule}")


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("order", ["explanation_first", "answer_first"]),
        ("on_missing_level", ["error", "nearest", "answer_only", "drop"]),
        ("on_too_long", ["drop", "shorten"]),
        ("level_request", ["auto", "always", "never"]),
    ],
)
def test_a_bad_choice_names_the_value_and_all_choices(
    key: str, choices: list[str]
) -> None:
    message = refusal({key: "sideways"})
    assert message.startswith(f"{WHERE}.{key}: 'sideways' is not allowed")
    assert " or ".join(choices) in message


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("thinking", "yes", "bool"),
        ("thinking", 1, "bool"),
        ("seed", "7", "int"),
        ("seed", 1.5, "int"),
        ("seed", True, "int"),
        ("template", 5, "str"),
        ("system", ["a"], "str"),
    ],
)
def test_a_value_of_the_wrong_kind_names_path_value_and_kind(
    key: str, value: object, kind: str
) -> None:
    message = refusal({key: value})
    words = {"bool": "boolean", "int": "whole number", "str": "string"}
    assert message.startswith(f"{WHERE}.{key}: {value!r} is not allowed; ")
    assert words[kind] in message


def test_a_request_for_an_unknown_level_names_that_level() -> None:
    message = refusal({"level_requests": {"verbose": "Say all."}})
    assert message.startswith(f"{WHERE}.level_requests.verbose: ")
    assert "not allowed" in message


def test_a_request_that_is_no_text_names_its_level() -> None:
    message = refusal({"level_requests": {"long": 3}})
    assert message.startswith(f"{WHERE}.level_requests.long: 3 is not allowed")


def test_an_unusable_marker_names_its_key_once() -> None:
    message = refusal({"answer_marker": "  "})
    assert message.startswith(f"{WHERE}.answer_marker: ")
    assert message.count("answer_marker") == 1
    assert "must be one line of text, such as 'Final answer: '" in message


def test_all_faults_are_named_at_once() -> None:
    lines = refusal({"level": "x", "order": "y", "zzz": 1}).split("\n  ")
    paths = [line.split(":")[0] for line in lines]
    assert paths == [f"{WHERE}.{key}" for key in ("level", "order", "zzz")]


@pytest.mark.parametrize("block", ["long", ["level"], 3, True])
def test_a_block_that_is_no_mapping_is_refused_with_the_known_keys(
    block: object,
) -> None:
    message = refusal(block)
    assert message.startswith(f"{WHERE}: {block!r} is no block")
    assert "level" in message


def test_own_words_replace_those_of_their_level_only() -> None:
    options = ExplainOptions(level_requests={"short": "Brief!"})
    assert options.requests(True) == {
        "none": "Give the answer alone, without an explanation.",
        "short": "Brief!",
        "medium": "Give an explanation of medium length with the answer.",
        "long": "Give a long explanation, with every step, and the answer.",
    }
    assert options.requests(False) == {}


def test_multitask_words_say_the_task_and_where_asked_the_level() -> None:
    options = ExplainOptions(
        order="multitask",
        task_requests={"explain": "Why?"},
        level_requests={"short": "Brief!"},
    )
    told, untold = options.requests(True), options.requests(False)
    assert (told["none"], untold["none"]) == ("Predict the answer.",) * 2
    assert (told["short"], untold["short"]) == ("Why? Brief!", "Why?")
    assert told["long"].startswith("Why? ")
    assert "answer" not in told["long"]


@pytest.mark.parametrize(
    ("options", "levels"),
    [
        ({"level": "long"}, {"long"}),
        ({"level": "long", "coverage": 0.5}, {"none", "long"}),
        ({"level": {"short": 1, "long": 1}, "coverage": 0.0}, {"none"}),
        ({"level": "all", "coverage": 0.5}, None),
    ],
)
def test_coverage_brings_answers_alone_into_play(
    options: dict[str, Any], levels: set[str] | None
) -> None:
    assert ExplainOptions(**options).levels_in_play == levels


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            {"derive_levels": {"by": "size"}},
            "explain.derive_levels.by: 'size' is not allowed; use length or sentences "
            "or steps.",
        ),
        (
            {"derive_levels": {"by": "steps", "form": "long"}},
            "explain.derive_levels.form: no such key; did you mean from? Known keys: "
            "by, from, budgets",
        ),
        (
            {"derive_levels": {"by": "steps", "budgets": {"short": 3}}},
            "explain.derive_levels: budgets have no meaning with by: steps; remove "
            "them.",
        ),
        (
            {"derive_levels": {"by": "sentences", "budgets": {"medium": 20}}},
            "explain.derive_levels: the budgets are short 30 and medium 20; short "
            "needs 1 token or more, and medium no fewer than short.",
        ),
        ({"derive_levels": {}}, "explain.derive_levels.by: is missing; length"),
        (
            {"derive_levels": {"by": "length", "from": "none"}},
            "explain.derive_levels.from: 'none' is not allowed; use short or medium or "
            "long.",
        ),
        ({"coverage": 1.5}, "explain.coverage: 1.5 is not allowed"),
        ({"control": "shuffled"}, "explain.control: 'shuffled' is not allowed; use"),
    ],
)
def test_faults_of_the_switches_are_named(block: dict[str, Any], message: str) -> None:
    with pytest.raises(ExplainError) as caught:
        parse_options(block, "explain")
    assert str(caught.value).startswith(message)


def test_a_checked_block_is_a_block_again() -> None:
    block = {"derive_levels": {"by": "sentences", "from": "long"}}
    once = parse_options(block, "explain")
    assert parse_options(once, "explain") == once
    assert once["derive_levels"]["from"] == "long"


def test_the_layout_takes_order_and_marker() -> None:
    layout = ExplainOptions(order="answer_first", answer_marker="A: ").layout
    assert (layout.order, layout.marker) == ("answer_first", "A: ")


def test_every_option_is_described() -> None:
    for field in ExplainOptions.model_fields.values():
        assert field.description


def evaluation_refusal(block: object, **recipe: Any) -> str:
    """The message that an `explain.evaluation` block is refused with."""
    with pytest.raises(ExplainError) as caught:
        check_evaluation({"explain": {"evaluation": block}, **recipe})
    return str(caught.value)


def test_a_recipe_without_evaluation_passes() -> None:
    assert check_evaluation({}) is None
    assert check_evaluation({"explain": {"level": "long"}}) is None
    assert check_evaluation({"metric_for_best_model": "loss"}) is None


def test_one_name_means_a_list_of_one() -> None:
    block = {"data": "someone/rows", "levels": "long", "every": 5}
    options = check_evaluation({"explain": {"evaluation": block}})
    assert options is not None
    assert (options.data, options.levels) == (("someone/rows",), ("long",))


def test_token_budgets_are_for_all_levels_or_for_each() -> None:
    one = EvaluationOptions(data=("a",), max_new_tokens=9)
    each = EvaluationOptions(data=("a",), max_new_tokens={"long": 9})
    assert [one.token_budget(level) for level in ("none", "long")] == [9, 9]
    assert [each.token_budget(level) for level in ("none", "long")] == [None, 9]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"evrey": 5}, ".evrey: no such key; did you mean every?"),
        ({"data": 3}, ".data: 3 is no name and no list of names."),
        ({"data": []}, ".data: [] is no name and no list of names."),
        ({"data": "data/none.jsonl"}, ".data: there is no file data/none.jsonl"),
        ({"rows": 0}, ".rows: 0 is not allowed"),
        ({"rows": "8"}, ".rows: '8' is not allowed"),
        ({"every": 0}, ".every: 0 is not allowed"),
        ({"levels": ["lng"]}, ".levels.0: 'lng' is not allowed"),
        ({"max_new_tokens": 0}, ".max_new_tokens: 0 is no whole number above 0"),
        ({"max_new_tokens": {"lng": 9}}, ".max_new_tokens: 'lng' is no level; use"),
        ({"batch_tokens": -1}, ".batch_tokens: -1 is not allowed"),
        ({"max_seconds": 0}, ".max_seconds: 0 is not allowed"),
    ],
)
def test_a_mistake_in_evaluation_is_named_by_its_key(
    keys: dict[str, Any], words: str
) -> None:
    message = evaluation_refusal({"data": "someone/rows", **keys})
    assert message.startswith(f"explain.evaluation{words}")
    assert "\n" not in message


def test_evaluation_without_data_says_what_is_needed() -> None:
    message = evaluation_refusal({})
    assert message.startswith("explain.evaluation.data: is missing; a file of rows")


def test_a_metric_for_the_best_model_needs_someone_to_measure_it() -> None:
    wanted = {"metric_for_best_model": "explain/long/exact_match"}
    with pytest.raises(ExplainError, match=r"explain\.evaluation, which is missing"):
        check_evaluation(wanted)
    message = evaluation_refusal({"data": "someone/rows", "every": 5}, **wanted)
    assert "remove explain.evaluation.every" in message


def test_every_option_of_evaluation_is_described() -> None:
    for field in EvaluationOptions.model_fields.values():
        assert field.description


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"preset": "gsm8"}, f"{WHERE}.preset: 'gsm8' is no preset; use one of gsm8k,"),
        ({"columns": {"why": "x"}}, f"{WHERE}.columns.why: 'why' is not allowed; "),
        ({"preset": ["gsm8k"]}, f"{WHERE}.preset: ['gsm8k'] is not allowed; "),
        ({"columns": ["x"]}, f"{WHERE}.columns: ['x'] is not allowed; "),
        ({"messages": True}, f"{WHERE}.messages: True is no block of keys "),
        ({"messages": {"level": []}}, f"{WHERE}.messages.level: [] is not allowed; "),
        (
            {"messages": {"colum": "x"}},
            f"{WHERE}.messages.colum: no such key; did you mean column? Known keys: ",
        ),
        (
            {"messages": {"level": "none"}},
            f"{WHERE}.messages.level: 'none' is not allowed; use short or medium or",
        ),
        (
            {"several_explanations": "all"},
            f"{WHERE}.several_explanations: 'all' is not allowed; use levels or draw",
        ),
    ],
)
def test_sources_are_checked_key_by_key(block: dict[str, Any], message: str) -> None:
    assert refusal(block).startswith(message)
