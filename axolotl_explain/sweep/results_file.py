"""`results.json`: the results of all runs of a sweep, in one small file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from axolotl_explain.results.chain_record import read_stages
from axolotl_explain.results.curves import read_curves
from axolotl_explain.results.find_runs import trainer_state
from axolotl_explain.results.loss_curves import read_losses_by_kind
from axolotl_explain.results.store import METRICS, read_metrics
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.grid_runs import GridRun
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_file import read_state
from axolotl_explain.sweep.tuned_values import TunedValues

RESULTS = "results.json"
FORMAT = 1
"""Goes up when an older reader would misunderstand the file."""


def write_results(
    path: Path,
    planned: Sequence[GridRun],
    failed: Mapping[str, Exception],
    tuned: Sequence[TunedValues] = (),
) -> None:
    """Write the results of every run.

        {"format": 1, "runs": [
        {"name": "long-seed1", "choices": {"seed": 1, …}, "state": "finished",
         "steps": 300, "seconds": {"training": 61.2, …}, "num_parameters": 474496,
         "evaluations": […as in metrics.json, without what is null],
         "curves": [{"measure": "exact match", "level": "long", "points": [{"step": 50,
          "tokens": 91000, "value": 0.25, "low": 0.18, "high": 0.33}, …]}],
         "losses": [{"kind": "answer", "phase": "training", "points": [[50, 1.2], …]},
          …],
         "stages": […of a chain, as in internalise.json], …},
        …
        ],
        "tuned": [{"choices": {"level": "long"}, "chosen": {"learning_rate": 0.004},
         "tried": [{"values": {"learning_rate": 0.002}, "exact_match": 0.5, "runs": 1},
          …]}, …]}

    Args:
        failed: name of a run -> why.
        tuned: what was chosen before; without it, the file has no such list.
    """
    runs = [_without_null(_result(one, one.run.name in failed)) for one in planned]
    lines = ",\n".join(json.dumps(run, default=str) for run in runs)
    chosen = [{**asdict(one), "chosen": dict(one.chosen)} for one in tuned]
    behind = ",\n".join(json.dumps(one, default=str) for one in chosen)
    behind = f',\n"tuned": [\n{behind}\n]' if chosen else ""
    write_whole(path, f'{{"format": {FORMAT}, "runs": [\n{lines}\n]{behind}}}\n')


def exact_matches(run: SweepRun) -> list[tuple[str, float]]:
    """(level, exact match) of the tuned model, over all its data; empty without any."""
    if not (run.results / METRICS).is_file():
        return []
    levels = read_metrics(run.results)["levels"]
    return [(level, metrics["exact_match"]) for level, metrics in levels.items()]


def _result(one: GridRun, failed: bool) -> dict[str, Any]:
    stage = one.run.stage()
    known: dict[str, Any] = {
        "name": one.run.name,
        "choices": dict(one.choices),
        "state": "failed" if failed else stage,
    }
    state = read_state(one.run.folder)
    if stage != "finished" or state is None:
        return known
    metrics = read_metrics(one.run.results)
    stages = [] if one.run.chain is None else read_stages(one.run.chain)
    return {
        **known,
        "stages": stages or None,
        "seconds": state.seconds,
        "steps": sum(stage["steps"] for stage in stages)
        or trained_steps(one.run.folder),
        "num_parameters": metrics.get("num_parameters"),
        "evaluations": metrics["evaluations"],
        "curves": [asdict(curve) for curve in read_curves(one.run.folder, [])],
        "losses": _losses(one.run.folder),
        "versions": metrics["versions"],
    }


def _losses(folder: Path) -> list[dict[str, Any]]:
    """Of explanation and answer, unweighted; empty without `explain.loss`."""
    return [
        {"kind": one.kind, "phase": one.phase, "points": [*one.points.items()]}
        for one in read_losses_by_kind(folder, []).curves
    ]


def trained_steps(folder: Path) -> int | None:
    """Optimizer steps of a training; None where no trainer state says."""
    state = trainer_state(folder)
    if state is None:
        return None
    return int(json.loads(state.read_text("utf-8"))["global_step"])


def _without_null(value: Any) -> Any:
    """A value without what is null in it."""
    if isinstance(value, dict):
        known = {key: one for key, one in value.items() if one is not None}
        return {key: _without_null(one) for key, one in known.items()}
    return [_without_null(one) for one in value] if isinstance(value, list) else value
