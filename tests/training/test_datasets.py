"""Entries under `datasets:` and `test_datasets:`, prepared by Axolotl itself."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axolotl.utils.data.shared import generate_dataset_hash_from_config
from datasets import Dataset

from axolotl_explain import ExplainError
from tests.fixtures.bench import (
    GENRES,
    Bench,
    entry,
    ids_and_labels,
    refusal,
    sum_row,
    write_jsonl,
)

ROWS = [sum_row(index) for index in range(12)]
END = "<|im_end|>"


def answers(texts: list[tuple[str, str]]) -> list[str]:
    """The answer of each prepared row, read out of its trained text."""
    return [
        target.partition("Final answer: ")[2].splitlines()[0].removesuffix(END)
        for _, target in texts
    ]


def answers_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["answer"] for row in rows]


def test_axolotl_trains_on_every_row_in_order(bench: Bench) -> None:
    prepared = bench.prepare(datasets=[entry(bench.rows(ROWS))])
    assert answers(prepared.texts) == answers_of(ROWS)


def test_test_datasets_are_evaluated_on(bench: Bench) -> None:
    prepared = bench.prepare(
        datasets=[entry(bench.rows(ROWS[:8]))],
        test_datasets=[
            entry(bench.rows(ROWS[8:], "test.jsonl"), explain={"level": "short"})
        ],
        explain={"level": "long"},
    )
    assert answers(prepared.texts) == answers_of(ROWS[:8])
    prepared.train = prepared.evaluation
    assert answers(prepared.texts) == answers_of(ROWS[8:])
    assert "Start" not in prepared.texts[0][1]


def test_val_set_size_splits_the_rows(bench: Bench) -> None:
    prepared = bench.prepare(datasets=[entry(bench.rows(ROWS))], val_set_size=3)
    train = answers(prepared.texts)
    prepared.train = prepared.evaluation
    held_out = answers(prepared.texts)
    assert (len(train), len(held_out)) == (9, 3)
    assert sorted(train + held_out, key=int) == answers_of(ROWS)


def test_a_file_may_be_read_twice_with_different_options(bench: Bench) -> None:
    path = bench.rows(ROWS[:2])
    prepared = bench.prepare(
        datasets=[
            entry(path, explain={"level": "short"}),
            entry(path, explain={"level": "long", "order": "answer_first"}),
        ],
        explain={"level_request": "never"},
    )
    assert [target for _, target in prepared.texts] == [
        f"1 + 5.\nFinal answer: 6{END}",
        f"4 + 7.\nFinal answer: 11{END}",
        f"Final answer: 6\nStart at 1. Go up by 5. That is 6.{END}",
        f"Final answer: 11\nStart at 4. Go up by 7. That is 11.{END}",
    ]


def test_rows_join_those_of_a_built_in_strategy(bench: Bench) -> None:
    other = {"instruction": "Say hello.", "input": "", "output": "Hello."}
    alpaca = bench.rows([other], "alpaca.jsonl")
    prepared = bench.prepare(
        datasets=[
            entry(bench.rows(ROWS[:2])),
            {"path": alpaca, "ds_type": "json", "type": "alpaca"},
        ]
    )
    assert answers(prepared.texts[:2]) == ["6", "11"]
    assert prepared.texts[2][1] == f"Hello.{END}"


def test_chat_and_instruct_may_share_a_recipe(bench: Bench) -> None:
    path = bench.rows(ROWS[:1])
    prepared = bench.prepare(datasets=[entry(path), entry(path, "chat")])
    starts = [prompt[:12] for prompt, _ in prepared.texts]
    assert starts == ["### Instruct", "<|im_start|>"]


def test_two_processes_prepare_the_rows_of_one(bench: Bench) -> None:
    path = bench.rows(sum_row(index) for index in range(1_100))
    explain = {"level": {"none": 1, "long": 1}}
    one, two = (
        bench.prepare(
            datasets=[entry(path)],
            explain=explain,
            dataset_num_proc=processes,
            dataset_prepared_path=str(bench.folder / str(processes)),
        ).rows
        for processes in (1, 2)
    )
    assert one == two
    assert len(one) == 1_100


def flat(row: dict[str, Any]) -> dict[str, str]:
    texts = {
        f"explanation_{level}": text for level, text in row["explanations"].items()
    }
    return {**{k: v for k, v in row.items() if k != "explanations"}, **texts}


def write_delimited(path: Path, rows: list[dict[str, str]], separator: str) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def write_parquet(path: Path, rows: list[dict[str, str]]) -> str:
    Dataset.from_list(rows).to_parquet(str(path))
    return str(path)


WRITERS: dict[str, Callable[[Path, list[dict[str, str]]], str]] = {
    "jsonl": write_jsonl,
    "csv": lambda path, rows: write_delimited(path, rows, ","),
    "tsv": lambda path, rows: write_delimited(path, rows, "\t"),
    "parquet": write_parquet,
}
TRICKY = [
    sum_row(1, answer="007"),
    sum_row(2, answer="None"),
    sum_row(3, answer='He said "two,\tthree"'),
    sum_row(4, answer="nan", input=""),
]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_kind_of_file_changes_no_text(bench: Bench, kind: str) -> None:
    path = WRITERS[kind](bench.folder / f"rows.{kind}", [flat(row) for row in TRICKY])
    ds_type = {"jsonl": "json", "tsv": "csv"}.get(kind, kind)
    prepared = bench.wrap(datasets=[entry(path, ds_type=ds_type)])
    assert answers(prepared.texts) == answers_of(TRICKY)
    nested = bench.wrap(datasets=[entry(bench.rows(TRICKY, "nested.jsonl"))])
    assert prepared.rows == nested.rows


def test_shards_of_a_file_share_its_rows_among_them(bench: Bench) -> None:
    prepared = bench.prepare(datasets=[entry(bench.rows(ROWS), preprocess_shards=3)])
    assert sorted(answers(prepared.texts), key=int) == answers_of(ROWS)


def test_shards_of_a_table_share_its_rows_among_them(bench: Bench) -> None:
    path = WRITERS["csv"](bench.folder / "rows.csv", [flat(row) for row in ROWS])
    table = entry(path, ds_type="csv", preprocess_shards=3)
    prepared = bench.prepare(datasets=[table])
    assert sorted(answers(prepared.texts), key=int) == answers_of(ROWS)


def test_a_slice_of_a_file_is_a_slice_of_its_rows(bench: Bench) -> None:
    prepared = bench.wrap(datasets=[entry(bench.rows(ROWS), split="train[2:5]")])
    assert answers(prepared.texts) == answers_of(ROWS[2:5])


def test_sample_packing_keeps_every_row_whole(bench: Bench) -> None:
    path = bench.rows(ROWS)
    packed = bench.prepare(datasets=[entry(path)], sample_packing=True)
    assert "position_ids" in packed.train.column_names
    plain = bench.wrap(datasets=[entry(path)])
    assert packed.rows == plain.rows


def test_a_streamed_file_gives_the_rows_of_a_loaded_one(bench: Bench) -> None:
    path = bench.rows(ROWS)
    explain = {"level": {"short": 1, "long": 1}}
    streamed = bench.prepare(
        datasets=[entry(path)], explain=explain, streaming=True, max_steps=4
    )
    assert not hasattr(streamed.train, "__len__")
    loaded = bench.wrap(datasets=[entry(path)], explain=explain)
    assert ids_and_labels(streamed.train) == loaded.rows


def test_a_streamed_and_packed_file_gives_the_rows_of_a_loaded_one(
    bench: Bench,
) -> None:
    path = bench.rows(ROWS)
    streamed = bench.prepare(
        datasets=[entry(path)],
        streaming=True,
        sample_packing=True,
        max_steps=4,
        micro_batch_size=1,
    )
    loaded = bench.wrap(datasets=[entry(path)])
    found = [row for pack in streamed.train for row in unpack(pack)]
    assert len(found) == len(set(map(repr, found)))
    assert set(map(repr, found)) <= set(map(repr, loaded.rows))
    assert len(found) >= 8


def test_streaming_with_packing_refuses_what_axolotl_would_not_read(
    bench: Bench,
) -> None:
    keys = {"streaming": True, "sample_packing": True, "max_steps": 4}
    path = bench.rows(ROWS)
    assert "trains on the first of the 2 datasets alone" in refusal(
        bench.cfg, datasets=[entry(path), entry(path)], **keys
    )
    table = WRITERS["csv"](bench.folder / "rows.csv", [flat(row) for row in ROWS])
    assert "save it as JSONL or Parquet" in refusal(
        bench.cfg, datasets=[entry(table, ds_type="csv")], **keys
    )


def unpack(pack: Any) -> list[tuple[list[int], list[int]]]:
    """The rows of one packed sequence, cut where positions start again."""
    ids, labels = pack["input_ids"].tolist(), pack["labels"].tolist()
    positions = pack["position_ids"].tolist()
    starts = [at for at, position in enumerate(positions) if position == 0]
    cuts = list(zip(starts, [*starts[1:], len(ids)], strict=True))
    rows = [(ids[begin:end], labels[begin:end]) for begin, end in cuts]
    return [row for row in rows if any(label != -100 for label in row[1])]


def long_row(words: int) -> dict[str, Any]:
    return sum_row(1, explanations={"long": "again " * words})


def test_eval_sequence_len_holds_for_test_rows_alone(bench: Bench) -> None:
    path = bench.rows([long_row(60), sum_row(2)])
    prepared = bench.prepare(
        datasets=[entry(path)],
        test_datasets=[entry(path)],
        sequence_len=80,
        eval_sequence_len=256,
    )
    assert len(prepared.train) == 1
    assert len(prepared.evaluation) == 2


def key_of(bench: Bench, **changes: Any) -> str:
    """Under which Axolotl would look for prepared data."""
    cfg = bench.cfg(**changes)
    return generate_dataset_hash_from_config(cfg, cfg.datasets, "tokenizer")


def test_another_level_is_not_served_from_old_prepared_data(bench: Bench) -> None:
    path = bench.rows(ROWS)
    first = bench.prepare(datasets=[entry(path)], explain={"level": "long"})
    second = bench.prepare(datasets=[entry(path)], explain={"level": "short"})
    assert "Start at 1." in first.texts[0][1]
    assert second.texts[0][1] == f"1 + 5.\nFinal answer: 6{END}"


def test_changed_rows_are_not_served_from_old_prepared_data(bench: Bench) -> None:
    bench.prepare(datasets=[entry(bench.rows(ROWS))])
    changed = [{**row, "answer": row["answer"] + "!"} for row in ROWS]
    second = bench.prepare(datasets=[entry(bench.rows(changed))])
    assert answers(second.texts) == answers_of(changed)


def test_a_changed_eval_sequence_len_is_not_served_from_old_prepared_data(
    bench: Bench,
) -> None:
    path = bench.rows([long_row(60), sum_row(2)])
    datasets = {"datasets": [entry(path)], "test_datasets": [entry(path)]}
    short = bench.prepare(**datasets, eval_sequence_len=80)
    long = bench.prepare(**datasets, eval_sequence_len=256)
    assert (len(short.evaluation), len(long.evaluation)) == (1, 2)


def test_a_changed_template_file_changes_the_key_of_prepared_data(
    bench: Bench,
) -> None:
    template = bench.folder / "template.jinja"
    keys = []
    for word in ("ask", "tell"):
        template.write_text(f"{{{{ messages }}}} {word}")
        keys.append(
            key_of(
                bench,
                datasets=[entry(bench.rows(ROWS), "chat")],
                chat_template="jinja",
                chat_template_jinja=str(template),
            )
        )
    assert keys[0] != keys[1]


def scratch_key(bench: Bench, vocab_size: int) -> str:
    config = {"model_type": "llama", "hidden_size": 16, "num_attention_heads": 2}
    return key_of(
        bench,
        base_model=str(bench.folder / "model"),
        scratch_model={
            "config": {**config, "num_hidden_layers": 1, "intermediate_size": 16},
            "tokenizer_data": [str(GENRES)],
            "vocab_size": vocab_size,
        },
        datasets=[entry(bench.rows(ROWS))],
    )


def test_a_remade_tokenizer_changes_the_key_of_prepared_data(bench: Bench) -> None:
    before = scratch_key(bench, 310)
    shutil.rmtree(bench.folder / "model")
    assert scratch_key(bench, 320) != before


def test_a_second_run_looks_where_the_first_prepared_its_data(bench: Bench) -> None:
    assert scratch_key(bench, 310) == scratch_key(bench, 310)


@pytest.mark.parametrize(
    "change",
    [
        {"explain": {"seed": 1}},
        {"explain": {"answer_marker": "Answer: "}},
        {"explain": {"on_missing_level": "drop"}},
        {"explain": {"template": "{{ instruction }}"}},
        {"train_on_inputs": True},
        {"sequence_len": 128},
    ],
)
def test_every_option_changes_the_key_of_prepared_data(
    bench: Bench, change: dict[str, Any]
) -> None:
    datasets = [entry(bench.rows(ROWS))]
    assert key_of(bench, datasets=datasets) != key_of(
        bench, datasets=datasets, **change
    )


def test_another_version_of_the_package_changes_the_key_of_prepared_data(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = [entry(bench.rows(ROWS))]
    before = key_of(bench, datasets=datasets)
    monkeypatch.setattr("axolotl_explain.recipe.carrier.version", lambda name: "99.0")
    assert key_of(bench, datasets=datasets) != before


def test_unchanged_prepared_data_is_used_again(bench: Bench) -> None:
    path = bench.rows(ROWS)
    first = bench.prepare(datasets=[entry(path)])
    folder = bench.folder / "prepared"
    times = {file: file.stat().st_mtime_ns for file in folder.rglob("*.arrow")}
    second = bench.prepare(datasets=[entry(path)])
    assert first.rows == second.rows
    assert times == {file: file.stat().st_mtime_ns for file in folder.rglob("*.arrow")}
    assert len(times) == 1


def test_a_faulty_test_row_is_named_too(bench: Bench) -> None:
    faulty = bench.rows([sum_row(1, answer=None)], "test.jsonl")
    with pytest.raises(ExplainError, match=r"test\.jsonl, row 1, answer: is empty"):
        bench.prepare(datasets=[entry(bench.rows(ROWS))], test_datasets=[entry(faulty)])
