"""Keys of a recipe that do not fit together, where Axolotl says nothing.

What Axolotl itself refuses (qlora without load_in_4bit, say) is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.recipe.entry_options import held_out_changed, training_options
from axolotl_explain.recipe.evaluation_options import METRIC_KEY, METRIC_PREFIXES
from axolotl_explain.recipe.nothing_trained import adapter_without_rank
from axolotl_explain.training.validate import Machine

Recipe = Mapping[str, Any]

TARGETS = ("lora_target_linear", "lora_target_modules", "lora_target_parameters")
LORA = ("lora_r", "lora_alpha", *TARGETS)
KERNELS = ("lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel")
BNB = ("bnb_config_kwargs",)
FULL_RATES = (1e-7, 1e-3)
ADAPTER_RATES = (1e-5, 1e-2)
"""Outside of these, a learning rate is more likely a slip than a choice."""


def lora_targets(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """PEFT adapts two projections of attention by default, or fails."""
    if _adapter(recipe) and not any(recipe.get(key) for key in TARGETS):
        yield Finding("lora-targets-missing", "adapter", f"none of {_listed(TARGETS)}")


def lora_rank(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """PEFT fails on it with a traceback, once the model is loaded."""
    missing = adapter_without_rank(recipe)
    if missing:
        yield Finding("lora-rank-missing", *split_place(missing, "adapter"))


def unused_lora(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """All weights are trained, which needs many times the memory."""
    found = [key for key in LORA if recipe.get(key)]
    if found and not recipe.get("adapter"):
        yield Finding("lora-keys-unused", found[0], f"set: {_listed(found)}")


def unused_bnb(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """Options of a quantization that does not take place."""
    found = [key for key in BNB if recipe.get(key)]
    if found and not (recipe.get("load_in_4bit") or recipe.get("load_in_8bit")):
        yield Finding("bnb-keys-unused", found[0], f"set: {_listed(found)}")


def gpu_kernels(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """Unset, Axolotl sets them to true."""
    left = [key for key in KERNELS if recipe.get(key) is not False]
    if machine == "cpu" and _adapter(recipe) and left:
        yield Finding("kernels-need-gpu", left[0], f"not false: {_listed(left)}")


def learning_rate(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """A model from scratch may take far more; Axolotl checks that it is a number."""
    rate = _number(recipe.get("learning_rate"))
    if rate is None or recipe.get("scratch_model"):
        return
    low, high = ADAPTER_RATES if _adapter(recipe) else FULL_RATES
    if not low <= rate <= high:
        kind = recipe.get("adapter") or "a full fine-tune"
        yield Finding("learning-rate-unusual", "learning_rate", f"{rate:g} with {kind}")


def metric_direction(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """`greater_is_better` against what the metric measures; unset, it is worked out."""
    metric, greater = recipe.get(METRIC_KEY), recipe.get("greater_is_better")
    if metric is None or greater is None:
        return
    name = str(metric)
    is_loss = name.endswith("loss")
    is_share = name.endswith(("exact_match", "flexible_match", "parsed_rate"))
    if (is_loss and greater) or (is_share and not greater):
        yield Finding("metric-direction", "greater_is_better", f"{greater} with {name}")


def metric_level(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """`explain/short/exact_match`, where short is not among the levels asked for."""
    name = str(recipe.get(METRIC_KEY))
    if not name.startswith(METRIC_PREFIXES):
        return
    level = name.partition("explain/")[2].partition("/")[0]
    asked = _levels_asked(recipe)
    if asked is not None and level in LEVELS and level not in asked:
        levels = _listed(sorted(asked))
        yield Finding("metric-level", METRIC_KEY, f"{name}; evaluated: {levels}")


def held_out(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """Nothing at all to evaluate on."""
    explain = recipe.get("explain")
    during = explain.get("evaluation") if isinstance(explain, Mapping) else None
    if not (recipe.get("test_datasets") or recipe.get("val_set_size") or during):
        yield Finding("no-test-data", "test_datasets", "is not set.")


def held_out_rows(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    """A validation loss that no other arm has."""
    try:
        trained = training_options(recipe) if recipe.get("val_set_size") else []
    except ExplainError:
        return  # The blocks are refused later, with their place.
    told = filter(None, map(held_out_changed, trained))
    for message in dict.fromkeys(told):
        place, reason = split_place(message, "val_set_size")
        yield Finding("held-out-changed", place, reason.partition("; ")[0])


RecipeCheck = Callable[[Recipe, Machine], Iterator[Finding]]
RECIPE_CHECKS: tuple[RecipeCheck, ...] = (
    lora_targets,
    lora_rank,
    unused_lora,
    unused_bnb,
    gpu_kernels,
    learning_rate,
    metric_direction,
    metric_level,
    held_out,
    held_out_rows,
)
"""An estimate of memory against the machine's is one more function of this kind."""


def machine_of(recipe: Recipe, has_gpu: Callable[[], bool]) -> Machine:
    """What a recipe is written for: a GPU where it asks for what only that has."""
    wants = (
        recipe.get("bf16") is True,
        recipe.get("tf32") is True,
        recipe.get("fp8"),
        recipe.get("deepspeed"),
        recipe.get("fsdp_config") or recipe.get("fsdp"),
        "flash" in str(recipe.get("attn_implementation")),
        recipe.get("flash_attention"),
        "8bit" in str(recipe.get("optimizer")),
    )
    return "gpu" if any(wants) or has_gpu() else "cpu"


def _adapter(recipe: Recipe) -> bool:
    return recipe.get("adapter") in ("lora", "qlora")


def _levels_asked(recipe: Recipe) -> set[str] | None:
    """The levels that evaluation asks for; None where the rows alone decide."""
    explain = recipe.get("explain")
    defaults = explain if isinstance(explain, Mapping) else {}
    during = defaults.get("evaluation")
    named = during.get("levels") if isinstance(during, Mapping) else None
    if named:
        return {named} if isinstance(named, str) else set(map(str, named))
    asked: set[str] = set()
    for entry in recipe.get("datasets") or []:
        own = entry.get("explain") if isinstance(entry, Mapping) else None
        policy = {**defaults, **(own if isinstance(own, Mapping) else {})}.get("level")
        if policy in ("all", "requested"):
            return None
        asked |= (
            set(map(str, policy))
            if isinstance(policy, Mapping)
            else {str(policy or "long")}
        )
    return asked


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _listed(keys: Any) -> str:
    return ", ".join(keys)
