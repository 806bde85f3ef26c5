"""Train language models on explanations with Axolotl.

Importing this package loads neither torch, transformers, datasets nor axolotl: what
needs them is found lazily, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from axolotl_explain.core.errors import ExplainError, install_excepthook
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.support.axolotl_version import require_axolotl

if TYPE_CHECKING:
    from axolotl_explain.plugin import ExplainPlugin
    from axolotl_explain.prompter import Grade, Prompter, Reply, Verdict, read_examples
    from axolotl_explain.tasks import verify_row

__version__ = version("axolotl-explain")
__all__ = [
    "LEVELS",
    "Example",
    "ExplainError",
    "ExplainPlugin",
    "Grade",
    "Level",
    "Prompter",
    "Reply",
    "Verdict",
    "__version__",
    "read_examples",
    "verify_row",
]

FOUND_LATER = {
    "ExplainPlugin": "plugin",
    **dict.fromkeys(["Grade", "Prompter", "Reply", "Verdict"], "prompter"),
    "read_examples": "prompter",
    "verify_row": "tasks",
}
"""Public name -> the module that is imported when it is asked for."""


def __getattr__(name: str) -> Any:
    if name == "ExplainPlugin":
        # Axolotl asks for it, and would show a traceback of what it has not got.
        install_excepthook()
        require_axolotl()
    if name in FOUND_LATER:
        return getattr(import_module(f"{__name__}.{FOUND_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
