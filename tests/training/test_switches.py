"""The scientific switches, prepared by Axolotl itself; targets read from the labels."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.recipe.levels_asked import level_names
from tests.fixtures.bench import (
    MARKER,
    Bench,
    Prepared,
    encoded_text,
    entry,
    refusal,
    sum_row,
    training_row,
)

END = "<|im_end|>"
ROWS = [sum_row(index) for index in range(12)]
LONG = [row["explanations"]["long"] for row in ROWS]
PREDICT, EXPLAIN = "Predict the answer.", "Explain how to arrive at the answer."


def alone(row: dict[str, Any], text: str, level: str = "long") -> dict[str, Any]:
    """The row with this text as its only explanation."""
    return {**row, "explanations": {level: text}}


def prepared(bench: Bench, rows: list[dict[str, Any]], **explain: Any) -> Prepared:
    return bench.prepare(datasets=[entry(bench.rows(rows))], explain=explain)


def explanations(found: Prepared) -> list[str]:
    """What each row is trained to say before its answer line; empty where nothing."""
    targets = [target.removesuffix(END) for _, target in found.texts]
    return [target.rpartition(MARKER)[0].rstrip("\n") for target in targets]


def answers(found: Prepared) -> list[str]:
    return [target.removesuffix(END).rpartition(MARKER)[2] for _, target in found.texts]


def told(log: list[str], words: str) -> str:
    """The one line of the log that has these words."""
    (line,) = [line for line in log if words in line]
    return line


def test_coverage_keeps_a_share_of_explanations_and_all_answers(
    bench: Bench, log: list[str]
) -> None:
    rows = [sum_row(index) for index in range(200)]
    found = prepared(bench, rows, coverage=0.3)
    kept = sum(map(bool, explanations(found)))
    assert 40 <= kept <= 80
    assert answers(found) == [row["answer"] for row in rows]
    line = told(log, "by coverage")
    assert line.endswith(f": {200 - kept} with the answer alone, by coverage")
    assert told(log, "to train on").endswith(f"(none {200 - kept}, long {kept})")


@pytest.mark.parametrize("control", ["shuffle_steps", "shuffle_tokens"])
def test_a_shuffled_arm_has_the_words_of_each_explanation_in_another_order(
    bench: Bench, log: list[str], control: str
) -> None:
    rows = [*ROWS, alone(sum_row(12), "Again.")]
    found = explanations(prepared(bench, rows, control=control))
    assert found[-1] == "Again."
    for shuffled, text in zip(found[:-1], LONG, strict=True):
        assert shuffled != text
        assert Counter(shuffled.split()) == Counter(text.split())
    line = told(log, "changed by control")
    assert line.endswith(": 12 with an explanation changed by control")
    assert told(log, "could not change").endswith(
        ": 1 with an explanation that control could not change"
    )


def test_a_mismatched_arm_has_every_explanation_once_and_none_at_its_row(
    bench: Bench, log: list[str]
) -> None:
    found = prepared(bench, ROWS, control="mismatched")
    assert sorted(explanations(found)) == sorted(LONG)
    assert all(a != b for a, b in zip(explanations(found), LONG, strict=True))
    assert answers(found) == [row["answer"] for row in ROWS]
    assert told(log, "changed by control").endswith(
        ": 12 with an explanation changed by control"
    )


def test_mismatched_explanations_are_those_in_training_at_the_same_level(
    bench: Bench,
) -> None:
    found = prepared(bench, ROWS, control="mismatched", level="all", coverage=0.7)
    plain = prepared(bench, ROWS, level="all", coverage=0.7)
    for got, own in zip(explanations(found), explanations(plain), strict=True):
        assert bool(got) == bool(own)
        assert not own or got != own
        assert got.startswith("Start") == own.startswith("Start")
        assert (" plus " in got) == (" plus " in own)
    assert sorted(explanations(found)) == sorted(explanations(plain))


@pytest.mark.parametrize("kind", ["instruct", "chat"])
def test_multitask_asks_to_predict_and_to_explain(
    bench: Bench, log: list[str], kind: str
) -> None:
    rows = [ROWS[0], {**ROWS[1], "explanations": {}}]
    explain = {"order": "multitask", "on_missing_level": "answer_only"}
    found = bench.prepare(datasets=[entry(bench.rows(rows), kind)], explain=explain)
    asked = [EXPLAIN if EXPLAIN in prompt else PREDICT for prompt, _ in found.texts]
    assert asked == [PREDICT, EXPLAIN, PREDICT]
    assert all((PREDICT in prompt) != (EXPLAIN in prompt) for prompt, _ in found.texts)
    assert [target for _, target in found.texts] == [
        f"{MARKER}6{END}",
        f"{LONG[0]}{END}",
        f"{MARKER}11{END}",
    ]
    assert told(log, "to train on").endswith(
        "3 to train on (predict 2, explain long 1)"
    )


def test_multitask_words_are_the_users(bench: Bench) -> None:
    words = {"predict": "Label it.", "explain": "Say why."}
    found = prepared(
        bench, ROWS[:1], order="multitask", task_requests=words, level="all"
    )
    asked = [prompt.split("\n")[2] for prompt, _ in found.texts]
    assert asked[0] == "Label it."
    assert [line.startswith("Say why. ") for line in asked[1:]] == [True] * 3
    assert len({*asked}) == 4


def test_evaluation_asks_to_predict(bench: Bench) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows(ROWS))], explain={"order": "multitask"}
    )
    assert level_names(strategy.settings, ()) == ["none"]
    prompt, target = encoded_text(strategy, ROWS[0], "none")
    assert PREDICT in prompt
    budget = Evaluator(None, None, strategy).token_budget(
        "none", [Example.from_row(row) for row in ROWS]
    )
    assert budget < 20
    message = refusal(level_names, strategy.settings, ("long",))
    assert message.startswith(
        "--level: long cannot be asked for, since under order: mul"
    )
    assert target == f"{MARKER}6{END}"


def test_a_template_that_could_not_say_the_task_is_refused(bench: Bench) -> None:
    message = refusal(
        bench.strategy,
        datasets=[entry(bench.rows(ROWS))],
        explain={"order": "multitask", "template": "{{ input }}\n"},
    )
    assert message.startswith("explain.template: it does not read instruction")


def test_the_reasoning_field_has_no_place_in_multitask(bench: Bench) -> None:
    message = refusal(
        bench.cfg,
        datasets=[entry(bench.rows(ROWS), "chat")],
        explain={"order": "multitask", "thinking": True},
    )
    assert "cannot go with order: multitask" in message


def test_the_filter_drops_what_arrives_elsewhere_and_keeps_what_it_cannot_judge(
    bench: Bench, log: list[str]
) -> None:
    rows = [
        ROWS[0],
        alone(ROWS[1], "4 and 7 make 12."),
        alone(ROWS[2], "They are added."),
        {**alone(ROWS[3], "The answer is 1."), "explanations": {}},
    ]
    found = prepared(bench, rows, filter="consistent", on_missing_level="answer_only")
    assert answers(found) == [rows[at]["answer"] for at in (0, 2, 3)]
    assert told(log, "arrives at another answer").endswith(
        ": 1 with the answer alone (the wanted level is missing); 1 dropped: the "
        "explanation arrives at another answer; 1 kept whose explanation says no "
        "answer that can be compared"
    )


def test_terciles_are_of_the_recipes_tokens(bench: Bench, log: list[str]) -> None:
    texts = ["One.", "One, two.", "One, two and three and four and five."] * 3
    rows = [alone(row, text) for row, text in zip(ROWS, texts, strict=False)]
    found = prepared(
        bench,
        rows,
        derive_levels={"by": "length"},
        level="requested",
        level_request="always",
    )
    assert explanations(found) == texts
    words = [prompt.split("\n")[2].split()[2] for prompt, _ in found.texts]
    assert words == ["short", "explanation", "long"] * 3
    short, medium = (
        len(found.tokenizer(text, add_special_tokens=False)["input_ids"])
        for text in texts[:2]
    )
    bounds = f"short up to {short} tokens, medium up to {medium} tokens"
    assert bounds in told(log, "by length")
    assert told(log, "at a derived level").endswith(": 9 at a derived level")


def test_levels_by_steps_are_trained_and_counted(bench: Bench, log: list[str]) -> None:
    rows = [
        alone(ROWS[0], "We add: 1 + 5 = 6."),
        alone(ROWS[1], "It is eleven."),
        ROWS[2],
    ]
    found = prepared(
        bench,
        rows,
        derive_levels={"by": "steps"},
        level="medium",
        on_missing_level="nearest",
    )
    own = ROWS[2]["explanations"]["medium"]
    assert explanations(found) == ["1+5=6", "It is eleven.", own]
    assert told(log, "at a derived level").endswith(": 1 at a derived level")
    assert "2 of examples from which no level could be derived" in told(log, "nearest")


def test_levels_by_sentences_keep_to_tokens_of_the_tokenizer(bench: Bench) -> None:
    rows = [alone(row, text) for row, text in zip(ROWS, LONG, strict=True)]
    block = {"by": "sentences", "budgets": {"short": 14, "medium": 40}}
    found = prepared(
        bench, rows, derive_levels=block, level="short", on_missing_level="answer_only"
    )
    for got, text in zip(explanations(found), LONG, strict=True):
        sizes = [
            len(found.tokenizer(cut, add_special_tokens=False)["input_ids"])
            for cut in (text[: text.index(".") + 1], got)
            if cut
        ]
        assert text.startswith(got)
        assert (sizes[0] <= 14) == bool(got)
        assert max(sizes[1:], default=0) <= 14


def test_evaluation_gives_a_derived_level_the_tokens_of_its_target(
    bench: Bench,
) -> None:
    strategy = bench.strategy(
        datasets=[entry(bench.rows(ROWS))],
        explain={"derive_levels": {"by": "steps"}, "level": "short"},
    )
    examples = [Example("Add.", "6", explanations={"long": "We add: 1 + 5 = 6."})]
    target = strategy.formatter.encode([training_row(ROWS[0], "none")])[0][1]
    budget = Evaluator(None, None, strategy).token_budget("short", examples)
    # The target has one more line than the answer alone, the result.
    assert len(target.ids) < budget < 2 * len(target.ids)


def test_a_missing_derived_level_says_why(bench: Bench) -> None:
    rows = [alone(ROWS[0], "It is six.")]
    message = refusal(
        prepared, bench, rows, derive_levels={"by": "steps"}, level="short"
    )
    assert "row 1, explanations.short: the row has no explanation" in message
    assert message.endswith("(None could be derived by steps.)")


@pytest.mark.parametrize(
    "explain",
    [
        {"control": "mismatched", "level": "all", "coverage": 0.5},
        {"derive_levels": {"by": "length"}, "level": "requested", "order": "multitask"},
        {"control": "shuffle_steps", "filter": "consistent", "coverage": 0.5},
    ],
)
def test_two_processes_prepare_what_one_prepares(
    bench: Bench, log: list[str], explain: dict[str, Any]
) -> None:
    rows = [sum_row(index) for index in range(1_050)]
    if "derive_levels" in explain:
        rows = [
            alone(row, row["explanations"]["long"] * (1 + n % 3))
            for n, row in enumerate(rows)
        ]
    path = bench.rows(rows)
    one, two = (
        bench.wrap(datasets=[entry(path)], explain=explain, dataset_num_proc=processes)
        for processes in (1, 2)
    )
    assert one.rows == two.rows
    half = len(log) // 2
    assert log[:half] == log[half:]


@pytest.mark.parametrize(
    ("explain", "key"),
    [
        ({"control": "mismatched"}, "control"),
        ({"derive_levels": {"by": "length"}}, "derive_levels.by"),
    ],
)
def test_what_needs_all_rows_is_refused_where_they_come_in_parts(
    bench: Bench, explain: dict[str, Any], key: str
) -> None:
    path = bench.rows(ROWS)
    message = refusal(
        bench.cfg, datasets=[entry(path)], explain=explain, streaming=True, max_steps=4
    )
    assert message.startswith(f"datasets[0].explain.{key}: ")
    assert "with streaming they are never seen together" in message
    shards = [entry(path, preprocess_shards=3)]
    assert "with preprocess_shards they are" in refusal(
        bench.cfg, datasets=shards, explain=explain
    )


def test_a_stream_is_switched_like_a_loaded_file(bench: Bench, log: list[str]) -> None:
    explain = {
        "derive_levels": {"by": "sentences", "from": "long"},
        "level": "all",
        "coverage": 0.5,
        "control": "shuffle_tokens",
        "order": "multitask",
    }
    path = bench.rows(ROWS)
    streamed = bench.prepare(
        datasets=[entry(path)], explain=explain, streaming=True, max_steps=4
    )
    rows = [(list(row["input_ids"]), list(row["labels"])) for row in streamed.train]
    loaded = bench.wrap(datasets=[entry(path)], explain=explain)
    assert rows == loaded.rows
    first, *_, last = [line for line in log if "changed by control" in line]
    assert "streamed so far" in first
    assert first.rpartition(": ")[2] == last.rpartition(": ")[2]


def test_test_rows_are_not_changed_for_an_arm_unless_their_own_block_says_so(
    bench: Bench,
) -> None:
    path = bench.rows(ROWS)
    switches = {"control": "shuffle_tokens", "coverage": 0.5, "filter": "consistent"}
    found = bench.prepare(
        datasets=[entry(path)],
        test_datasets=[entry(path), entry(path, explain={"coverage": 0.0})],
        explain={**switches, "level_request": "never"},
    )
    found.train = found.evaluation
    assert explanations(found) == [*LONG, *[""] * 12]
