"""The chain on a terminal: what is planned, and the curve of its stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.internalisation.chain import Chain
from axolotl_explain.internalisation.kept_folder import KeptFolder
from axolotl_explain.internalisation.stage_result import (
    Answers,
    KeptStage,
    StageResult,
)
from axolotl_explain.sweep.sweep_tables import STAGES
from axolotl_explain.targets.stages import StageCut

MARK = "▸"
"""Stands before the stage that is kept."""


def taken_in_words(chain: Chain, stage: int) -> str:
    """How much of the longest explanation is gone, such as `2 of 3`."""
    cut = chain.options.model_copy(update={"stage": stage}).cut(0)
    longest = chain.units.longest
    taken = (cut or StageCut(0)).taken(longest)
    if not taken:
        return "none"
    return "all" if taken == longest else f"{taken} of {longest}"


def plan_table(chain: Chain) -> Table:
    """What each stage takes away of the longest explanation, and how far it is."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("stage", no_wrap=True)
    table.add_column(f"{chain.options.unit}s gone", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("steps", justify="right", no_wrap=True)
    for one in chain.runs:
        stage = int(one.choices["stage"])
        steps = "" if one.run.given else "?" if one.steps is None else f"{one.steps:,}"
        state = "given" if one.run.given else STAGES[one.run.stage()]
        table.add_row(str(stage), taken_in_words(chain, stage), state, steps)
    return table


def curve_table(
    chain: Chain, results: Sequence[StageResult], kept: int | None = None
) -> Table:
    """Exact match against tokens per answer, stage by stage.

    Args:
        kept: the stage that is kept.
    """
    tested = any(one.test is not None for one in results)
    table = Table(
        box=SIMPLE_HEAD,
        title="Exact match against the price of an answer, on held-out rows",
        title_justify="left",
    )
    table.add_column("stage", no_wrap=True)
    table.add_column(f"{chain.options.unit}s gone", no_wrap=True)
    heads = ["tokens", "exact match", "95 % interval", *(["test"] if tested else [])]
    for head in [*heads, "steps"]:
        table.add_column(head, justify="right", no_wrap=True)
    for one in results:
        mark = f"{MARK} " if one.stage == kept else "  "
        steps = "given" if one.steps is None else f"{one.steps:,}"
        table.add_row(
            f"{mark}{one.stage}",
            taken_in_words(chain, one.stage),
            f"{one.held_out.tokens:.1f}",
            f"{one.held_out.exact_match:.1%}",
            interval(one.held_out),
            *([_test(one)] if tested else []),
            steps,
        )
    return table


def interval(answers: Answers) -> str:
    """A 95 % interval as people read it."""
    low, high = answers.interval
    return f"{low:.1%} - {high:.1%}"


def _test(one: StageResult) -> str:
    return "" if one.test is None else f"{one.test.exact_match:.1%}"


def kept_lines(
    chain: Chain, results: Sequence[StageResult], kept: KeptStage, folder: KeptFolder
) -> Iterator[str]:
    """Which stage is kept and why, and what became of its folder."""
    result, first = kept.result, results[0]
    if folder.better:
        yield (
            f"{folder.folder} stays as it is: {folder.better}. This stage is in "
            f"{chain.runs[result.stage].run.folder}."
        )
    else:
        yield f"Kept stage {result.stage} in {folder.folder}: {kept.why}."
    explained = first.held_out.exact_match
    if chain.options.start == "whole" and explained <= chain.options.tolerance:
        yield (
            f"Note: the explained model itself answers {explained:.1%} right, so that "
            "any stage is within the tolerance; train it until it answers well."
        )
    if result.held_out.tokens and result.stage:
        yield (
            f"An answer takes {result.held_out.tokens:.1f} tokens, "
            f"{first.held_out.tokens:.1f} with explanations."
        )
    if len(results) < len(chain.runs):
        left = len(chain.runs) - len(results)
        count = "1 stage was" if left == 1 else f"{left} stages were"
        yield (
            f"{count} not trained, since {chain.options.patience} in a row were beyond "
            "the tolerance (explain.internalise.patience)."
        )
