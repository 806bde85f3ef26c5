"""What explanations gain over the answer alone, and what controls keep of it."""

from __future__ import annotations

from collections.abc import Sequence

from axolotl_explain.report.arms import percent
from axolotl_explain.report.chart import GAINS, Chart, DataPoint, Series, join_names
from axolotl_explain.report.levels_chart import AFTER_LEVELS
from axolotl_explain.report.worth import Gain, Worth
from axolotl_explain.results.metrics import level_rank


def worth_chart(found: Sequence[Worth], data: dict[str, str]) -> Chart | None:
    """The gain of every arm with its interval; None where none can be compared.

    Args:
        data: data file -> its short name.
    """
    names = list(dict.fromkeys(gain.name for one in found for gain in one.gains))
    names.sort(key=_place)
    groups = [
        join_names(data[one.family.data] if len(data) > 1 else "", one.family.setting)
        for one in found
    ]
    series = []
    for number, (one, group) in enumerate(zip(found, groups, strict=True)):
        for gain in one.gains:
            if gain.over_none is None:
                continue
            alone = len(found) == 1
            series.append(
                Series(
                    join_names(gain.name, group),
                    level_rank(gain.arm.level) if alone else AFTER_LEVELS + number,
                    number,
                    [_point(gain, names.index(gain.name))],
                    "" if alone else group,
                )
            )
    if not series:
        return None
    return Chart(
        "worth",
        "What the explanations gain",
        "Exact match less that of the answer alone on the same rows, with 95 % "
        "intervals; a control that stands as high as its level keeps the gain.",
        "level, and what was done to its explanations",
        GAINS,
        "points",
        series,
        ticks=names,
    )


def _place(name: str) -> tuple[int, str]:
    level, _, treatment = name.partition(", ")
    return level_rank(level), treatment


def _point(gain: Gain, place: int) -> DataPoint:
    found, arm = gain.over_none, gain.arm
    assert found is not None
    low, high = percent(found.low), percent(found.high)
    return DataPoint(place, 100 * found.estimate, low, high, arm.rows)
