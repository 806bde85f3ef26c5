"""Accuracy against the length of a problem, the training range shaded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from axolotl_explain.report.arms import Arm, Member
from axolotl_explain.report.chart import SHARES, Chart, DataPoint, Series, join_names
from axolotl_explain.results.counts import CompletionCounts
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.json_values import as_list, as_mapping
from axolotl_explain.results.metrics import level_rank

FIELDS = ("list_length", "length", "num_operators", "num_steps", "depth")
"""Fields of `meta` that tell a length; the first that the rows have is used."""

BUCKETS = 12
"""At most so many lengths stand alone; more are put into so many buckets."""

ByLength = dict[float, tuple[int, int]]
"""Length -> rows, right answers."""


def length_chart(arms: Sequence[Arm]) -> Chart | None:
    """All data files together; None where rows do not tell two lengths at least."""
    field = next((name for name in FIELDS if _tells(arms, name)), None)
    if field is None:
        return None
    counted: dict[tuple[str, str], ByLength] = defaultdict(dict)
    for arm in arms:
        counts = counted[arm.series, arm.level]
        for length, rows, right in _lengths(arm, field):
            before = counts.get(length, (0, 0))
            counts[length] = (before[0] + rows, before[1] + right)
    lengths = sorted({length for counts in counted.values() for length in counts})
    if len(lengths) < 2:
        return None
    width = max(1, -(-int(lengths[-1] - lengths[0] + 1) // BUCKETS))
    if len(lengths) <= BUCKETS:
        width = 1
    groups = list(dict.fromkeys(series for series, _ in counted))
    drawn = [
        Series(
            join_names(level, series),
            level_rank(level),
            groups.index(series),
            _marks(counts, lengths[0], width),
            level,
            series,
        )
        for (series, level), counts in counted.items()
        if counts
    ]
    shaded = _trained_range(arms, field, lengths[0])
    seen = "; shaded: lengths seen in training" if shaded else ""
    grouped = f", in buckets of {width}" if width > 1 else ""
    return Chart(
        "accuracy_by_length",
        "Accuracy against length",
        f"Exact match by {field}{grouped}, with 95 % intervals{seen}.",
        field.replace("_", " "),
        SHARES,
        "bars",
        drawn,
        shaded=shaded,
    )


def _tells(arms: Sequence[Arm], name: str) -> bool:
    values = {length for arm in arms for length, _, _ in _lengths(arm, name)}
    return len(values) > 1


def _lengths(arm: Arm, name: str) -> Iterable[tuple[float, int, int]]:
    """Length, rows and right answers: from completions, else as stored."""
    for member in arm.members:
        if member.results.completions:
            found: Counter[tuple[float, bool]] = Counter()
            for one in member.results.completions:
                length = one.meta.get(name)
                if isinstance(length, int | float) and not isinstance(length, bool):
                    found[length, one.exact_match] += 1
            for length, right in found:
                rows = found[length, right]
                yield length, rows, rows if right else 0
        else:
            for entry in as_list(member.results.by.get(name)):
                yield from _stored(as_mapping(entry))


def _stored(bucket: Mapping[str, Any]) -> Iterator[tuple[float, int, int]]:
    """The middle of a bucket with its counts; nothing for one that is no number."""
    low, high = bucket.get("low"), bucket.get("high")
    counted = CompletionCounts.of_metrics(as_mapping(bucket.get("metrics")))
    if counted and isinstance(low, int | float) and isinstance(high, int | float):
        yield (low + high) / 2, counted.rows, counted.right


def _marks(counts: ByLength, first: float, width: int) -> list[DataPoint]:
    buckets: dict[float, list[tuple[int, int]]] = defaultdict(list)
    for length, both in counts.items():
        start = first + (length - first) // width * width
        buckets[start + (width - 1) / 2 if width > 1 else length].append(both)
    points = []
    for middle in sorted(buckets):
        rows = sum(both[0] for both in buckets[middle])
        right = sum(both[1] for both in buckets[middle])
        if rows:
            low, high = wilson_interval(right, rows)
            points.append(
                DataPoint(middle, 100 * right / rows, 100 * low, 100 * high, rows)
            )
    return points


def _trained_range(
    arms: Sequence[Arm], field: str, first: float
) -> tuple[float, float] | None:
    """Up to the longest of training, where every run that says it says the same."""
    members = [member for arm in arms for member in arm.members if arm.trained]
    longest = {_longest(member, field) for member in members} - {None}
    found = longest.pop() if len(longest) == 1 else None
    return None if found is None or found < first else (first, found)


def _longest(member: Member, field: str) -> float | None:
    """As the evaluation marked it, else as the recipe or metrics.json says."""
    buckets = map(as_mapping, as_list(member.results.by.get(field)))
    trained = [
        bucket["high"]
        for bucket in buckets
        if bucket.get("in_training") is True
        and isinstance(bucket.get("high"), int | float)
    ]
    if trained:
        return float(max(trained))
    said = member.run.max_train_length if field in ("list_length", "length") else None
    return None if said is None else float(said)
