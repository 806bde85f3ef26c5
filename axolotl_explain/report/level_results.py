"""The results of a model on a data file at a level, counted or as stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.counts import CompletionCounts
from axolotl_explain.results.json_values import as_list, as_mapping, as_text
from axolotl_explain.results.verdict_bits import RowVerdicts

Key = tuple[str, str | None, str]
"""(data, model, level)."""


@dataclass(frozen=True, slots=True)
class LevelResults:
    """The results of one model on one data file at one level."""

    data: str
    model: str | None
    """None: the base model, as it was before training."""
    level: str
    counts: CompletionCounts
    completions: Sequence[Completion] = ()
    by: Mapping[str, Any] = field(default_factory=dict)
    """Metrics by field of `meta`, as stored; used where completions are missing."""
    verdicts: RowVerdicts | None = None
    """Row by row; None in results that older versions have kept without completions."""

    @property
    def rows_asked(self) -> str | None:
        """What is the same for results on the same rows; None if that is not known."""
        return None if self.verdicts is None else self.verdicts.rows


def level_results(
    metrics: Mapping[str, Any], completions: Sequence[Completion]
) -> list[LevelResults]:
    """Counted from completions where they are kept, else taken from metrics.json.

    Args:
        metrics: the content of metrics.json.
    """
    kept: dict[Key, list[Completion]] = defaultdict(list)
    for one in completions:
        kept[one.data, one.model, one.level].append(one)
    found: dict[Key, LevelResults] = {}
    for key, entry in _stored(metrics):
        counts = CompletionCounts.of_metrics(as_mapping(entry.get("metrics")))
        if counts is not None:
            found[key] = LevelResults(
                *key,
                counts,
                by=as_mapping(entry.get("by")),
                verdicts=RowVerdicts.of_entry(entry),
            )
    for key, members in kept.items():
        by = found[key].by if key in found else {}
        counts, verdicts = CompletionCounts.of(members), RowVerdicts.of(members)
        found[key] = LevelResults(*key, counts, members, by, verdicts)
    return list(found.values())


def _stored(metrics: Mapping[str, Any]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """The entries of metrics.json; older files have levels alone."""
    data, model = str(metrics.get("data") or "data"), as_text(metrics.get("model"))
    entries = [
        entry for entry in map(as_mapping, as_list(metrics.get("evaluations"))) if entry
    ]
    for entry in entries:
        own = as_text(entry["model"]) if "model" in entry else model
        yield (str(entry.get("data") or data), own, str(entry.get("level"))), entry
    if not entries:
        for level, found in as_mapping(metrics.get("levels")).items():
            yield (data, model, str(level)), {"metrics": found}
