"""Local files reach training as they stand, by whichever way they are named."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from axolotl.utils.data import sft
from datasets import Dataset, DatasetDict

from axolotl_explain.checking.ask_axolotl import read_entry
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import ROW
from axolotl_explain.training.load import load_config
from tests.fixtures.bench import Bench, Prepared, entry, refusal, sum_row

DATES = [sum_row(n, answer=f"2024-01-0{n}") for n in range(1, 7)]
OTHER = {"meta": {"when": "2024-01-01"}, "level": "long"}


def answers(prepared: Prepared) -> list[str]:
    return [
        target.partition("Final answer: ")[2].splitlines()[0].removesuffix("<|im_end|>")
        for _, target in prepared.texts
    ]


def answers_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["answer"] for row in rows]


def test_axolotl_loads_an_entry_by_the_function_that_is_replaced() -> None:
    source = inspect.getsource(sft._load_and_process_single_dataset)
    assert "dataset = load_dataset_with_config(" in source
    assert "dataset.shuffle(seed=seed).shard(" in source


def test_answers_that_look_like_dates_stay_texts(bench: Bench) -> None:
    prepared = bench.prepare(datasets=[entry(bench.rows(DATES))])
    assert answers(prepared) == answers_of(DATES)


def test_keys_that_come_late_in_a_large_file_are_read(bench: Bench) -> None:
    rows: list[dict[str, Any]] = [
        {**sum_row(1), "explanations": {"short": "So."}, "meta": {"pad": "x" * 99_000}}
        for _ in range(120)
    ]
    rows.append({**sum_row(2), **OTHER})
    path = bench.rows(rows)
    assert Path(path).stat().st_size > 10 << 20
    prepared = bench.prepare(
        datasets=[entry(path)], explain={"level": "long", "on_missing_level": "drop"}
    )
    assert answers(prepared) == [rows[-1]["answer"]]


@pytest.mark.parametrize(
    "keys",
    [
        {"path": "parts", "data_files": "parts/*.jsonl"},
        {"path": "json", "data_files": ["parts/a.jsonl", "parts/b.jsonl"]},
        {"path": "parts/*.jsonl"},
        {"path": "both [v2].jsonl"},
        {"path": "keyed.json"},
        {"path": "folder"},
        {"path": "folder", "split": "test[:6]"},
        {"path": "saved"},
        {"path": "splits", "split": "test"},
    ],
    ids=str,
)
def test_files_are_found_by_every_name(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any]
) -> None:
    monkeypatch.chdir(bench.folder)
    Path("parts").mkdir()
    Path("folder").mkdir()
    bench.rows(DATES[:3], "parts/a.jsonl")
    bench.rows(DATES[3:], "parts/b.jsonl")
    bench.rows(DATES, "both [v2].jsonl")
    Path("keyed.json").write_text(json.dumps({row["id"]: row for row in DATES}))
    for split in ("train", "test"):
        bench.rows(DATES, f"folder/{split}.jsonl")
    Dataset.from_list(DATES).save_to_disk("saved")
    splits = {"train": DATES[:1], "test": DATES}
    DatasetDict(
        {name: Dataset.from_list(rows) for name, rows in splits.items()}
    ).save_to_disk("splits")
    prepared = bench.prepare(datasets=[{**entry(keys["path"]), **keys}])
    assert answers(prepared) == answers_of(DATES)


def test_a_part_of_a_saved_folder_is_a_part(bench: Bench) -> None:
    folder = str(bench.folder / "saved")
    Dataset.from_list(DATES).save_to_disk(folder)
    prepared = bench.prepare(datasets=[entry(folder, split="train[:2]")])
    assert answers(prepared) == answers_of(DATES[:2])


def test_the_same_rows_are_streamed(bench: Bench) -> None:
    path = bench.rows([*DATES, {**sum_row(9), **OTHER}])
    loaded = bench.prepare(datasets=[entry(path)])
    streamed = bench.prepare(datasets=[entry(path)], streaming=True, max_steps=2)
    assert list(map(len, loaded.train["input_ids"])) == [
        len(row["input_ids"]) for row in streamed.train
    ]


def test_the_shard_that_is_trained_is_the_one_that_is_checked(bench: Bench) -> None:
    cfg = bench.cfg(datasets=[entry(bench.rows(DATES), shards=3, shards_idx=1)])
    trained = answers(bench.prepare(datasets=[entry(bench.rows(DATES), shards=3)]))
    rows = read_entry({**cfg.datasets[0], "shards_idx": 0}, cfg.seed)
    assert [json.loads(raw)["answer"] for raw in rows[ROW]] == trained


def test_a_damaged_row_is_named(bench: Bench) -> None:
    path = bench.rows(DATES)
    with Path(path).open("ab") as file:
        file.write('{"instruction": "Größe?"}\n'.encode("latin-1"))
    message = refusal(bench.prepare, datasets=[entry(path)])
    assert message.startswith(f"{path}, row 7, the line is not UTF-8")
    assert message.endswith("save the file as UTF-8.")


def test_bad_lines_are_skipped_where_the_recipe_says_so(bench: Bench) -> None:
    path = bench.rows(DATES)
    with Path(path).open("a") as file:
        file.write("{\n")
    prepared = bench.prepare(
        datasets=[entry(path)], explain={"level": "long", "on_bad_row": "skip"}
    )
    assert answers(prepared) == answers_of(DATES)


def test_prepared_data_are_trained_without_the_raw_rows(bench: Bench) -> None:
    path = bench.rows(DATES)
    prepared = bench.prepare(datasets=[entry(path)])
    Path(path).unlink()
    assert bench.prepare(datasets=[entry(path)]).rows == prepared.rows
    message = refusal(bench.prepare, datasets=[entry(path)], sequence_len=128)
    assert message.startswith(f"{path}: there is no such file")
    assert "with these very options" in message


def test_rows_that_were_never_prepared_are_missed_at_once(bench: Bench) -> None:
    path = str(bench.folder / "gone.jsonl")
    message = refusal(bench.cfg, datasets=[entry(path)])
    assert message.startswith("datasets[0].path: there is no file")


def test_a_configuration_for_prompts_alone_needs_no_rows(bench: Bench) -> None:
    recipe = bench.recipe(
        datasets=[entry(str(bench.folder / "gone.jsonl"))],
        explain={"evaluation": {"data": "gone_too.jsonl", "every": 1}},
    )
    assert load_config(recipe).datasets[0].type == "axolotl_explain.instruct"
    with pytest.raises(ExplainError, match="there is no file"):
        bench.cfg(datasets=recipe["datasets"])
