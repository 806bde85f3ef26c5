"""Numbers as the report writes them."""

from __future__ import annotations

MISSING = "–"
NBSP = "\u00a0"


def format_share(value: float | None) -> str:
    """A share in percent, without the sign.

    >>> format_share(0.5904), format_share(None)
    ('59.0', '–')
    """
    return MISSING if value is None else f"{100 * value:.1f}"


def format_percent(share: float) -> str:
    """A share in percent, with the sign.

    >>> format_percent(0.5904)
    '59.0\\xa0%'
    """
    return f"{100 * share:.1f}{NBSP}%"


def format_interval(low: float, high: float) -> str:
    """Two bounds in percent.

    >>> format_interval(0.546, 0.632)
    '54.6–63.2\\xa0%'
    """
    return f"{100 * low:.1f}–{100 * high:.1f}{NBSP}%"


def format_number(value: float | None) -> str:
    """A count with separators, or a mean with one digit.

    >>> format_number(19200), format_number(44.348), format_number(None)
    ('19,200', '44.3', '–')
    """
    if value is None:
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def format_parameters(count: int) -> str:
    """A number of parameters as people say it.

    >>> format_parameters(474_496), format_parameters(8_190_735_360)
    ('0.47 M parameters', '8.2 B parameters')
    """
    if count >= 1e9:
        size = f"{count / 1e9:.3g} B" if count >= 1e10 else f"{count / 1e9:.2g} B"
    else:
        size = f"{count / 1e6:.2g} M" if count < 1e8 else f"{count / 1e6:.0f} M"
    return f"{size} parameters"
