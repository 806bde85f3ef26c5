"""What stands in the `\\boxed{…}` of LaTeX, where mathematical answers are marked."""

from __future__ import annotations

import re

_BOX = re.compile(r"\\f?boxed(?:\s?\{|\s(?=[^\s{]))")
_JOIN = re.compile(r"[\s$.,;)]*(?:or|and|,|;)[\s$(]*")
_BRACE = re.compile(r"[{}]")


def last_boxed(text: str) -> str | None:
    """What the last `\\boxed{…}` holds, inner braces included; None without one.

    >>> last_boxed("so \\\\boxed{\\\\frac{1}{2}}.")
    '\\\\frac{1}{2}'
    """
    place = _last_place(text)
    return None if place is None else text[place[1] : place[2]].strip()


def boxed_in(text: str) -> str | None:
    """What the last box holds; with the boxes before it, where several are one answer.

    >>> boxed_in("\\\\boxed{8} or \\\\boxed{9}")
    '8 or 9'
    >>> boxed_in("\\\\boxed{8}, no, \\\\boxed{9}")
    '9'
    """
    place = _last_place(text)
    if place is None:
        return None
    start, inner, end = place
    said = text[inner:end].strip()
    line = text.rfind("\n", 0, start) + 1
    if (before := _last_place(text[line:start])) is not None:
        between = text[line + before[2] : start].removeprefix("}")
        if _JOIN.fullmatch(between):
            words = between.strip(" $()")
            return f"{text[line + before[1] : line + before[2]].strip()} {words} {said}"
    return said


def _last_place(text: str) -> tuple[int, int, int] | None:
    """Where the last box begins, and what it holds begins and ends."""
    if "boxed" not in text:
        return None
    found = list(_BOX.finditer(text))
    if not found:
        return None
    start, inner = found[-1].span()
    if text[inner - 1] != "{":
        return start, inner, inner + len(text[inner:].split(maxsplit=1)[0])
    depth = 1
    for brace in _BRACE.finditer(text, inner):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return start, inner, brace.start()
    return None
