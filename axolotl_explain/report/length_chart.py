"""Accuracy against the length of a problem, the training range shaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from axolotl_explain.report.arms import Arm, Member, percent
from axolotl_explain.report.chart import SHARES, Chart, DataPoint, Series, join_names
from axolotl_explain.results.json_values import as_list, as_mapping
from axolotl_explain.results.metrics import level_rank
from axolotl_explain.results.verdict_bits import bucket_verdicts
from axolotl_explain.statistics.mean import mean_of
from axolotl_explain.statistics.verdicts import Verdicts

FIELDS = ("list_length", "length", "num_operators", "num_steps", "depth")
"""Fields of `meta` that tell a length; the first that the rows have is used."""

BUCKETS = 12
"""At most so many lengths stand alone; more are put into so many buckets."""

ByLength = dict[float, list[list[bool]]]
"""Length -> for each run, the verdicts of its rows in their order."""


def length_chart(arms: Sequence[Arm]) -> Chart | None:
    """All data files together; None where rows do not tell two lengths at least."""
    field = next((name for name in FIELDS if _tells(arms, name)), None)
    if field is None:
        return None
    counted: dict[tuple[str, str], ByLength] = defaultdict(dict)
    for arm in arms:
        counts = counted[arm.series, arm.level]
        for length, runs in _lengths(arm, field).items():
            counts[length] = _beside(counts.get(length), runs)
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
    return len({length for arm in arms for length in _lengths(arm, name)}) > 1


def _lengths(arm: Arm, name: str) -> ByLength:
    """Length -> the verdicts of each run, from completions, else as stored."""
    found: ByLength = defaultdict(list)
    for member in arm.members if arm.trained else arm.members[:1]:
        for length, right in _of_member(member, name).items():
            found[length].append(right)
    return found


def _of_member(member: Member, name: str) -> dict[float, list[bool]]:
    found: dict[float, list[bool]] = defaultdict(list)
    for one in member.results.completions:
        length = one.meta.get(name)
        if isinstance(length, int | float) and not isinstance(length, bool):
            found[length].append(one.exact_match)
    if not member.results.completions:
        for entry in map(as_mapping, as_list(member.results.by.get(name))):
            low, high = entry.get("low"), entry.get("high")
            if isinstance(low, int | float) and isinstance(high, int | float):
                found[(low + high) / 2] += bucket_verdicts(entry)
    return {length: right for length, right in found.items() if right}


def _beside(one: list[list[bool]] | None, other: list[list[bool]]) -> list[list[bool]]:
    """The rows of two files, run by run; those of the larger where runs differ."""
    if not one:
        return other
    if len(one) != len(other):
        return max(one, other, key=len)
    return [first + second for first, second in zip(one, other, strict=True)]


def _marks(counts: ByLength, first: float, width: int) -> list[DataPoint]:
    buckets: dict[float, list[list[bool]]] = {}
    for length in sorted(counts):
        start = first + (length - first) // width * width
        middle = start + (width - 1) / 2 if width > 1 else length
        buckets[middle] = _beside(buckets.get(middle), counts[length])
    return [_mark(middle, runs) for middle, runs in buckets.items()]


def _mark(length: float, runs: list[list[bool]]) -> DataPoint:
    """Rows count once, however many runs have answered them."""
    rows = min(map(len, runs))
    if {len(right) for right in runs} == {rows}:
        verdicts = Verdicts.of(runs)
    else:
        counts = [round(sum(right) / len(right) * rows) for right in runs]
        verdicts = Verdicts.of_counts(counts, rows)
    share, low, high, _ = mean_of(verdicts)
    return DataPoint(length, 100 * share, percent(low), percent(high), rows)


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
