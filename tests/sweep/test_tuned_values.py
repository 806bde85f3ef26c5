"""What is chosen of what was tried, and when that lies at the edge."""

from __future__ import annotations

import pytest

from axolotl_explain.sweep.tuned_values import TriedValues, TunedValues


def tuned(shares: dict[object, float]) -> TunedValues:
    tried = [TriedValues({"rate": one}, share, 1) for one, share in shares.items()]
    return TunedValues({"arm": "long"}, tried)


@pytest.mark.parametrize(
    ("shares", "chosen", "at_edge"),
    [
        ({0.1: 0.5, 0.2: 0.9, 0.4: 0.3}, 0.2, []),
        ({0.1: 0.5, 0.2: 0.6, 0.4: 0.9}, 0.4, ["rate"]),
        ({0.4: 0.9, 0.1: 0.5, 0.2: 0.6}, 0.4, ["rate"]),
        # Of equals the one in the middle, and two values have no inside.
        ({0.1: 1.0, 0.2: 1.0, 0.4: 1.0}, 0.2, []),
        ({0.1: 0.5, 0.2: 0.9}, 0.2, []),
        ({"cosine": 0.5, "linear": 0.6, "constant": 0.9}, "constant", []),
    ],
)
def test_the_chosen_value_and_whether_it_lies_at_the_edge(
    shares: dict[object, float], chosen: object, at_edge: list[str]
) -> None:
    found = tuned(shares)
    assert found.chosen == {"rate": chosen}
    assert found.at_edge == at_edge
