"""Train language models on explanations with Axolotl.

Importing this package loads neither torch, transformers, datasets nor axolotl: what
needs them is found lazily, so that the command line answers at once.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import LEVELS, Level

if TYPE_CHECKING:
    from axolotl_explain.plugin import ExplainPlugin

__version__ = version("axolotl-explain")
__all__ = ["LEVELS", "Example", "ExplainError", "ExplainPlugin", "Level", "__version__"]


def __getattr__(name: str) -> Any:
    if name == "ExplainPlugin":
        from axolotl_explain.plugin import ExplainPlugin

        return ExplainPlugin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
