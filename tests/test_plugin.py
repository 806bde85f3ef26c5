"""Recipes that are wrong, and what their author reads."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures import forked
from tests.fixtures.bench import Bench, entry, ids_and_labels, refusal, sum_row

pytestmark = pytest.mark.usefixtures("fresh_process")

LINES = """\
plugins:
  - axolotl_explain.ExplainPlugin
explain:
  level: long
"""
INSTRUCT = "axolotl_explain.instruct"


def rows(bench: Bench) -> str:
    return bench.rows([sum_row(1), sum_row(2)])


def test_a_recipe_without_the_plugin_shows_the_lines_to_add(bench: Bench) -> None:
    message = refusal(bench.prepare, plugins=None, datasets=[entry(rows(bench))])
    assert message.startswith(f"{bench.folder}/rows.jsonl: type {INSTRUCT} works only")
    assert message.rstrip("\n").endswith(LINES.rstrip("\n"))


def test_the_lines_to_add_mend_the_recipe(bench: Bench) -> None:
    added = yaml.safe_load(LINES)
    assert len(bench.wrap(datasets=[entry(rows(bench))], **added).rows) == 2


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"explain": {"levle": "long"}},
            ["explain.levle: no such key; did you mean level?"],
        ),
        (
            {"explain": {"level": "longest"}},
            ["explain.level: 'longest' is no level; use none, short, medium, long"],
        ),
        (
            {"explain": {"order": "answer_last"}},
            ["explain.order: 'answer_last'", "explanation_first or answer_first"],
        ),
        (
            {"explain": {"level": {"none": 1, "lng": 2}}},
            ["explain.level: 'lng' is no level"],
        ),
        ({"explain": "long"}, ["explain: 'long' is no block"]),
    ],
)
def test_a_mistake_in_the_block_is_named_by_its_key(
    bench: Bench, keys: dict[str, Any], words: list[str]
) -> None:
    message = refusal(bench.cfg, datasets=[entry(rows(bench))], **keys)
    for word in words:
        assert word in message


def test_a_mistake_in_the_block_of_a_dataset_is_named_by_its_key(bench: Bench) -> None:
    one = entry(rows(bench))
    two = entry(rows(bench), explain={"level": "short", "ordre": "answer_first"})
    message = refusal(bench.cfg, datasets=[one, two])
    assert message.startswith("datasets[1].explain.ordre: no such key; did you mean")


def test_a_strategy_that_does_not_exist_is_named(bench: Bench) -> None:
    message = refusal(bench.cfg, datasets=[entry(rows(bench), "instuct")])
    assert message.startswith("datasets[0].type: 'axolotl_explain.instuct' is no")


def test_a_block_that_no_strategy_reads_is_refused(bench: Bench) -> None:
    other = {"path": rows(bench), "ds_type": "json", "type": "alpaca"}
    message = refusal(bench.cfg, datasets=[{**other, "explain": {"level": "short"}}])
    assert message.startswith("datasets[0].explain: type 'alpaca' does not read it")


def test_a_plugin_that_no_dataset_uses_is_warned_about(
    bench: Bench, log: list[str]
) -> None:
    other = {"path": rows(bench), "ds_type": "json", "type": "alpaca"}
    bench.cfg(datasets=[other], explain={"level": "long"})
    (line,) = [line for line in log if line.startswith("WARNING")]
    assert "the block has no effect" in line


def test_a_recipe_that_uses_the_plugin_is_not_warned_about(
    bench: Bench, log: list[str]
) -> None:
    bench.cfg(datasets=[entry(rows(bench))], explain={"level": "long"})
    assert not [line for line in log if line.startswith("WARNING")]


def test_options_for_a_pretraining_dataset_are_refused(bench: Bench) -> None:
    message = refusal(
        bench.cfg,
        pretraining_dataset=[entry(rows(bench))],
        streaming=True,
        max_steps=2,
    )
    assert message.startswith("pretraining_dataset[0].type: Axolotl drops the options")


ENVIRONMENT = {
    **os.environ,
    "HF_HUB_OFFLINE": "1",
    "AXOLOTL_DO_NOT_TRACK": "1",
    "PYTHONWARNINGS": "ignore",
}
TRAIN = "axolotl.cli.train"
ACCELERATE = [
    str(Path(sys.executable).with_name("accelerate")),
    *("launch", "--cpu", "--quiet", "-m", TRAIN),
]


Ended = subprocess.CompletedProcess[str]


def run(bench: Bench, command: list[str]) -> Ended:
    environment = {**ENVIRONMENT, "HF_DATASETS_CACHE": str(bench.folder / "cache")}
    if command[0].startswith("axolotl."):
        return forked.run(*command, env=environment)
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )


def mistakes(bench: Bench) -> dict[str, tuple[dict[str, Any], str]]:
    """Name -> recipe keys, and how the one error begins."""
    good = entry(rows(bench))
    unanswered = bench.rows([sum_row(1), sum_row(2, answer="")], "unanswered.jsonl")
    return {
        "typo": (
            {"datasets": [good], "explain": {"levle": "long"}},
            "explain.levle: no such key; did you mean level?",
        ),
        "answer": (
            {"datasets": [entry(unanswered)]},
            f"{unanswered}, row 2, answer: is empty; every row needs one",
        ),
        "file": (
            {"datasets": [entry("data/not-there.jsonl")]},
            "datasets[0].path: there is no file data/not-there.jsonl",
        ),
        "plugin": (
            {"datasets": [good], "plugins": None},
            f"{good['path']}: type {INSTRUCT} works only with its plugin",
        ),
    }


RUNS = {
    "typo": [TRAIN],
    "answer": [TRAIN],
    "file": [TRAIN],
    "plugin": [TRAIN],
    "answer under accelerate": ACCELERATE,
}


@pytest.fixture(scope="module")
def ended(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path
) -> dict[str, tuple[str, Ended]]:
    """Name of a run -> how its error should begin, and how it ended; two at a time."""
    bench = Bench(tmp_path_factory.mktemp("mistakes"), tiny_model)
    found = mistakes(bench)

    def one(name: str) -> tuple[str, Ended]:
        keys, words = found[name.partition(" ")[0]]
        recipe = bench.write(f"{name.replace(' ', '-')}.yml", **keys)
        return words, run(bench, [*RUNS[name], str(recipe)])

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(RUNS, pool.map(one, RUNS), strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_training_ends_with_the_one_error_and_no_traceback(
    ended: dict[str, tuple[str, Ended]], name: str
) -> None:
    words, done = ended[name]
    assert done.returncode == 1
    assert f"\naxolotl-explain: {words}" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count(words) == 1


def test_axolotl_preprocess_prepares_what_training_reads(bench: Bench) -> None:
    recipe = bench.write(datasets=[entry(rows(bench))], explain={"level": "short"})
    done = run(bench, ["axolotl.cli.main", "preprocess", str(recipe)])
    assert done.returncode == 0, done.stderr
    files = {file: file.stat().st_mtime_ns for file in prepared_files(bench)}
    prepared = bench.prepare(datasets=[entry(rows(bench))], explain={"level": "short"})
    assert (
        ids_and_labels(prepared.train)
        == bench.wrap(datasets=[entry(rows(bench))], explain={"level": "short"}).rows
    )
    assert files == {file: file.stat().st_mtime_ns for file in prepared_files(bench)}


def prepared_files(bench: Bench) -> list[Path]:
    return sorted((bench.folder / "prepared").rglob("*.arrow"))
