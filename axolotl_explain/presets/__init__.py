"""Public explanation datasets by the name that `explain.preset` takes."""

from __future__ import annotations

from axolotl_explain.presets import gsm8k
from axolotl_explain.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "gsm8k": gsm8k.PRESET,
}
