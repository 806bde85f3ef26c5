"""The curves of explanation and answer in the report, and how they are told apart."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl_explain.report.chart import Chart
from axolotl_explain.report.chart_image import svg
from axolotl_explain.report.palette import DASHES
from axolotl_explain.report.write_report import collect, write_report

Write = Callable[..., Path]


def logged(folder: Path, steps: int = 20, shift: float = 0.0) -> Path:
    """A training that was evaluated every fifth step, as the explanation fades."""
    log: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        share = 1 - step / steps
        log.append(
            {
                "step": step,
                "loss_explanation": 2 / step + shift,
                "loss_answer": 1 / step + shift,
                "share_explanation": share,
                "share_answer": 1 - share,
            }
        )
        if step % 5 == 0:
            losses = {"explanation": 3 / step, "answer": 2 / step}
            own = {f"eval_loss_{kind}": loss for kind, loss in losses.items()}
            log.append({"step": step, **own})
    (folder / "trainer_state.json").write_text(json.dumps({"log_history": log}))
    return folder


def panels(*folders: Path) -> list[Chart]:
    charts = collect(folders).charts
    return [chart for chart in charts if chart.name.startswith("loss_by_kind")]


def recipe(weight: float) -> dict[str, Any]:
    return {"explain": {"loss": {"weights": {"explanation": weight}}}}


def test_one_panel_has_both_kinds_in_training_and_evaluation(write_run: Write) -> None:
    (chart,) = panels(logged(write_run("a", "long", 5)))
    assert chart.title == "Loss of explanation and answer"
    assert (chart.x_label, chart.y_label) == ("optimizer step", "loss, nats a token")
    assert {one.label: len(one.points) for one in chart.series} == {
        "explanation, training": 20,
        "explanation, evaluation": 4,
        "answer, training": 20,
        "answer, evaluation": 4,
    }
    found = {one.label: [(p.x, p.y) for p in one.points] for one in chart.series}
    assert found["explanation, training"][:2] == [(1, 2), (2, 1)]
    assert found["answer, evaluation"] == [(5, 0.4), (10, 0.2), (15, 2 / 15), (20, 0.1)]
    assert chart.caption.endswith(
        "Share of the weighted loss: explanation 95.0\xa0% at first, 0.0\xa0% at last; "
        "answer 5.0\xa0% at first, 100.0\xa0% at last."
    )


def test_curves_are_told_apart_without_colours(write_run: Write) -> None:
    (chart,) = panels(logged(write_run("a", "long", 5)))
    assert len({DASHES[one.style] for one in chart.series}) == 4
    assert len({one.colour for one in chart.series}) == 2
    drawn = svg(chart, text_as_paths=False)
    for one in chart.series:
        assert drawn.count(f">{one.label}<") == 1


def test_seeds_lie_over_each_other_and_other_weights_have_a_panel_of_their_own(
    write_run: Write,
) -> None:
    seeds = [
        logged(write_run(f"a{seed}", "long", 5, seed=seed, recipe_content=recipe(0.1)))
        for seed in (1, 2)
    ]
    other = logged(write_run("b", "long", 5, recipe_content=recipe(0.5)), shift=1.0)
    first, second = panels(*seeds, other)
    assert [first.name, second.name] == ["loss_by_kind_1", "loss_by_kind_2"]
    assert first.title.endswith(": long, explain.loss.weights.explanation 0.1")
    assert second.title.endswith(": long, explain.loss.weights.explanation 0.5")
    assert (len(first.series), len(second.series)) == (8, 4)
    assert len({one.label for one in first.series}) == 8
    assert len({one.colour_name for one in first.series}) == 4
    assert second.series[0].points[0].y == 3


def test_the_page_and_the_table_have_the_curves(
    write_run: Write, tmp_path: Path
) -> None:
    folder = logged(write_run("a", "long", 5))
    built = write_report([folder], tmp_path / "out")
    page = built.files[-1].read_text("utf-8")
    assert '<figure id="loss_by_kind">' in page
    with (tmp_path / "out" / "loss_by_kind.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * (20 + 4)
    assert rows[0]["series"] == "explanation, training"
    assert float(rows[1]["loss, nats a token"]) == 1.0


def test_no_panel_without_losses_by_kind(write_run: Write) -> None:
    folder = write_run("a", "long", 5)
    log = [{"step": step, "loss": 1 / step} for step in range(1, 9)]
    (folder / "trainer_state.json").write_text(json.dumps({"log_history": log}))
    assert panels(folder) == []
