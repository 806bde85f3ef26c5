"""What verification needs from an example's `meta`."""

from __future__ import annotations

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.example import Example


def modulus_of(example: Example) -> int:
    """The modulus that an example was made with.

    Raises:
        ExplainError: if `meta.modulus` is missing or no whole number above 1.
    """
    modulus = example.meta.get("modulus")
    if isinstance(modulus, int) and not isinstance(modulus, bool) and modulus > 1:
        return modulus
    raise ExplainError(
        f"meta.modulus: {quoted(modulus)} is no whole number above 1; rows written by "
        "`axolotl explain generate` have one."
    )
