"""Public explanation datasets by the name that `explain.preset` takes.

By nature, an explanation of a sentence is short, one of a few sentences or steps is
medium, and one that says everything, such as a trace of thinking, is long.
"""

from __future__ import annotations

from axolotl_explain.sources.presets import (
    aqua_rat,
    cos_e,
    cot_collection,
    distilling_step_by_step,
    ecqa,
    esnli,
    gsm8k,
    listops_lra,
    math_qa,
    numina_math,
    open_orca,
    openr1_math,
    openthoughts,
    qasc,
    s1k,
    scienceqa,
    strategyqa,
)
from axolotl_explain.sources.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "gsm8k": gsm8k.PRESET,
    "aqua_rat": aqua_rat.PRESET,
    "math_qa": math_qa.PRESET,
    "esnli": esnli.PRESET,
    "cos_e": cos_e.PRESET,
    "ecqa": ecqa.PRESET,
    "strategyqa": strategyqa.PRESET,
    "scienceqa": scienceqa.PRESET,
    "qasc": qasc.PRESET,
    "cot_collection": cot_collection.PRESET,
    "open_orca": open_orca.PRESET,
    "openthoughts": openthoughts.PRESET,
    "openr1_math": openr1_math.PRESET,
    "s1k": s1k.PRESET,
    "numina_math": numina_math.PRESET,
    "distilling_step_by_step": distilling_step_by_step.PRESET,
    "listops_lra": listops_lra.PRESET,
}
