"""All recipes whose tokens are recorded; `GROUP/NAME` is kept in `GROUP.json`."""

from __future__ import annotations

from .case import Case
from .grids import GRIDS
from .prepared import PREPARED
from .prompts import CHAT, PROMPTS
from .sources import READ
from .switches import SWITCHES

CASES: dict[str, Case] = {
    **GRIDS,
    **PROMPTS,
    **CHAT,
    **READ,
    **SWITCHES,
    **PREPARED,
}
