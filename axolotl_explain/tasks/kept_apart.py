"""What a data set promises about its splits, in words and for its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.tasks.dataset_plan import DatasetPlan
from axolotl_explain.tasks.owner import apart
from axolotl_explain.tasks.task import Split
from axolotl_explain.tasks.write_jsonl import SplitSummary

UP_TO_ORDER = "up to the order of arguments"
TEXTS = "equal texts only"


@dataclass(frozen=True, slots=True)
class KeptApart:
    """How splits are kept apart, and which lengths could not have their share of rows.

    Attributes:
        by: `UP_TO_ORDER` or `TEXTS`.
        too_few: list_length -> how many problems it has up to order, where those are
            too few to be kept apart in that way.
        short: split -> list_length -> (rows that it has, rows that others have), where
            it has too few problems for an equal part.
    """

    by: str
    too_few: Mapping[int, int]
    short: Mapping[Split, Mapping[int, tuple[int, int]]]

    @classmethod
    def of(
        cls, plan: DatasetPlan[Any], summaries: Mapping[Split, SplitSummary]
    ) -> KeptApart:
        """What drawing a plan gave.

        Args:
            summaries: of what was drawn.
        """
        if plan.drawing == 1:
            return cls(TEXTS, {}, {})
        # No other split has problems of the lengths of test_long.
        shared = sorted(
            {
                length
                for split in summaries
                if split != "test_long"
                for length in plan.options.lengths(split)
            }
        )
        counts = {length: plan.task.count(plan.options, length) for length in shared}
        too_few = {
            length: one.up_to_order for length, one in counts.items() if not apart(one)
        }
        by = TEXTS if shared and len(too_few) == len(shared) else UP_TO_ORDER
        short = {
            split: _short(summary, plan.options.lengths(split))
            for split, summary in summaries.items()
        }
        return cls(
            by, too_few, {split: found for split, found in short.items() if found}
        )

    def as_json(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return {
            "kept_apart": self.by,
            "too_few_to_keep_apart": {
                str(n): count for n, count in self.too_few.items()
            },
            "too_few_for_equal_lengths": {
                split: {str(length): rows for length, (rows, _) in found.items()}
                for split, found in self.short.items()
            },
        }

    def lines(self) -> list[str]:
        """As it is told."""
        return [self._told(), *self._told_of_lengths()]

    def _told(self) -> str:
        if self.by == UP_TO_ORDER:
            told = "No two splits share a problem, in any order of its arguments"
            if not self.too_few:
                return f"{told}."
            return f"{told}; but for list_length {self._few()}: there texts differ."
        if not self.too_few:
            return (
                "No two splits share a text, but the same problem may stand in two, in "
                "another order of its arguments; --drawing 2 keeps these apart too."
            )
        return (
            "No two splits share a text. To keep them apart in any order of arguments "
            f"is not possible: there are too few problems of list_length {self._few()}."
        )

    def _few(self) -> str:
        few = [f"{n} (only {count} up to order)" for n, count in self.too_few.items()]
        return ", ".join(few)

    def _told_of_lengths(self) -> list[str]:
        return [
            f"{split}: list_length {length} has too few problems for its share: "
            f"{rows:,} rows instead of {full:,}."
            for split, found in self.short.items()
            for length, (rows, full) in found.items()
        ]


def _short(summary: SplitSummary, lengths: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Lengths that have fewer rows than rounds of all lengths would give."""
    most = max(summary.lengths.values())
    found = {length: summary.lengths[length] for length in lengths}
    return {length: (rows, most) for length, rows in found.items() if rows < most - 1}
