"""What is worth knowing before days are spent: rates, repetitions, the plain answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.internalisation.asked_rows import same_files
from axolotl_explain.internalisation.chain import Chain
from axolotl_explain.internalisation.stage_recipe import rows_per_step
from axolotl_explain.internalisation.stage_result import StageResult
from axolotl_explain.recipe.internalise_options import WHERE
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.store import read_metrics

LARGE = 1_000_000_000
"""Parameters above which small steps are needed."""
FULL_RATE, ADAPTER_RATE = 2e-5, 2e-4
"""Learning rates above which large models were seen to lose what they knew."""
FEW_ROWS, MANY_TIMES = 10_000, 20
MANY_STAGES = 20


def warnings(chain: Chain, base: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each thing that may go wrong.

    Args:
        base: the recipe as it is written.
    """
    yield from _of_the_rate(chain, base)
    yield from _of_repetitions(chain)
    yield from _of_trained_rows(chain)
    if len(chain.runs) > MANY_STAGES:
        unit = chain.options.unit
        yield (
            f"{len(chain.runs)} stages are trained one after the other, since the "
            f"longest explanation has {chain.units.longest:,} {unit}s; a larger "
            f"{WHERE}.step, or {WHERE}.max_stages, takes fewer."
        )


def _of_the_rate(chain: Chain, base: Mapping[str, Any]) -> Iterator[str]:
    key = f"{WHERE}.learning_rate"
    rate = chain.options.learning_rate
    if rate is None:
        key, rate = "learning_rate", float(base.get("learning_rate") or 0)
    most = ADAPTER_RATE if chain.adapter else FULL_RATE
    size = parameters(base)
    if rate > most and size is not None and size > LARGE:
        yield (
            f"{key}: {rate:g} is much for a model of {size / 1e9:.1f} billion "
            "parameters: beyond "
            f"{most:g}, stages were seen to lose what the explained model knew; lower "
            f"{WHERE}.learning_rate."
        )


def _of_repetitions(chain: Chain) -> Iterator[str]:
    rows = chain.units.rows
    seen = sum(
        (one.steps or 0) * rows_per_step(one.run.recipe)
        for one in chain.runs
        if one.run.given is None
    )
    times = seen / rows if rows else 0
    if rows < FEW_ROWS and times > MANY_TIMES:
        yield (
            f"{rows:,} training rows are seen up to {times:,.0f} times in all stages: "
            "without steps to learn from, models come to know rows by heart; watch "
            "exact match on rows that nothing is chosen by (--test), or use more rows."
        )


def _of_trained_rows(chain: Chain) -> Iterator[str]:
    entries = chain.runs[0].run.recipe.get("datasets") or []
    trained = {file for one in entries for file in same_files(str(one.get("path")))}
    for path in [*chain.held_out, *chain.tests]:
        if trained.intersection(same_files(path)):
            yield (
                f"{path} is trained on too: answers to rows that were seen say little "
                "of others; name rows that nothing is trained on."
            )


def parameters(recipe: Mapping[str, Any]) -> int | None:
    """How many a recipe's model has; None where nobody knows it."""
    from axolotl_explain.memory.meta_model import build_on_meta
    from axolotl_explain.memory.models import model_config

    try:
        if recipe.get("scratch_model") is not None:
            return None
        model = build_on_meta(recipe, model_config(recipe))
    except (ExplainError, ValueError, TypeError, OSError):
        return None
    return int(sum(weight.numel() for weight in model.parameters()))


def answers_alone(folder: Path) -> Mapping[str, Any]:
    """The metrics of a model that learned answers alone.

    Args:
        folder: of its evaluation, with a metrics.json, or that of its training.

    Raises:
        ExplainError: if there are no results of answers alone.
    """
    place = folder if (folder / "metrics.json").is_file() else folder / "evaluation"
    levels = read_metrics(place)["levels"]
    if list(levels) != ["none"]:
        raise ExplainError(
            f"--answer-only {folder}: its results are at {', '.join(levels)}; name "
            "those of a model that was trained at level none."
        )
    found: Mapping[str, Any] = levels["none"]
    return found


def answer_alone(folder: Path, first: StageResult, tolerance: float) -> str:
    """What a model that learned answers alone says of the use of internalising.

    Args:
        folder: as `answers_alone` has it.
        first: the explained model.

    Raises:
        ExplainError: if there are no results of answers alone.
    """
    found = answers_alone(folder)
    share, rows = float(found["exact_match"]), int(found["num_rows"])
    _, high = wilson_interval(round(share * rows), rows)
    explained = first.held_out.exact_match
    told = (
        f"answers alone: {share:.1%} exact match ({folder}), the explained model: "
        f"{explained:.1%}"
    )
    if share >= explained - tolerance:
        return f"{told}; nothing is to be gained by internalising."
    if high >= explained - tolerance:
        return f"{told}; their intervals do not tell them apart."
    return told + "."


RECOMMENDED = (
    "Does the answer alone do as well? Train this recipe once with "
    "--explain__level=none, evaluate it, and name its folder as --answer-only."
)
