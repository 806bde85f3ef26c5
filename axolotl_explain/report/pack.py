"""Completions -> one compact text that a page can hold, and that its script unpacks.

Columns instead of objects, prompts and other repeated texts once, then gzip and base64:
50,000 completions take a few megabytes, and no character of them can end a script.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from typing import Any

from axolotl_explain.report.run_results import Run
from axolotl_explain.results.record import Record

FLAGS = {None: -1, False: 0, True: 1}


class Interned:
    """Texts, each kept once; others point to it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Where the text stands."""
        found = self._places.get(text)
        if found is None:
            found = self._places[text] = len(self.texts)
            self.texts.append(text)
        return found


def pack(runs: Sequence[Run], limit: int) -> tuple[str, int]:
    """The completions of all runs, at most `limit`, and how many there were.

    Over the limit, completions at even distances are kept.
    """
    everything = [
        (place, record)
        for place, group in enumerate(_groups(runs))
        for record in group[1]
    ]
    kept = _thinned(everything, limit)
    text = json.dumps(_columns(runs, kept), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii"), len(everything)


def _groups(runs: Sequence[Run]) -> list[tuple[dict[str, Any], Sequence[Record]]]:
    return [
        (
            {
                "run": run.name,
                "data": group.data,
                "model": group.model,
                "level": group.level,
            },
            group.records,
        )
        for run in runs
        for group in run.groups
    ]


def _thinned(
    everything: list[tuple[int, Record]], limit: int
) -> list[tuple[int, Record]]:
    total = len(everything)
    if total <= limit:
        return everything
    return [everything[number * total // limit] for number in range(limit)]


def _columns(runs: Sequence[Run], kept: Iterable[tuple[int, Record]]) -> dict[str, Any]:
    texts = Interned()
    columns: dict[str, list[Any]] = {name: [] for name in _one(0, _EMPTY, texts)}
    for place, record in kept:
        for name, value in _one(place, record, texts).items():
            columns[name].append(value)
    groups = [facts for facts, _ in _groups(runs)]
    return {"groups": groups, "texts": texts.texts, "columns": columns}


def _one(place: int, record: Record, texts: Interned) -> dict[str, Any]:
    meta = json.dumps(record.meta, ensure_ascii=False, default=str)
    return {
        "group": place,
        "row": record.row,
        "id": record.id,
        "prompt": texts.place(record.prompt),
        "completion": record.completion,
        "answer": texts.place(record.answer),
        "extracted": record.extracted,
        "right": FLAGS[record.right],
        "flexible": FLAGS[record.flexible],
        "valid": FLAGS[record.valid],
        "truncated": FLAGS[record.truncated],
        "tokens": record.num_tokens,
        "reason": texts.place(record.wrong_reason),
        "step": record.wrong_step,
        "meta": texts.place(meta if record.meta else ""),
    }


_EMPTY = Record(level="none", right=False, completion="")
