"""Keep gradients flowing through 4-bit weights on a CPU.

Where a CPU has AVX512-BF16, bitsandbytes packs 4-bit weights anew when a model is first
evaluated, and uses that packing, which has no gradient, in training too: everything
below the last layer would learn next to nothing, in silence. Axolotl evaluates before
the first step.
"""

from __future__ import annotations

from typing import Any

FLAG = "support_avx512bf16_for_cpu"


def keep_gradients(model: Any) -> int:
    """Tell 4-bit layers not to pack their weights; return how many were told."""
    told = 0
    for module in model.modules():
        if getattr(module, FLAG, False):
            setattr(module, FLAG, False)
            told += 1
    return told
