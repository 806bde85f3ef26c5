"""The stages of internalisation as one line in the chart of what answers cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from axolotl_explain.report.arms import Arm
from axolotl_explain.report.chart import Chart, Series, join_names
from axolotl_explain.report.levels_chart import series_of
from axolotl_explain.results.run_settings import STAGE, Settings


def with_stage_lines(
    chart: Chart | None, arms: Sequence[Arm], names: Mapping[str, str]
) -> Chart | None:
    """The chart with the points of each chain joined, in the order of its stages.

    Args:
        arms: those that the chart shows.
        names: data file -> its short name.
    """
    chains: dict[tuple[Settings, str, str], list[tuple[int, str]]] = defaultdict(list)
    for arm in arms:
        settings = dict(arm.members[0].run.settings)
        stage = settings.pop(STAGE, "")
        if arm.trained and stage.isdigit():
            key = (tuple(sorted(settings.items())), arm.data, arm.level)
            label = join_names(arm.level, series_of(arm, names))
            chains[key].append((int(stage), label))
    if chart is None or not any(len(found) > 1 for found in chains.values()):
        return chart
    series = {one.label: one for one in chart.series}
    # One chain that is asked two files is one chain.
    numbers = list(dict.fromkeys(one for one, _, _ in chains))
    for (chain, data, level), found in chains.items():
        stages = [series.pop(label) for _, label in sorted(found) if label in series]
        if stages:
            several = numbers.index(chain) + 1 if len(numbers) > 1 else ""
            name = join_names(f"internalising {several}".strip(), names.get(data, ""))
            series |= _line(f"{level}, {name}", name, stages)
    return replace(chart, kind="bars", series=list(series.values()))


def _line(label: str, name: str, stages: Sequence[Series]) -> dict[str, Series]:
    points = [point for one in stages for point in one.points]
    joined = replace(stages[0], label=label, points=points, style_name=name)
    return {label: joined}
