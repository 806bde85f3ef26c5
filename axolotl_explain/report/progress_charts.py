"""Learning curves, and accuracy against the number of training rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from axolotl_explain.report.arms import Arm, share_point
from axolotl_explain.report.chart import (
    BANDS_UP_TO,
    SHARES,
    Chart,
    DataPoint,
    Series,
    join_names,
)
from axolotl_explain.report.run_results import RunResults
from axolotl_explain.results.curves import EXACT_MATCH, Curve, CurvePoint
from axolotl_explain.results.metrics import level_rank
from axolotl_explain.results.run_settings import name_settings, without_rows

LOSS_CAPTION = (
    "No answers were generated during these trainings, so the loss is shown. Losses of "
    "different levels are not comparable: their targets differ."
)


def learning_charts(runs: Sequence[RunResults]) -> list[Chart]:
    """Against steps and, where they were logged, against tokens trained."""
    curves = [(run, curve) for run in runs for curve in run.curves]
    measured = [(run, one) for run, one in curves if one.measure == EXACT_MATCH]
    generated = bool(measured)
    curves = measured or curves
    if not any(len(curve.points) > 1 for _, curve in curves):
        return []
    place = "as bands" if len(curves) <= BANDS_UP_TO else "in the table"
    caption = (
        "Exact match on answers generated during training; 95 % intervals, where they "
        f"are known, {place}."
        if generated
        else LOSS_CAPTION
    )
    label = SHARES if generated else "loss"
    charts = [
        Chart(
            "learning_by_step",
            "Learning curves, by step",
            caption,
            "optimizer step",
            label,
            "band",
            _series(curves, generated, tokens=False),
        )
    ]
    if any(point.tokens is not None for _, curve in curves for point in curve.points):
        told = "Tokens in the loss, where the log has them; else all tokens. "
        charts.append(
            Chart(
                "learning_by_tokens",
                "Learning curves, by tokens trained",
                told + caption,
                "tokens trained",
                label,
                "band",
                _series(curves, generated, tokens=True),
            )
        )
    return charts


def train_rows_chart(arms: Sequence[Arm], names: Mapping[str, str]) -> Chart | None:
    """Exact match against training rows; None where runs do not differ in them."""
    trained = [arm for arm in arms if arm.trained and _rows(arm) is not None]
    if len({_rows(arm) for arm in trained}) < 2:
        return None
    others = [without_rows(arm.settings) for arm in trained]
    labels = name_settings(others)
    found: dict[tuple[str, str], list[Arm]] = {}
    for arm, other in zip(trained, others, strict=True):
        data = names[arm.data] if len(names) > 1 else ""
        rest = join_names(data, labels[other])
        found.setdefault((arm.level, rest), []).append(arm)
    rests = list(dict.fromkeys(rest for _, rest in found))
    series = [
        Series(
            join_names(level, rest),
            level_rank(level),
            rests.index(rest),
            sorted(
                (share_point(arm, float(_rows(arm) or 0)) for arm in members),
                key=lambda point: point.x,
            ),
            level,
            rest,
        )
        for (level, rest), members in found.items()
    ]
    return Chart(
        "accuracy_by_training_rows",
        "Accuracy against training rows",
        "Exact match with 95 % intervals, after training on so many rows.",
        "training rows",
        SHARES,
        "bars",
        series,
        log_x=True,
    )


def _rows(arm: Arm) -> int | None:
    return arm.members[0].run.train_rows


def _series(
    curves: Sequence[tuple[RunResults, Curve]], percent: bool, tokens: bool
) -> list[Series]:
    drawn: list[Series] = []
    names = name_settings([run.settings for run, _ in curves])
    styles = list(dict.fromkeys(names[run.settings] for run, _ in curves))
    for run, curve in curves:
        level = curve.level or run.only_level
        setting = names[run.settings]
        points = [_measured(one, percent, tokens) for one in curve.points]
        shown = [point for point in points if point is not None]
        if not shown:
            continue
        drawn.append(
            Series(
                join_names(run.name, level, setting),
                level_rank(level),
                styles.index(setting),
                shown,
                level or run.name,
                setting,
            )
        )
    return sorted(drawn, key=lambda one: one.colour)


def _measured(point: CurvePoint, percent: bool, tokens: bool) -> DataPoint | None:
    if tokens and point.tokens is None:
        return None
    scale = 100 if percent else 1
    x = point.tokens if tokens else point.step
    low = None if point.low is None else scale * point.low
    high = None if point.high is None else scale * point.high
    return DataPoint(float(x or 0), scale * point.value, low, high)
