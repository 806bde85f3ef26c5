"""Which Axolotl is installed, and whether it is one that this package works with."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from axolotl_explain.core.errors import ExplainError

ANY_VERSION = "AXOLOTL_EXPLAIN_ANY_AXOLOTL"
"""Set to 1 in the environment, every version of Axolotl is tried."""


def supported_axolotl() -> Requirement:
    """What this package's metadata ask of Axolotl, such as `axolotl>=0.19,<0.20`."""
    wanted = map(Requirement, requires("axolotl-explain") or ())
    return next(one for one in wanted if one.name == "axolotl")


def require_axolotl() -> None:
    """Refuse an Axolotl that this package was not made for, before it is imported.

    Raises:
        ExplainError: naming the version that is installed, those that are supported
            and the command that installs one.
    """
    wanted = supported_axolotl()
    try:
        found = version("axolotl")
    except PackageNotFoundError:
        raise ExplainError(
            f"Axolotl is not installed here: pip install '{wanted}'"
        ) from None
    supported = wanted.specifier.contains(found, prereleases=True)
    if supported or os.environ.get(ANY_VERSION) == "1":
        return
    raise ExplainError(
        f"Axolotl {found} is installed; axolotl-explain {version('axolotl-explain')} "
        f"works with {wanted.specifier}: pip install '{wanted}' "
        f"({ANY_VERSION}=1 tries this one all the same)"
    )
