"""What is counted over completions, against counts by hand."""

from __future__ import annotations

import pytest

from axolotl_explain.evaluation.score import Completion, Metrics, by_level, judge
from axolotl_explain.formats import TargetFormat


def completion(level: str = "long", **changes: object) -> Completion:
    values: dict[str, object] = {
        "row": 1,
        "id": "",
        "level": level,
        "prompt": "2 + 2\n",
        "completion": "Final answer: 4",
        "answer": "4",
        "extracted": "4",
        "exact_match": True,
        "truncated": False,
        "num_tokens": 10,
    }
    return Completion(**{**values, **changes})  # type: ignore[arg-type]


def test_shares_are_counts_over_the_number_of_rows() -> None:
    metrics = Metrics.of(
        [
            completion(num_tokens=10),
            completion(exact_match=False, extracted="5", num_tokens=20),
            completion(
                exact_match=False, extracted=None, truncated=True, num_tokens=60
            ),
            completion(num_tokens=10),
        ]
    )
    assert metrics.num_rows == 4
    assert metrics.exact_match == 2 / 4
    assert metrics.parsed_rate == 3 / 4
    assert metrics.truncated_rate == 1 / 4
    assert metrics.tokens_per_completion == (10 + 20 + 60 + 10) / 4
    assert metrics.interval[0] < 0.5 < metrics.interval[1]


def test_no_completions_have_no_metrics() -> None:
    with pytest.raises(ValueError, match="0"):
        Metrics.of([])


def test_levels_are_reported_from_the_least_explanation_to_the_most() -> None:
    shuffled = [completion(level) for level in ("long", "none", "any", "short", "long")]
    groups = by_level(shuffled)
    assert list(groups) == ["none", "short", "long", "any"]
    assert groups["long"].num_rows == 2


@pytest.mark.parametrize(
    ("text", "extracted", "right"),
    [
        ("8 + 9 = 17.\nFinal answer: 7", "7", True),
        ("8 + 9 = 17.\nFinal answer: 17", "17", False),
        ("Final answer: 27", "27", False),
        ("Final answer:   7  \n", "7", True),
        ("The answer is 7", None, False),
        ("Final answer: 7 apples", "7 apples", False),
        ("Final answer: 3\nNo.\nFinal answer: 7", "7", True),
    ],
)
def test_the_whole_last_answer_is_compared(
    text: str, extracted: str | None, right: bool
) -> None:
    assert judge(text, "7", TargetFormat(), "8 + 9\n") == (extracted, right)
