"""What checks against the installed Axolotl start from."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def started_anew(fresh_process: None, quick_packing: None) -> None:
    """Axolotl runs in this process: each check finds it as if just started."""
