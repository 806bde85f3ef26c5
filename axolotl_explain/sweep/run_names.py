"""Values of a grid -> parts of the names of its runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """Key -> its last name, with those before it where that is not enough.

    >>> short_keys(["explain.level", "datasets[0].explain.level", "seed"])
    {'explain.level': 'explain.level', 'datasets[0].explain.level': 'datasets.explain.level', 'seed': 'seed'}
    """  # noqa: E501
    names = {key: re.sub(r"\[\d+\]", "", key).split(".") for key in keys}
    found = {}
    for key, parts in names.items():
        others = [other for one, other in names.items() if one != key]
        size = 1
        while size < len(parts) and any(
            other[-size:] == parts[-size:] for other in others
        ):
            size += 1
        found[key] = ".".join(parts[-size:])
    return found


def value_name(key: str, value: object) -> str:
    """A value as a part of a name: words alone, anything else behind its key.

    >>> value_name("level", "none"), value_name("seed", 3), value_name("model", "a/b")
    ('none', 'seed3', 'b')
    """
    if isinstance(value, str) and not _is_number(value):
        return slug(PurePath(value).name) or key
    if isinstance(value, Mapping):
        return slug(str(value)) or key
    if isinstance(value, bool) or value is None:
        return f"{slug(key)}-{str(value).lower()}"
    return slug(f"{key}{value}")


def slug(text: str) -> str:
    """A text without the characters that have a meaning in a path or a shell.

    >>> slug("{'none': 1, 'long': 3}")
    'none1-long3'
    """
    joined = re.sub(r"[:'\"{}\[\]]\s*", "", text)
    return re.sub(r"[^A-Za-z0-9._+]+", "-", joined).strip("-.")


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.+-]+(e[+-]?\d+)?", text))
