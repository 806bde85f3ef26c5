"""The tasks ask as a recipe does, which the installed Axolotl reads."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def started_anew(fresh_process: None) -> None:
    """Axolotl runs in this process: each check finds it as if just started."""
