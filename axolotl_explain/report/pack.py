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

from axolotl_explain.report.run_results import RunResults
from axolotl_explain.results.completion import Completion

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


def pack(runs: Sequence[RunResults], limit: int) -> tuple[str, int]:
    """The completions of all runs, at most `limit`, and how many there were.

    Over the limit, completions at even distances are kept.
    """
    everything = [
        (place, one) for place, group in enumerate(_groups(runs)) for one in group[1]
    ]
    kept = _thinned(everything, limit)
    text = json.dumps(_columns(runs, kept), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii"), len(everything)


def _groups(
    runs: Sequence[RunResults],
) -> list[tuple[dict[str, Any], Sequence[Completion]]]:
    return [
        (
            {
                "run": run.name,
                "data": results.data,
                "model": results.model,
                "level": results.level,
            },
            results.completions,
        )
        for run in runs
        for results in run.levels
    ]


def _thinned(
    everything: list[tuple[int, Completion]], limit: int
) -> list[tuple[int, Completion]]:
    total = len(everything)
    if total <= limit:
        return everything
    return [everything[number * total // limit] for number in range(limit)]


def _columns(
    runs: Sequence[RunResults], kept: Iterable[tuple[int, Completion]]
) -> dict[str, Any]:
    texts = Interned()
    columns: dict[str, list[Any]] = {name: [] for name in _values(0, _EMPTY, texts)}
    for place, one in kept:
        for name, value in _values(place, one, texts).items():
            columns[name].append(value)
    groups = [facts for facts, _ in _groups(runs)]
    return {"groups": groups, "texts": texts.texts, "columns": columns}


def _values(place: int, one: Completion, texts: Interned) -> dict[str, Any]:
    meta = json.dumps(one.meta, ensure_ascii=False, default=str)
    return {
        "group": place,
        "row": one.row,
        "id": one.id,
        "prompt": texts.place(one.prompt),
        "completion": one.completion,
        "answer": texts.place(one.answer),
        "extracted": one.extracted,
        "right": FLAGS[one.exact_match],
        "flexible": FLAGS[one.flexible_match],
        "valid": FLAGS[one.explanation_valid],
        "truncated": FLAGS[one.truncated],
        "tokens": one.num_tokens,
        "reason": texts.place(one.wrong_reason or ""),
        "step": one.wrong_step,
        "meta": texts.place(meta if one.meta else ""),
    }


_EMPTY = Completion.from_dict({"level": "none", "exact_match": False, "completion": ""})
