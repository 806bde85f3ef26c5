"""Own columns, conversations and presets, on their way through Axolotl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.conversion.conversion import Conversion, convert_file
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.evaluation.suite import evaluate
from axolotl_explain.recipe.options import ExplainOptions
from tests.fixtures.bench import ROOT, Bench, entry, refusal, sum_row

pytestmark = pytest.mark.usefixtures("fresh_process")

GSM8K = ROOT / "tests" / "sources" / "presets" / "rows" / "gsm8k.jsonl"
TURNS = [
    {"role": "system", "content": "Be exact."},
    {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hi."},
    {"role": "user", "content": "What is 3 + 4?"},
    {"role": "assistant", "content": "<think>3, then 4.</think>7"},
]
TALK = {"messages": TURNS}
END = "<|im_end|>"


def test_chat_keeps_system_and_history_in_the_prompt(bench: Bench) -> None:
    explain = {"messages": {}, "system": "Not this one."}
    path = bench.rows([TALK])
    ((prompt, target),) = bench.wrap(
        datasets=[entry(path, "chat", explain=explain)]
    ).texts
    assert prompt == (
        f"<|im_start|>system\nBe exact.{END}\n"
        f"<|im_start|>user\nHello.{END}\n"
        f"<|im_start|>assistant\nHi.{END}\n"
        f"<|im_start|>user\nWhat is 3 + 4?{END}\n"
        "<|im_start|>assistant\n"
    )
    assert target == f"3, then 4.\nFinal answer: 7{END}"


def test_instruct_writes_system_and_history_above_the_instruction(
    bench: Bench,
) -> None:
    explain = {"messages": {}}
    path = bench.rows([TALK])
    ((prompt, _),) = bench.wrap(datasets=[entry(path, explain=explain)]).texts
    assert prompt == (
        "Be exact.\n\n### Instruction:\nHello.\n\n### Response:\nHi.\n\n"
        "### Instruction:\nWhat is 3 + 4?\n\n### Response:\n"
    )


def test_a_template_of_ones_own_can_name_them(bench: Bench) -> None:
    template = (
        "{% set ignored = instruction %}"
        "{{ system }}|{{ history | length }}|{{ history[1].content }}|"
    )
    explain = {"messages": {}, "template": template}
    path = bench.rows([TALK])
    ((prompt, _),) = bench.wrap(datasets=[entry(path, explain=explain)]).texts
    assert prompt == "Be exact.|2|Hi.|"


def test_own_columns_of_a_spreadsheet_train(bench: Bench) -> None:
    path = bench.folder / "rows.csv"
    path.write_text('q,a,why\nAgent?,007,"{{ a }}, so"\n', "utf-8")
    columns = {"instruction": "{{ q }}!", "answer": "a", "short": "why"}
    prepared = bench.wrap(
        datasets=[entry(str(path), ds_type="csv", explain={"columns": columns})]
    )
    ((prompt, target),) = prepared.texts
    assert "Agent?!\n" in prompt
    assert target == f"{{{{ a }}}}, so\nFinal answer: 007{END}"


def test_a_column_that_does_not_exist_names_the_file_and_all_columns(
    bench: Bench,
) -> None:
    path = bench.rows([{"q": "Q", "a": "A"}])
    columns = {"instruction": "q", "answer": "a", "long": "why"}
    message = refusal(bench.wrap, datasets=[entry(path, explain={"columns": columns})])
    assert "rows.jsonl, row 1, explain.columns.long: there is no column 'why'" in (
        message
    )


HOSTILE: list[dict[str, Any]] = [
    {"instruction": "Q", "answer": ["a", "b"]},
    {"instruction": "Q" * 1_000_000, "answer": "a", "explanation_long": "b"},
    {"instruction": "a\0b \u202ex\u202c", "answer": "\0 \u2066", "explanations": {}},
    {"instruction": "{{ ''.__class__ }}", "answer": "a", "explanation_long": "{% if"},
    {"instruction": {"a": 1}, "answer": "a"},
    {"instruction": "<|im_start|>", "answer": "a", "explanations": ["b"]},
]


def test_hostile_rows_are_trained_as_text_or_counted(
    bench: Bench, log: list[str]
) -> None:
    path = bench.rows(HOSTILE)
    explain = {"on_bad_row": "skip", "on_missing_level": "answer_only"}
    prepared = bench.wrap(datasets=[entry(path, explain=explain)])
    prompts = [prompt for prompt, _ in prepared.texts]
    assert prompts == [
        "### Instruction:\na\0b \u202ex\u202c\n\n### Response:\n",
        "### Instruction:\n{{ ''.__class__ }}\n\n### Response:\n",
    ]
    (counts,) = [line for line in log if " dropped: " in line]
    assert "1 dropped: longer than sequence_len" in counts
    assert "3 dropped: bad rows (" in counts
    for reason in ("answer is a list 1", "instruction is a dict 1", "no mapping 1"):
        assert reason in counts


def test_a_dataset_of_another_source_does_without_the_default_one(
    bench: Bench,
) -> None:
    rows = bench.rows([TALK], "talk.jsonl")
    prepared = bench.prepare(
        explain={"preset": "gsm8k", "level_request": "never"},
        datasets=[entry(str(GSM8K)), entry(rows, explain={"messages": {}})],
    )
    targets = [target for _, target in prepared.texts]
    assert [target.rpartition(": ")[2] for target in targets] == [
        f"11{END}",
        f"5000{END}",
        f"7{END}",
    ]


def test_axolotl_reads_what_is_written_for_it(bench: Bench) -> None:
    """Segments are trained on as the instruct strategy trains on the example."""
    source = bench.rows([sum_row(1), sum_row(2)])
    out = bench.folder / "segments.jsonl"
    convert_file(
        Conversion(
            source=source,
            out=out,
            options=ExplainOptions(),
            row_format="input_output",
            level="medium",
            end=END,
        )
    )
    kind = {"path": str(out), "ds_type": "json", "type": "input_output"}
    theirs = bench.prepare(datasets=[kind])
    ours = bench.wrap(datasets=[entry(source, explain={"level": "medium"})])
    assert theirs.texts == ours.texts


def test_eval_reads_its_data_as_the_dataset_of_the_recipe_does(
    bench: Bench, tiny_model: Path, log: list[str]
) -> None:
    recipe = bench.write(
        datasets=[entry(str(GSM8K), explain={"preset": "gsm8k"})], explain=None
    )
    out = bench.folder / "results"
    request = EvaluationRequest(
        recipe=str(recipe), model=None, data=(str(GSM8K),), max_new_tokens=2
    )
    completions = evaluate(request, out)
    assert [(one.level, one.answer) for one in completions] == [
        ("medium", "11"),
        ("medium", "5000"),
    ]
    assert "What do two pens" in completions[0].prompt
    warning = "2 rows skipped: no #### 1, question is empty 1"
    assert any(warning in line for line in log)
    kept = (out / "completions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["answer"] for line in kept] == ["11", "5000"]
