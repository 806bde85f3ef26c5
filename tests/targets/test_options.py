"""Options of targets: what they need to see, and the shares that they allow."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from axolotl_explain.targets.options import TargetOptions


@pytest.mark.parametrize(
    ("block", "needs", "looks"),
    [
        ({}, "", False),
        ({"coverage": 0.5, "filter": "consistent"}, "", False),
        ({"control": "shuffle_steps"}, "", False),
        ({"control": "shuffle_tokens"}, "", False),
        ({"control": "mismatched"}, "control", True),
        ({"derive_levels": {"by": "steps"}}, "", True),
        ({"derive_levels": {"by": "sentences"}}, "", True),
        ({"derive_levels": {"by": "length"}}, "derive_levels.by", True),
    ],
)
def test_only_terciles_and_mismatched_pairs_need_all_rows_together(
    block: dict[str, Any], needs: str, looks: bool
) -> None:
    options = TargetOptions(**block)
    assert (options.needs_whole_dataset, options.looks_at_dataset) == (needs, looks)


@pytest.mark.parametrize("coverage", [-0.1, 1.1, 100])
def test_a_coverage_that_is_no_share_is_refused(coverage: float) -> None:
    with pytest.raises(ValidationError, match="coverage"):
        TargetOptions(coverage=coverage)


@pytest.mark.parametrize("coverage", [0, 0.25, 1])
def test_a_coverage_may_be_any_share(coverage: float) -> None:
    assert TargetOptions(coverage=coverage).coverage == coverage
