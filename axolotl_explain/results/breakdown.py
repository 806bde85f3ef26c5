"""Metrics of completions by dataset, model and level, and by every field of meta.

What stands in metrics.json for one dataset, model and level:

    {"data": "data/test.jsonl", "model": "outputs/long", "level": "long",
     "rows": "5e1f…", "right": "/9f…",
     "metrics": {"num_rows": 500, "exact_match": 0.91, …},
     "by": {"list_length": [{"value": "4", "low": 4, "high": 4, "in_training": true,
                             "right": "gA==", "metrics": {…}}, …]}}

`rows` is the same for evaluations of the same rows, and `right` has a bit for each of
them, in order: whether it is an exact match (`verdict_bits.py`). A bucket has the bits
of its own rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from axolotl_explain.results.buckets import Bucket, Range, buckets_of, is_number
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.metrics import Metrics
from axolotl_explain.results.verdict_bits import pack, rows_digest

MOST_TEXTS = 30
"""A field with more distinct texts, such as a title, is no way to group rows."""


def evaluations(
    completions: Iterable[Completion], ranges: Mapping[str, Range] | None = None
) -> list[dict[str, Any]]:
    """Metrics and breakdowns, one entry for each dataset, model and level.

    Args:
        ranges: field of meta -> what training had of it, where that is known.
    """
    found: dict[tuple[str, str | None, str], list[Completion]] = {}
    for one in completions:
        found.setdefault((one.data, one.model, one.level), []).append(one)
    return [
        {
            "data": data,
            "model": model,
            "level": level,
            "rows": rows_digest(group),
            "right": pack([one.exact_match for one in group]),
            "metrics": Metrics.of(group).to_dict(),
            "by": by_field(group, ranges or {}),
        }
        for (data, model, level), group in found.items()
    ]


def by_field(
    completions: Sequence[Completion], ranges: Mapping[str, Range]
) -> dict[str, list[dict[str, Any]]]:
    """Field of meta -> an entry for each of its values, numbers and texts in order."""
    names = dict.fromkeys(name for one in completions for name in one.meta)
    entries = {
        name: list(_entries(name, completions, ranges.get(name))) for name in names
    }
    return {name: found for name, found in entries.items() if found}


def _entries(
    name: str, completions: Sequence[Completion], known: Range | None
) -> Iterator[dict[str, Any]]:
    pairs = [(value, one) for one in completions for value in _values(one.meta, name)]
    numbers = buckets_of(value for value, _ in pairs if is_number(value))
    texts = {str(value) for value, _ in pairs if not is_number(value)}
    if len(texts) > MOST_TEXTS:
        return

    def bucket(value: Any) -> Bucket:
        return numbers[value] if is_number(value) else Bucket(_as_text(value))

    def rank(bucket: Bucket) -> tuple[bool, float, str]:
        return bucket.low is None, bucket.low or 0, bucket.value

    sorted_pairs = sorted(
        ((bucket(value), one) for value, one in pairs), key=lambda pair: rank(pair[0])
    )
    for found, members in groupby(sorted_pairs, key=lambda pair: pair[0]):
        inside = [one for _, one in members]
        yield {
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "in_training": found.in_training(known),
            "right": pack([one.exact_match for one in inside]),
            "metrics": Metrics.of(inside).to_dict(),
        }


def _values(meta: Mapping[str, Any], name: str) -> list[Any]:
    """What a row counts under: its value, or each member of a list once."""
    value = meta.get(name)
    members = value if isinstance(value, list | tuple) else [value]
    plain = [one for one in members if isinstance(one, str | bool | int | float)]
    return list(dict.fromkeys(plain))


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
