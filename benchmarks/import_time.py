"""How long `import axolotl_explain` takes, and what it must not load."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

HEAVY = ("torch", "transformers", "datasets", "axolotl")
PROBE = f"""
import json, sys, time
begin = time.perf_counter()
import axolotl_explain
seconds = time.perf_counter() - begin
print(json.dumps([seconds, [name for name in {HEAVY} if name in sys.modules]]))
"""


def measure_import(repeats: int) -> dict[str, Any]:
    """The fastest of several fresh interpreters, in seconds."""
    runs = [
        json.loads(subprocess.check_output([sys.executable, "-c", PROBE]))
        for _ in range(repeats)
    ]
    return {
        "seconds": round(min(seconds for seconds, _ in runs), 4),
        "heavy_modules_loaded": sorted({name for _, names in runs for name in names}),
    }
