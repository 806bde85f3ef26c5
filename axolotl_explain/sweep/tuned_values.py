"""What was tried before the runs of a sweep, and which of it was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TriedValues:
    """Values of one combination that were tried.

    Attributes:
        values: key of the recipe -> its value.
        exact_match: from 0 to 1, the mean of the runs; each is the mean of its levels.
        runs: how many.
    """

    values: Mapping[str, Any]
    exact_match: float
    runs: int


@dataclass(frozen=True, slots=True)
class TunedValues:
    """What was tried for one combination of what is not tuned over, and chosen."""

    choices: Mapping[str, Any]
    """Key -> its value, and group of keys -> the name of its entry."""
    tried: Sequence[TriedValues]

    @property
    def chosen(self) -> Mapping[str, Any]:
        """Key of the recipe -> the value with the highest exact match."""
        best = max(one.exact_match for one in self.tried)
        equal = [one for one in self.tried if one.exact_match == best]
        return equal[(len(equal) - 1) // 2].values

    @property
    def at_edge(self) -> list[str]:
        """Keys whose chosen value is the least or the greatest of several numbers.

        A better one may lie beyond it: the arm may not be tuned as far as others.
        """
        found = []
        for key, value in self.chosen.items():
            tried = {one.values[key] for one in self.tried}
            numbers = all(isinstance(one, int | float) for one in tried)
            if numbers and len(tried) > 2 and value in (min(tried), max(tried)):
                found.append(key)
        return found
