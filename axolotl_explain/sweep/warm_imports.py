"""What the process that `warm_start.py` forks imports, once and without a word.

It is imported for what it does: a module that is missing is left to the command that
needs it, which then says so in its log.
"""

from __future__ import annotations

import gc
import importlib
import os
from contextlib import suppress

IMPORTED = (
    "axolotl.cli.config",
    "axolotl.common.datasets",
    "axolotl.core.builders",
    "axolotl.prompt_strategies",
    "axolotl.train",
    "accelerate.commands.launch",
    "datasets",
    "peft",
    "torch._dynamo",
    "torchao",
    "axolotl_explain.evaluation.suite",
    "axolotl_explain.plugin",
)


def import_all() -> None:
    """Import everything; then keep the collector of garbage from visiting it again."""
    for name in IMPORTED:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


silence = os.open(os.devnull, os.O_WRONLY)
os.dup2(silence, 1)
os.dup2(silence, 2)
import_all()
