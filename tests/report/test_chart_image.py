"""Names below an axis do not run into each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from axolotl_explain.report.chart import SHARES, Chart, DataPoint, Series
from axolotl_explain.report.chart_image import svg

LEVELS = ("none", "short", "medium", "long")
CONTROLS = ("answer first", "shuffled", "mismatched", "coverage")


@pytest.mark.parametrize(
    ("names", "slanted"), [(LEVELS, False), ((*LEVELS, *CONTROLS), True)]
)
def test_names_that_would_collide_are_slanted(
    names: Sequence[str], slanted: bool
) -> None:
    points = [DataPoint(float(at), 50.0) for at in range(len(names))]
    series = [Series("a", 0, 0, points)]
    chart = Chart("arms", "", "", "arm", SHARES, "points", series, ticks=names)
    drawn = svg(chart, text_as_paths=False)
    assert all(name in drawn for name in names)
    assert ("rotate(-30)" in drawn or "rotate(-30 " in drawn) is slanted
