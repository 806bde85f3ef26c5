"""Accuracy by level and model, and accuracy against tokens spent per answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from axolotl_explain.report.arms import Arm, share_point
from axolotl_explain.report.chart import SHARES, Chart, Series, join_names
from axolotl_explain.results.metrics import level_rank

AFTER_LEVELS = 4
"""The first colour that stands for no level."""


def series_of(arm: Arm, names: Mapping[str, str]) -> str:
    """What sets an arm apart from others of its level; "" where nothing does."""
    data = names[arm.data] if len(names) > 1 else ""
    return join_names(data, arm.series)


def level_chart(arms: Sequence[Arm], names: Mapping[str, str]) -> Chart:
    """Exact match with its interval, levels side by side."""
    levels = sorted(dict.fromkeys(arm.level for arm in arms), key=level_rank)
    groups = list(dict.fromkeys(series_of(arm, names) for arm in arms))
    one = len(groups) == 1
    series = [
        Series(
            group or arm.level,
            level_rank(arm.level) if one else AFTER_LEVELS + number,
            number,
            [share_point(arm, levels.index(arm.level), seeds=True)],
            colour_name=group,
        )
        for number, group in enumerate(groups)
        for arm in arms
        if series_of(arm, names) == group
    ]
    return Chart(
        "accuracy_by_level",
        "Accuracy by level",
        "Exact match of whole answers, the mean over seeds, with each seed as a short "
        "line; the bars are 95 % intervals over seeds and rows, left out where few "
        "seeds lie too far apart for one.",
        "level of explanation",
        SHARES,
        "points",
        _joined(series),
        ticks=levels,
    )


def tokens_chart(arms: Sequence[Arm], names: Mapping[str, str]) -> Chart | None:
    """Exact match against what an answer costs; None where tokens are not known."""
    groups = list(dict.fromkeys(series_of(arm, names) for arm in arms))
    series = [
        Series(
            join_names(arm.level, group),
            level_rank(arm.level),
            groups.index(group),
            [share_point(arm, arm.tokens)],
            arm.level,
            group,
        )
        for arm in arms
        if arm.tokens
        for group in [series_of(arm, names)]
    ]
    if not series:
        return None
    return Chart(
        "accuracy_by_tokens",
        "Accuracy against the price of an answer",
        "Tokens generated per answer, on average; up and to the left is better.",
        "tokens per answer",
        SHARES,
        "points",
        series,
    )


def _joined(series: Sequence[Series]) -> list[Series]:
    """Series of one label as one."""
    found: dict[str, Series] = {}
    for one in series:
        before = found.get(one.label)
        points = [*before.points, *one.points] if before else one.points
        found[one.label] = replace(one, points=points)
    return list(found.values())
