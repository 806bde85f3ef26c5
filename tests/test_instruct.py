"""`type: axolotl_explain.instruct` inside Axolotl."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from axolotl.utils.collators import DataCollatorForSeq2Seq
from transformers import AutoTokenizer

from axolotl_explain import ExplainError
from tests.fixtures.bench import (
    Bench,
    Prepared,
    encoded_text,
    entry,
    refusal,
    sum_row,
    training_row,
)
from tests.fixtures.tokenizers import Kind

pytestmark = pytest.mark.usefixtures("fresh_process")

PROMPT = """\
### Instruction:
Add the two numbers.

### Input:
4 7

### Response:
"""
EXPLANATION = "Start at 4. Go up by 7. That is 11."
TARGET = f"{EXPLANATION}\nFinal answer: 11"
ROW = sum_row(1)
END = "<|im_end|>"


def train_on(
    bench: Bench, rows: list[dict[str, Any]], explain: Any = None, **keys: Any
) -> Prepared:
    return bench.wrap(datasets=[entry(bench.rows(rows))], explain=explain or {}, **keys)


def strategy(bench: Bench, explain: Any = None, **keys: Any) -> Any:
    return bench.strategy(
        datasets=[entry(bench.rows([ROW]))], explain=explain or {}, **keys
    )


def test_the_prompt_in_training_is_the_prompt_in_generation(
    bench: Bench, kind: Kind
) -> None:
    keys = {"datasets": [entry(bench.rows([ROW]))], **kind.keys}
    ((ids, labels),) = bench.prepare(kind.tokenizer, **keys).rows
    formatter = bench.strategy(kind.tokenizer, **keys).formatter
    prompt = ids[: labels.count(-100)]
    assert prompt == formatter.prompts([training_row(ROW)])[0]
    assert prompt == kind.prompt_ids(PROMPT)


def test_the_target_and_the_end_of_sequence_are_trained(
    bench: Bench, kind: Kind
) -> None:
    keys = {"datasets": [entry(bench.rows([ROW]))], **kind.keys}
    ((ids, labels),) = bench.wrap(kind.tokenizer, **keys).rows
    prompt = kind.prompt_ids(PROMPT)
    assert labels == [-100] * len(prompt) + ids[len(prompt) :]
    assert labels[-1] == kind.tokenizer.eos_token_id
    text = kind.tokenizer.decode(labels[len(prompt) :], skip_special_tokens=True)
    assert text == TARGET


def test_a_text_without_an_input_has_no_heading_for_it(bench: Bench) -> None:
    row = sum_row(1, instruction="Add 4 and 7.", input="")
    prompt, _ = encoded_text(strategy(bench), row, "long")
    assert prompt == "### Instruction:\nAdd 4 and 7.\n\n### Response:\n"


@pytest.mark.parametrize("pad", ["<|pad|>", END])
def test_padding_is_out_of_the_loss_and_the_end_is_in_it(
    bench: Bench, pad: str
) -> None:
    rows = [sum_row(1), sum_row(2, instruction="Add the two numbers below, please.")]
    prepared = train_on(bench, rows, special_tokens={"pad_token": pad})
    batch = DataCollatorForSeq2Seq(prepared.tokenizer)(list(prepared.train))
    end = prepared.tokenizer.eos_token_id
    for (ids, labels), padded, mask in zip(
        prepared.rows, batch["labels"].tolist(), batch["attention_mask"], strict=True
    ):
        assert [label for label in padded if label != -100] == [
            label for label in labels if label != -100
        ]
        assert padded.count(end) == 1
        assert int(mask.sum()) == len(ids)
    assert {len(ids) for ids, _ in prepared.rows} != {batch["labels"].shape[1]}


def test_train_on_inputs_trains_the_prompt_too(bench: Bench) -> None:
    ((ids, labels),) = train_on(bench, [ROW], train_on_inputs=True).rows
    assert labels == ids


def test_the_explanation_may_follow_the_answer(bench: Bench) -> None:
    _, target = encoded_text(strategy(bench, {"order": "answer_first"}), ROW, "long")
    assert target == f"Final answer: 11\n{EXPLANATION}{END}"


def test_level_none_trains_the_answer_line_alone(bench: Bench) -> None:
    assert train_on(bench, [ROW], {"level": "none"}).texts == [
        (PROMPT, f"Final answer: 11{END}")
    ]


def test_a_template_of_ones_own_is_used(bench: Bench) -> None:
    template = "Q ({{ id }}): {{ instruction }} {{ input }}\nFinal answer:"
    formatter = strategy(bench, {"template": template, "level": "none"})
    assert encoded_text(formatter, ROW, "none") == [
        "Q (sum-1): Add the two numbers. 4 7\nFinal answer:",
        f" 11{END}",
    ]


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ instruction.__class__.__base__.__subclasses__() }}",
        "{{ instruction.format.__globals__ }}",
        "{% set _ = meta.update({'a': 1}) %}",
        "{{ cycler.__init__.__globals__.os }}",
    ],
)
def test_a_template_cannot_reach_python(bench: Bench, template: str) -> None:
    formatter = strategy(bench, {"template": template}).formatter
    message = refusal(formatter.encode, [training_row(ROW)])
    assert message.startswith("explain.template: ")


def test_a_template_that_names_what_is_not_there_is_refused(bench: Bench) -> None:
    message = refusal(
        train_on, bench, [ROW], {"template": "{{ instrction }} {{ input }}"}
    )
    assert message.endswith(
        "rows.jsonl, row 1, explain.template: 'instrction' is undefined; known names "
        "are instruction, input, id, meta, system, history."
    )


def test_a_template_with_a_syntax_error_is_refused_with_its_line(
    bench: Bench,
) -> None:
    message = refusal(strategy, bench, {"template": "a\n{% if input %}"})
    assert message.startswith("explain.template: line 2: ")


def test_the_prompt_asks_for_the_level_where_several_are_trained(
    bench: Bench,
) -> None:
    texts = train_on(bench, [ROW], {"level": "all"}).texts
    assert [prompt.splitlines()[2] for prompt, _ in texts] == [
        "Give the answer alone, without an explanation.",
        "Give a short explanation with the answer.",
        "Give an explanation of medium length with the answer.",
        "Give a long explanation, with every step, and the answer.",
    ]
    assert [target for _, target in texts] == [
        f"Final answer: 11{END}",
        f"4 + 7.\nFinal answer: 11{END}",
        f"4 plus 7 makes 11.\nFinal answer: 11{END}",
        f"{TARGET}{END}",
    ]


def test_the_words_that_ask_for_a_level_can_be_changed(bench: Bench) -> None:
    explain = {"level": "all", "level_requests": {"short": "Be quick."}}
    texts = train_on(bench, [ROW], explain).texts
    lines = [prompt.splitlines()[2] for prompt, _ in texts]
    assert lines[1] == "Be quick."
    assert lines[2] == "Give an explanation of medium length with the answer."


@pytest.mark.parametrize(
    ("level", "request_mode", "asked"),
    [("all", "never", False), ("long", "always", True), ("long", "auto", False)],
)
def test_asking_for_the_level_can_be_switched(
    bench: Bench, level: str, request_mode: str, asked: bool
) -> None:
    explain = {"level": level, "level_request": request_mode}
    prompts = [prompt for prompt, _ in train_on(bench, [ROW], explain).texts]
    assert ["explanation" in prompt for prompt in prompts] == [asked] * len(prompts)


def test_a_row_may_name_its_own_level(bench: Bench) -> None:
    rows = [sum_row(1, level="short"), sum_row(2, level="none")]
    texts = train_on(bench, rows, {"level": "requested"}).texts
    assert [target for _, target in texts] == [
        f"4 + 7.\nFinal answer: 11{END}",
        f"Final answer: 16{END}",
    ]


def test_a_mix_draws_levels_by_their_weights(bench: Bench) -> None:
    explain = {"level": {"none": 1, "long": 3}, "level_request": "never"}
    prepared = train_on(bench, [sum_row(index) for index in range(400)], explain)
    counts = Counter("Start" in target for _, target in prepared.texts)
    assert counts[True] + counts[False] == 400
    assert abs(counts[True] - 300) < 5 * (400 * 0.25 * 0.75) ** 0.5


def test_the_seed_of_a_mix_changes_who_gets_which_level(bench: Bench) -> None:
    rows = [sum_row(index) for index in range(100)]
    drawn = [
        [
            "Start" in target
            for _, target in train_on(
                bench, rows, {"level": {"none": 1, "long": 1}, "seed": seed}
            ).texts
        ]
        for seed in (0, 1)
    ]
    assert 20 < sum(a != b for a, b in zip(*drawn, strict=True)) < 80


def test_a_missing_level_is_an_error_that_names_the_row(bench: Bench) -> None:
    rows = [ROW, sum_row(2, explanations={"short": "4 + 7."})]
    message = refusal(train_on, bench, rows)
    assert re.search(r"rows\.jsonl, row 2, explanations\.long: the row has no", message)
    assert "on_missing_level" in message


@pytest.mark.parametrize(
    ("fallback", "targets", "words"),
    [
        (
            "nearest",
            [TARGET, "7 + 9.\nFinal answer: 16"],
            "1 at the nearest level they have",
        ),
        ("answer_only", [TARGET, "Final answer: 16"], "1 with the answer alone"),
        ("drop", [TARGET], "1 dropped: the wanted level is missing"),
    ],
)
def test_a_missing_level_is_filled_as_told_and_counted(
    bench: Bench, log: list[str], fallback: str, targets: list[str], words: str
) -> None:
    rows = [ROW, sum_row(2, explanations={"short": "7 + 9."})]
    texts = train_on(bench, rows, {"on_missing_level": fallback}).texts
    assert [target for _, target in texts] == [text + END for text in targets]
    (warning,) = [line for line in log if line.startswith("WARNING")]
    assert words in warning


def test_few_rows_without_their_level_are_no_warning(
    bench: Bench, log: list[str]
) -> None:
    rows = [sum_row(n) for n in range(20)]
    rows[7] = sum_row(7, explanations={"short": "22 + 19."})
    train_on(bench, rows, {"on_missing_level": "nearest"})
    (told,) = [line for line in log if "1 at the nearest level" in line]
    assert told.startswith("INFO")


def test_test_rows_are_said_to_be_evaluated_on(bench: Bench, log: list[str]) -> None:
    held_out = entry(bench.rows([sum_row(2)], "test.jsonl"))
    bench.prepare(datasets=[entry(bench.rows([ROW]))], test_datasets=[held_out])
    told = [line.partition(" -> ")[2] for line in log if " rows -> " in line]
    assert sorted(told) == ["1 to evaluate on (long 1)", "1 to train on (long 1)"]


def test_a_row_that_is_too_long_stops_the_run_where_that_is_an_error(
    bench: Bench,
) -> None:
    rows, explain = [ROW, long_row(100)], {"on_too_long": "error"}
    message = refusal(train_on, bench, rows, explain, sequence_len=128)
    assert "rows.jsonl: 1 dropped: longer than sequence_len" in message
    assert "on_too_long: error" in message
    assert len(train_on(bench, [ROW], explain, sequence_len=128).texts) == 1


def long_row(sentences: int) -> dict[str, Any]:
    steps = [f"Step {step} is a small step." for step in range(sentences)]
    return sum_row(1, explanations={"long": " ".join(steps)})


def test_a_row_that_is_too_long_is_dropped_and_counted(
    bench: Bench, log: list[str]
) -> None:
    prepared = train_on(bench, [ROW, long_row(100), sum_row(2)])
    assert [target[-12:-10] for _, target in prepared.texts] == ["11", "16"]
    assert any("1 dropped: longer than sequence_len" in line for line in log)


def test_a_row_that_is_too_long_is_shortened_and_keeps_its_answer(
    bench: Bench, log: list[str]
) -> None:
    prepared = train_on(
        bench, [long_row(100)], {"on_too_long": "shorten"}, sequence_len=128
    )
    ((ids, _),) = prepared.rows
    ((prompt, target),) = prepared.texts
    assert prompt == PROMPT
    assert target.endswith(f"small step.\nFinal answer: 11{END}")
    whole = long_row(100)["explanations"]["long"]
    kept = target.removesuffix(f"\nFinal answer: 11{END}")
    assert whole.startswith(kept)
    following = whole[len(kept) :].partition(".")[0] + "."
    room = 128 - len(ids)
    assert 0 <= room < len(prepared.tokenizer(following)["input_ids"])
    assert any("1 with a shortened explanation" in line for line in log)


def test_no_row_left_is_an_error_that_says_why(bench: Bench) -> None:
    message = refusal(train_on, bench, [long_row(100)] * 2)
    assert "none of 2 rows is left to train on" in message
    assert "2 dropped: longer than sequence_len" in message


MANY = [sum_row(index) for index in range(1_200)]


def test_two_processes_give_the_rows_of_one(bench: Bench) -> None:
    explain = {"level": {"none": 1, "short": 1, "long": 1}}
    one, two = (
        train_on(
            bench,
            MANY,
            explain,
            dataset_num_proc=processes,
        ).rows
        for processes in (1, 2)
    )
    assert one == two
    assert len(one) == 1_200


@pytest.mark.parametrize("processes", [1, 2])
def test_a_faulty_row_is_named_by_file_row_and_field(
    bench: Bench, processes: int
) -> None:
    rows = [*MANY[:1_100], sum_row(1_100, answer=""), *MANY[1_101:]]
    with pytest.raises(ExplainError) as caught:
        train_on(bench, rows, dataset_num_proc=processes)
    assert f"{bench.folder}/rows.jsonl, row 1101, answer: is empty" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_tokenizer_without_an_end_token_is_refused(bench: Bench) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bench.base_model)
    tokenizer.eos_token = None
    message = refusal(bench.strategy, tokenizer, datasets=[entry(bench.rows([ROW]))])
    assert "special_tokens: {eos_token: …}" in message


@pytest.mark.parametrize(
    ("template", "row", "name"),
    [
        ("Q: {{ instruction }}\n", ROW, "input"),
        ("{{ input }}\n", {**ROW, "input": ""}, "instruction"),
        ("{{ instruction }} {{ input }}\n", {**ROW, "system": "Be exact."}, "system"),
        (
            "{{ instruction }} {{ input }}\n",
            {**ROW, "history": [{"role": "user", "content": "Hello."}]},
            "history",
        ),
    ],
)
def test_a_template_that_leaves_out_a_part_of_the_row_is_refused(
    bench: Bench, template: str, row: dict[str, Any], name: str
) -> None:
    formatter = strategy(bench, {"template": template}).formatter
    for act in (formatter.encode, formatter.prompts):
        message = refusal(act, [training_row(row)])
        assert message.startswith(f"explain.template: it does not read {name}, which ")
    ignoring = "{% set ignored = [instruction, input, system, history] %}"
    formatter = strategy(bench, {"template": ignoring + template}).formatter
    assert formatter.prompts([training_row(row)])


def test_a_template_may_leave_out_the_instruction_above_an_input(bench: Bench) -> None:
    formatter = strategy(bench, {"template": "{{ input }}\n"}).formatter
    assert formatter.prompt(training_row(ROW)) == f"{ROW['input']}\n"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ input }}\n", "it does not read instruction, below which the prompt says"),
        (
            "{{ instruction.partition('\n')[0] }} {{ input }}\n",
            "it does not write 'Give a long explanation",
        ),
    ],
)
def test_a_template_that_loses_the_level_is_refused_where_several_are_trained(
    bench: Bench, template: str, said: str
) -> None:
    message = refusal(train_on, bench, [ROW], {"template": template, "level": "all"})
    assert f"explain.template: {said}" in message.replace(
        "Give the answer alone", "Give a long explanation"
    )


def test_a_token_that_the_tokenizer_adds_may_not_stand_in_the_template(
    bench: Bench, bpe_tokenizer: Any
) -> None:
    from tokenizers import Tokenizer, processors
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer.from_str(bpe_tokenizer._tokenizer.to_str())
    raw.post_processor = processors.TemplateProcessing(
        single="<|pad|> $A", special_tokens=[("<|pad|>", raw.token_to_id("<|pad|>"))]
    )
    opening = PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token="<|pad|>", eos_token="<|end|>"
    )
    path = bench.rows([ROW])
    for lead in ("", "{# note #}\n{% if system %}{% endif %}"):
        template = lead + "<|pad|>[INST] {{ instruction }} {{ input }} [/INST]\n"
        keys = {
            "datasets": [entry(path)],
            "explain": {"template": template, "level": "long"},
        }
        message = refusal(bench.strategy, opening, **keys)
        assert message.startswith("explain.template: it begins with '<|pad|>', which ")
        assert bench.strategy(bpe_tokenizer, **keys)


@pytest.mark.parametrize(
    ("explain", "said"),
    [
        (
            {"level": "all", "level_requests": {"short": "Say.", "long": " say. "}},
            "explain.level_requests: short and long are asked for in the same words",
        ),
        (
            {
                "order": "multitask",
                "task_requests": {"predict": "Go.", "explain": "Go."},
            },
            "explain.task_requests: none and long are asked for in the same words",
        ),
    ],
)
def test_the_same_words_for_two_levels_are_refused(
    bench: Bench, explain: dict[str, Any], said: str
) -> None:
    assert said in refusal(train_on, bench, [ROW], explain)


def test_two_datasets_may_not_ask_for_two_levels_in_the_same_words(
    bench: Bench,
) -> None:
    path = bench.rows([ROW])
    datasets = [
        entry(path, explain={"level": level, "level_requests": {level: "Explain."}})
        for level in ("short", "long")
    ]
    message = refusal(bench.strategy, datasets=datasets)
    assert message.startswith(
        "datasets[1].explain.level_requests: short and long are asked for"
    )


def test_a_tokenizer_of_a_model_that_chats_is_a_notice(
    bench: Bench, bpe_tokenizer: Any
) -> None:
    made = strategy(bench).formatter
    assert [one.code for one in made.notices()] == ["chat-model-as-instruct"]
    base = bench.strategy(bpe_tokenizer, datasets=[entry(bench.rows([ROW]))])
    assert base.formatter.notices() == []
