"""docs/reproduction.md and all beside it come from the kept results, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.verdict_bits import pack
from reproduction.build import build
from reproduction.collect import SWEEPS, collect
from reproduction.markdown_tables import at_edge, compared, told
from reproduction.paper_sweeps import FOLDER, Answers, Cell, cell_of, read
from reproduction.planned_comparisons import between

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


PLANNED = {"pretrained_cpu", "longer_sums_cpu", "internalise_cpu"}
"""Sweeps whose plan is made and whose runs are to come; no document speaks of them."""


def test_every_sweep_has_been_run_to_its_end() -> None:
    sweeps = {path.stem for path in (ROOT / SWEEPS).glob("*_cpu.yml")}
    assert sorted(sweeps - PLANNED) == NAMES


def test_documents_and_pictures_are_rebuilt_to_the_byte(tmp_path: Path) -> None:
    made = {path.relative_to(tmp_path): path for path in build(tmp_path)}
    assert Path("reproduction.md") in made
    for name, path in made.items():
        assert path.read_bytes() == (DOCS / name).read_bytes(), name
    kept = {path.relative_to(DOCS) for path in DOCS.glob("reproduction/*")}
    assert kept == {name for name in made if name.suffix == ".svg"}


@pytest.mark.parametrize("name", NAMES)
def test_kept_results_have_the_runs_that_the_sweep_describes(name: str) -> None:
    grid = yaml.safe_load((ROOT / SWEEPS / f"{name}.yml").read_text("utf-8"))
    sweep = read(name)
    for group, entries in grid["together"].items():
        assert sweep.values(group) == [entry["name"] for entry in entries]
    for key, values in grid.get("grid", {}).items():
        assert sweep.values(key) == values
    for run in sweep.runs:
        for one in run.answers:
            assert 0 <= one.right <= one.rows
            lengths = one.lengths.values()
            assert sum(length[0] for length in lengths) == one.rows
            assert sum(length[1] for length in lengths) == one.right


def answers(rows: int, right: int, tokens: float, valid: float | None) -> Answers:
    return Answers("test", "none", rows, right, tokens, valid)


def test_a_cell_pools_seeds() -> None:
    cell = cell_of([answers(500, 450, 8.0, 0.5), answers(500, 500, 10.0, None)])
    assert (cell.share, cell.seeds, cell.rows) == (0.95, 2, 500)
    assert (cell.tokens, cell.valid) == (9.0, 0.5)


def test_a_cell_has_an_interval_or_its_seeds() -> None:
    one = Cell([450], 500)
    assert (one.mean.low, one.mean.high) == pytest.approx(
        wilson_interval(450, 500), abs=1e-4
    )
    assert told(Cell([377, 500, 500], 500)) == "91.8 (seeds 75.4, 100, 100)"
    assert told(Cell([500, 500, 500], 500)) == "100 (99.5–100)"


def test_verdicts_that_were_kept_are_compared_row_by_row() -> None:
    found = [
        replace(answers(8, right, 1.0, None), asked="a", verdicts=pack(bits))
        for right, bits in (
            (6, [True] * 6 + [False] * 2),
            (5, [True] * 5 + [False] * 3),
        )
    ]
    cell = cell_of(found)
    assert cell.verdicts is not None
    assert cell.verdicts.right.tolist() == [[1] * 6 + [0] * 2, [1] * 5 + [0] * 3]
    assert cell_of([found[0], replace(found[1], asked="b")]).verdicts is None


def finished(**changes: Any) -> dict[str, Any]:
    metrics = {"num_rows": 4, "exact_match": 0.75, "tokens_per_completion": 3.04}
    length = {"value": "2", "metrics": metrics}
    run = {
        "name": "none-seed1",
        "choices": {"arm": "none", "seed": "seed1"},
        "state": "finished",
        "seconds": {"training": 60.0, "evaluating": 30.0},
        "steps": 8,
        "num_parameters": 100,
        "evaluations": [
            {
                "data": "outputs/x/test.jsonl",
                "level": "none",
                "metrics": metrics,
                "by": {"list_length": [length]},
            }
        ],
        "curves": [
            {
                "measure": "exact match",
                "points": [{"step": 0, "tokens": 0, "value": 0.12345}],
            },
            {
                "measure": "loss",
                "points": [{"step": step, "value": 3 + step / 10} for step in range(3)],
            },
        ],
        "versions": {"torch": "2"},
    }
    return {**run, **changes}


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    path = tmp_path / "sums_cpu.yml"
    path.write_text("recipe: r.yml\nout: out\nset: {explain.evaluation: {rows: 8}}\n")
    return path


def test_what_is_collected_is_what_is_read(sweep: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"format": 1, "runs": [finished()]}))
    (tmp_path / "sums_cpu.json").write_text(collect(results, sweep))
    found = read("sums_cpu", tmp_path)
    assert found.measured_rows == 8
    (run,) = found.chosen(arm="none")
    assert (run.minutes, run.parameters, run.curve) == (1.5, 100, [[0, 0, 0.1235]])
    cell = found.cell(arm="none")
    assert (cell.share, cell.rows, cell.tokens) == (0.75, 4, 3.0)
    assert found.by_length(arm="none")[2].share == 0.75
    with pytest.raises(KeyError, match="no run with"):
        found.cell(arm="long")


def test_losses_are_kept_of_plain_texts(sweep: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"format": 1, "runs": [finished()]}))
    assert '"losses"' not in collect(results, sweep)
    with sweep.open("a") as file:
        file.write("  test_datasets: [{path: t.jsonl, type: completion, field: x}]\n")
    sweep.write_text(sweep.read_text().replace("{explain.evaluation: {rows: 8}}", ""))
    (tmp_path / "texts_cpu.json").write_text(collect(results, sweep))
    (run,) = read("texts_cpu", tmp_path).runs
    assert run.losses == [3.0, 3.2]


def test_the_stages_of_a_chain_are_kept(sweep: Path, tmp_path: Path) -> None:
    asked = {"num_rows": 4, "exact_match": 0.75, "tokens_per_completion": 10.04}
    stage = {"stage": 0, "folder": "x", "steps": 7, "tokens": 900, "seconds": 1.0}
    chain = finished(stages=[{**stage, "held_out": asked, "test": asked}])
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"format": 1, "runs": [chain]}))
    (tmp_path / "chain_cpu.json").write_text(collect(results, sweep))
    (run,) = read("chain_cpu", tmp_path).runs
    assert run.stages == [
        {
            **{"stage": 0, "steps": 7, "trained": 900, "tokens": 10.0},
            **{"held_out": [4, 3], "test": [4, 3]},
        }
    ]


def test_a_sweep_that_is_not_finished_is_not_collected(
    sweep: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"runs": [finished(state="failed")]}))
    with pytest.raises(ValueError, match="not finished: none-seed1"):
        collect(results, sweep)


def test_arms_are_compared_with_a_control_on_the_same_rows(tmp_path: Path) -> None:
    def run(arm: str, seed: int, right: list[bool]) -> dict[str, Any]:
        answer = {"data": "test", "level": "long", "rows": len(right), "tokens": 1.0}
        kept = {"right": sum(right), "asked": "a", "verdicts": pack(right)}
        choices = {"arm": arm, "seed": seed}
        run = {"name": f"{arm}-{seed}", "choices": choices, "steps": 1, "minutes": 1}
        return {**run, "parameters": 1, "answers": [{**answer, **kept}]}

    draw = np.random.default_rng(5)
    shares = {"plain": 0.5, "same": 0.5, "better": 0.9}
    content = {
        "versions": {},
        "measured_rows": 0,
        "tuned": [
            {
                "choices": {"arm": arm},
                "chosen": {"rate": 0.1},
                "tried": [[{"rate": rate}, 0.5] for rate in (0.01, 0.1, highest)],
            }
            for arm, highest in zip(shares, (0.1, 1.0, 1.0), strict=True)
        ],
        "runs": [
            run(arm, seed, (draw.random(300) < share).tolist())
            for arm, share in shares.items()
            for seed in (1, 2, 3)
        ],
    }
    (tmp_path / "x.json").write_text(json.dumps(content))
    sweep = read("x", tmp_path)
    assert at_edge(sweep) == 1
    family = between(sweep, ["same", "better"], ["plain"])
    assert [one.shown for one in family.comparisons] == [False, True]
    rows = compared(sweep, ["plain", "same", "better"], family, ["plain"])
    assert str(family.of("better", "plain")).startswith(rows[2][3].partition(" ")[0])
    with pytest.raises(KeyError, match="plain is not compared with better"):
        family.of("plain", "better")
    assert [row[:2] for row in rows] == [[arm, "0.1"] for arm in shares]
    assert rows[0][3:] == ["–", "–"]
    assert rows[2][3].startswith("+")
    assert rows[2][4] == "p < 0.001"
    assert rows[1][4] > "p = 0.05"
