"""All recipes whose tokens are recorded; `GROUP/NAME` is kept in `GROUP.json`."""

from __future__ import annotations

from tests.training.same_tokens.case import Case
from tests.training.same_tokens.grids import GRIDS
from tests.training.same_tokens.prepared import PREPARED
from tests.training.same_tokens.prompts import CHAT, PROMPTS
from tests.training.same_tokens.sources import READ
from tests.training.same_tokens.switches import SWITCHES

CASES: dict[str, Case] = {
    **GRIDS,
    **PROMPTS,
    **CHAT,
    **READ,
    **SWITCHES,
    **PREPARED,
}
