"""Values of JSON or YAML that may be missing or of any type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def as_mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """The value as text; None stays None."""
    return None if value is None else str(value)


def as_flag(value: object) -> bool | None:
    """The value if it is true or false, else None."""
    return value if isinstance(value, bool) else None


def as_integer(value: object) -> int | None:
    """A number without its decimals; None for all else, NaN and infinity too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) else None
