"""Keep what the sweeps of recipes/paper came to: `python -m reproduction.collect`.

Reads outputs/paper/*/results.json and writes reproduction/results/*.json, whose format
stands in paper_sweeps.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from axolotl_explain.results.verdict_bits import bucket_verdicts, pack
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.grid import read_grid
from reproduction.paper_sweeps import FOLDER

SWEEPS = Path("recipes/paper")


def main() -> None:
    """Collect every sweep that has been run to its end."""
    for sweep in sorted(SWEEPS.glob("*.yml")):
        results = Path("outputs/paper") / sweep.stem / "results.json"
        if not results.is_file():
            print(f"{sweep}: not run here; its kept results stay as they are")
            continue
        text = collect(results, sweep)
        write_whole(FOLDER / f"{sweep.stem}.json", text)
        print(f"{sweep}: {len(text):,} bytes")


def collect(results: Path, sweep: Path) -> str:
    """The text of a small file, from the results.json of a sweep.

    Args:
        sweep: the file that describes it.

    Raises:
        ValueError: if a run is not finished.
    """
    common = read_grid(str(sweep)).set
    measured = common.get("explain.evaluation", {})
    texts = {one["type"] for one in common.get("test_datasets", [])} == {"completion"}
    content = json.loads(results.read_text("utf-8"))
    runs = content["runs"]
    unfinished = [run["name"] for run in runs if run["state"] != "finished"]
    if unfinished:
        raise ValueError(f"{results}: not finished: {', '.join(unfinished)}")
    head = {
        "sweep": sweep.as_posix(),
        "measured_rows": measured.get("rows", 0),
        "versions": runs[0]["versions"],
        "tuned": [_tuned(one) for one in content.get("tuned", [])],
    }
    lines = ",\n".join(json.dumps(_run(run, texts)) for run in runs)
    return f'{json.dumps(head)[:-1]}, "runs": [\n{lines}\n]}}\n'


def _tuned(one: Mapping[str, Any]) -> dict[str, Any]:
    tried = [[each["values"], round(each["exact_match"], 4)] for each in one["tried"]]
    return {"choices": one["choices"], "chosen": one["chosen"], "tried": tried}


def _run(run: Mapping[str, Any], texts: bool) -> dict[str, Any]:
    """What is kept of a run.

    Args:
        texts: whether its losses were measured on plain texts.
    """
    stages = run.get("stages", [])
    curves = [one for one in run["curves"] if one["measure"] == "exact match"]
    return {
        "name": run["name"],
        "choices": run["choices"],
        "steps": run["steps"],
        "parameters": run["num_parameters"],
        "minutes": round(sum(run["seconds"].values()) / 60, 2),
        "answers": [_answers(one) for one in run["evaluations"]],
        "curve": [
            [point["step"], point["tokens"], round(point["value"], 4)]
            for curve in curves
            for point in curve["points"]
        ],
        **({"losses": _first_and_last(run)} if texts else {}),
        **({"stages": [_stage(one) for one in stages]} if stages else {}),
    }


def _stage(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stage": one["stage"],
        "steps": one["steps"],
        "trained": one["tokens"],
        "tokens": round(one["held_out"]["tokens_per_completion"], 1),
        "held_out": [one["held_out"]["num_rows"], _right(one["held_out"])],
        "test": [one["test"]["num_rows"], _right(one["test"])],
    }


def _first_and_last(run: Mapping[str, Any]) -> list[float]:
    courses = [one["points"] for one in run["curves"] if one["measure"] == "loss"]
    return [round(at["value"], 4) for one in courses for at in (one[0], one[-1])]


def _answers(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    metrics = evaluation["metrics"]
    valid = metrics.get("explanation_validity")
    return {
        "data": PurePath(evaluation["data"]).stem,
        "level": evaluation["level"],
        "rows": metrics["num_rows"],
        "right": _right(metrics),
        "asked": evaluation.get("rows", ""),
        "verdicts": evaluation.get("right", ""),
        "tokens": round(metrics["tokens_per_completion"], 1),
        "valid": None if valid is None else round(valid, 4),
        "lengths": {
            bucket["value"]: [
                bucket["metrics"]["num_rows"],
                _right(bucket["metrics"]),
                pack(bucket_verdicts(bucket)),
            ]
            for bucket in evaluation["by"].get("list_length", [])
        },
    }


def _right(metrics: Mapping[str, Any]) -> int:
    found: float = metrics["exact_match"] * metrics["num_rows"]
    return round(found)


if __name__ == "__main__":
    main()
