"""Lines of a JSONL file that hold no row, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator


def bad_lines(path: str) -> Iterator[tuple[int, str]]:
    """(number from 1, what is wrong) of each line that is no JSON object in UTF-8."""
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8"))
            except UnicodeDecodeError as error:
                yield number, f"no UTF-8: {error.reason} at byte {error.start + 1:,}"
            except (json.JSONDecodeError, RecursionError) as error:
                yield number, f"no JSON: {error}"
            else:
                if not isinstance(row, dict):
                    yield number, f"a {type(row).__name__}, and no object"
