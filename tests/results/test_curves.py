"""Learning curves, from the best source that a training folder has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from axolotl_explain.results.curves import read_curves

Write = Callable[..., Path]


def test_learning_curves_come_from_kept_completions_then_the_log_then_the_loss(
    write_run: Write, rich_runs: Path
) -> None:
    kept = read_curves(rich_runs / "long-500-1", [])[0]
    assert (kept.measure, kept.level, len(kept.points)) == ("exact match", "long", 7)
    assert kept.points[-1].tokens == 300 * 4000

    folder = write_run("logged", "long", 5)
    log = [
        {"step": 10, "loss": 2.0, "tokens/trainable": 500, "tokens/total": 900},
        {"step": 20, "loss": 1.0, "explain/long/exact_match": 0.5},
    ]
    state = folder / "trainer_state.json"
    state.write_text(json.dumps({"log_history": log}))
    (logged,) = read_curves(folder, [])
    assert [(one.step, one.tokens, one.value) for one in logged.points] == [
        (20, 500, 0.5)
    ]

    anew = {"step": 30, "tokens/trainable": 200, "explain/long/exact_match": 0.7}
    state.write_text(json.dumps({"log_history": [*log, anew]}))
    (logged,) = read_curves(folder, [])
    assert [(one.step, one.tokens) for one in logged.points] == [(20, 500), (30, 700)]

    state.write_text(json.dumps({"log_history": log[:1]}))
    (loss,) = read_curves(folder, [])
    assert (loss.measure, loss.points[0].value) == ("loss", 2.0)
