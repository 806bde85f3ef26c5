"""What is written down of a recipe, and where a later run first departs from it.

A record is JSON that a person can read and a diff can show: one string for each column
of each row. Ids stand as they are; labels as `-100*57 =*40`, where `=` is the id at the
same place; other columns as runs of a value (`1*97`) or of numbers that follow each
other (`0..96`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby, zip_longest
from typing import Any

MASKED = -100
ABSENT = "nothing"
SIGNS = {"=": "trained", str(MASKED): "masked"}
READABLE = 2
"""Rows of a dataset that stand as text too."""
AROUND = 8
"""Tokens that are shown of two that differ."""
MOST = 400
"""Characters that are shown of two texts that differ."""

Decode = Callable[[list[int]], str]


def record(dataset: Any, tokenizer: Any) -> dict[str, Any]:
    """Columns with their types, all rows in order, the first ones as text."""
    rows = [{name: _plain(row[name]) for name in row} for row in dataset]
    return {
        "columns": _types(dataset, rows),
        "rows": [written(row) for row in rows],
        "texts": [_texts(row, tokenizer) for row in rows[:READABLE]],
    }


def written(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as strings.

    >>> written({"input_ids": [5, 9, 9], "labels": [-100, 9, 9], "length": 3})
    {'input_ids': '5 9 9', 'labels': '-100*1 =*2', 'length': '3'}
    """
    ids = row["input_ids"]
    found = {}
    for name, values in row.items():
        if not isinstance(values, list):
            found[name] = str(values)
        elif name == "labels" and len(values) == len(ids):
            found[name] = _labels(values, ids)
        elif name in ("input_ids", "labels"):
            found[name] = " ".join(map(str, values))
        else:
            found[name] = _runs(values)
    return found


def difference(
    before: Any, now: Any, decode: Decode | None = None, place: str = ""
) -> str | None:
    """The first place where two records differ, in words; None where they do not.

    Rows and tokens are numbered from 1.

    Args:
        decode: ids -> text, to say what tokens that differ mean.

    >>> row = {"input_ids": "5 9 9", "labels": "-100*1 =*2"}
    >>> difference([row], [{**row, "labels": "-100*2 =*1"}])
    'row 1, labels, token 2: was trained, now masked'
    """
    if before == now:
        return None
    if isinstance(before, dict) and isinstance(now, dict):
        keys = list(dict.fromkeys([*before, *now]))
        pairs = [(key, before.get(key, ABSENT), now.get(key, ABSENT)) for key in keys]
        if all(one == other for _, one, other in pairs):
            return f"{place}: the columns were {list(before)}, now {list(now)}"
    elif isinstance(before, list) and isinstance(now, list):
        both = zip_longest(before, now, fillvalue=ABSENT)
        kind = "row" if not place or place.endswith("rows") else "line"
        pairs = [(f"{kind} {at}", *two) for at, two in enumerate(both, 1)]
    elif place.endswith(("input_ids", "labels")) and ABSENT not in (before, now):
        return f"{place}, {_first_token(expanded(before), expanded(now), decode)}"
    else:
        return f"{place}: was {_cut(before)}, now {_cut(now)}"
    return next(
        said
        for key, *two in pairs
        if (said := difference(*two, decode, f"{place}, {key}" if place else str(key)))
    )


def _first_token(before: list[str], now: list[str], decode: Decode | None) -> str:
    both = zip_longest(before, now, fillvalue=ABSENT)
    at = next(at for at, (one, other) in enumerate(both) if one != other)
    said = [
        f"{SIGNS.get(sign, sign)}{_meant(side[at:], decode)}"
        for side in (before, now)
        for sign in [*side[at : at + 1], ABSENT][:1]
    ]
    return f"token {at + 1}: was {said[0]}, now {said[1]}"


def _meant(values: list[str], decode: Decode | None) -> str:
    """The text that begins here, where the values are ids."""
    ids = [int(value) for value in values[:AROUND] if value.isdecimal()]
    return f" ({decode(ids)!r} …)" if decode and ids else ""


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def expanded(text: str) -> list[str]:
    """The values that a string of `written` stands for, one each token.

    >>> expanded("-100*2 =*1"), expanded("0..2 7")
    (['-100', '-100', '='], ['0', '1', '2', '7'])
    """
    found: list[str] = []
    for part in text.split():
        value, _, times = part.partition("*")
        first, dots, last = value.partition("..")
        if dots:
            found += map(str, range(int(first), int(last) + 1))
        else:
            found += [value] * int(times or 1)
    return found


def _labels(labels: list[int], ids: list[int]) -> str:
    signs = [
        "=" if label == id_ else str(label)
        for label, id_ in zip(labels, ids, strict=True)
    ]
    return _constant(signs)


def _constant(values: Iterable[Any]) -> str:
    return " ".join(f"{value}*{len(list(run))}" for value, run in groupby(values))


def _runs(values: list[int]) -> str:
    steps = groupby(enumerate(values), key=lambda pair: pair[1] - pair[0])
    rising = [[value for _, value in run] for _, run in steps]
    constant = _constant(values)
    if len(rising) >= constant.count("*"):
        return constant
    return " ".join(f"{run[0]}..{run[-1]}" for run in rising)


def _plain(values: Any) -> Any:
    found = values.tolist() if hasattr(values, "tolist") else values
    return [int(value) for value in found] if isinstance(found, list) else found


def _types(dataset: Any, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Of each column in order; a stream has names alone."""
    if not hasattr(dataset, "column_names") or not hasattr(dataset, "__len__"):
        return dict.fromkeys(rows[0], "streamed")
    schema = dataset.features.arrow_schema
    return {name: str(schema.field(name).type) for name in dataset.column_names}


def _texts(row: Mapping[str, Any], tokenizer: Any) -> list[str]:
    """Ids and trained labels of a row as text, special tokens written out."""
    trained = [label for label in row["labels"] if label != MASKED]
    return [tokenizer.decode(row["input_ids"]), tokenizer.decode(trained)]


def without_places(text: str, places: Iterable[Any]) -> str:
    """A line of the log without the folders of this machine."""
    pattern = "|".join(re.escape(f"{place}/") for place in places)
    return re.sub(pattern, "", text)
