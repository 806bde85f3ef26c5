"""`axolotl explain internalise`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

if TYPE_CHECKING:
    from axolotl_explain.internalisation.chain import Chain, EvaluationPlan
    from axolotl_explain.internalisation.explained_folder import ExplainedFolder
    from axolotl_explain.internalisation.stage_result import StageResult

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended."""


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for everything that is written.",
)
@click.option(
    "--data",
    multiple=True,
    help="Held-out rows by which a stage is chosen; may be repeated.  [default: the "
    "validation split, or the data of explain.evaluation, or the test_datasets]",
)
@click.option(
    "--test",
    "tests",
    multiple=True,
    help="Rows that only say how good the stages are; may be repeated.",
)
@click.option(
    "--explained",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A model that this recipe has trained already, in place of the first stage.",
)
@click.option(
    "--answer-only",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Results of a model that learned answers alone, to compare with.",
)
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value for a key of the recipe, such as "
    "explain.internalise.side=right; may be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(1), help="At most this many rows of each file."
)
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    help="Rows answered at once, at most.  [default: that of explain.evaluation]",
)
@click.option(
    "--in-place",
    is_flag=True,
    help="Leave what task_data and scratch_model make where the recipe names it, "
    "instead of below OUT.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write the recipes of the stages, show how far each is; run nothing.",
)
def internalise(  # noqa: PLR0913, PLR0917
    recipe: str,
    out: Path,
    data: tuple[str, ...],
    tests: tuple[str, ...],
    explained: Path | None,
    answer_only: Path | None,
    values: tuple[str, ...],
    limit: int | None,
    batch_size: int | None,
    in_place: bool,
    dry_run: bool,
) -> None:
    """Train with explanations, then take them away step by step.

    RECIPE trains with explanations; explain.internalise in it says how they go. Each
    stage is an ordinary training that goes on from the one before, and is evaluated on
    held-out rows as it answers by then. The last one that answers about as well as
    the explained model is kept in OUT/kept. What is finished is kept: started again,
    the command goes on where it was.
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.internalisation.asked_rows import (
        held_out_data,
        refuse_unreadable,
        test_data,
    )
    from axolotl_explain.internalisation.beforehand import answers_alone
    from axolotl_explain.internalisation.chain import EvaluationPlan
    from axolotl_explain.internalisation.explained_folder import explained_folder
    from axolotl_explain.internalisation.refusals import checked_options
    from axolotl_explain.support.overrides import with_values
    from axolotl_explain.support.yaml_file import read_recipe
    from axolotl_explain.sweep.locks import only_sweep

    console = Console()
    base = with_values(read_recipe(recipe), values)
    checked_options(base)
    held_out = held_out_data(base, data)
    asked = EvaluationPlan(
        held_out, test_data(base, tests, held_out), _options(base, limit, batch_size)
    )
    refuse_unreadable(base, asked.data, limit)
    if answer_only is not None:
        answers_alone(answer_only)
    given = None if explained is None else explained_folder(explained, base, out)
    with only_sweep(out):
        chain = _planned(console, base, out, asked, given, in_place)
        _begin(console, chain, base, answer_only)
        if not dry_run:
            _run(console, chain, answer_only)


def _options(
    recipe: Mapping[str, Any], limit: int | None, batch_size: int | None
) -> list[str]:
    """What `eval` is given besides recipe, model, data and folder."""
    block = (recipe.get("explain") or {}).get("evaluation")
    if batch_size is None and isinstance(block, dict):
        batch_size = block.get("batch_size")
    found = {"--limit": limit, "--batch-size": batch_size}
    return [
        word
        for name, value in found.items()
        if value is not None
        for word in (name, str(value))
    ]


def _planned(  # noqa: PLR0913, PLR0917
    console: Console,
    base: Mapping[str, Any],
    out: Path,
    asked: EvaluationPlan,
    given: ExplainedFolder | None,
    in_place: bool,
) -> Chain:
    """The chain, once the explanations of the training rows are counted."""
    from axolotl_explain.internalisation.chain import (
        ExplanationUnits,
        own_recipe,
        plan_chain,
    )
    from axolotl_explain.internalisation.refusals import (
        checked_options,
        refuse_nothing_to_take,
    )
    from axolotl_explain.sweep.local_backend import LocalBackend

    options = checked_options(base)
    with console.status(f"counting the {options.unit}s of the explanations"):
        from axolotl_explain.training.explanation_units import count_units

        counted = count_units(own_recipe(base, out, in_place), options.unit)
    units = ExplanationUnits(counted.longest, counted.rows, counted.explained)
    refuse_nothing_to_take(units, options)
    cpu = not LocalBackend().has_gpu
    return plan_chain(
        base, out, units, asked, explained=given, cpu=cpu, in_place=in_place
    )


def _begin(
    console: Console, chain: Chain, base: Mapping[str, Any], answer_only: Path | None
) -> None:
    """Say what is planned, and what may go wrong."""
    from axolotl_explain.internalisation.beforehand import RECOMMENDED, warnings
    from axolotl_explain.internalisation.chain_tables import plan_table
    from axolotl_explain.support.narrow_table import FittedTable

    units = chain.units
    _print(
        console,
        f"{units.explained:,} of {units.rows:,} training rows have an explanation; the "
        f"longest has {units.longest} {chain.options.unit}s.",
    )
    for one in chain.runs:
        one.run.write_recipe()
    console.print(FittedTable(plan_table(chain)))
    for line in warnings(chain, base):
        _print(console, f"Note: {line}", "yellow")
    if answer_only is None:
        _print(console, RECOMMENDED)
    _print(
        console,
        f"Stages are chosen by {', '.join(chain.held_out)}, and are below {chain.out}.",
    )


def _run(console: Console, chain: Chain, answer_only: Path | None) -> None:
    """Execute the chain, show it meanwhile, keep a stage."""
    from axolotl_explain.internalisation.beforehand import answer_alone
    from axolotl_explain.internalisation.run_chain import run_chain
    from axolotl_explain.sweep.live_display import live_display
    from axolotl_explain.sweep.local_backend import LocalBackend
    from axolotl_explain.sweep.monitor import Monitor

    def evaluated(result: StageResult) -> None:
        if answer_only is not None and result.stage == 0:
            told = answer_alone(answer_only, result, chain.options.tolerance)
            _print(console, told, "yellow")

    monitor = Monitor.of(chain.runs, 1)
    try:
        with live_display(console, monitor) as display:
            results = run_chain(chain, LocalBackend(), display, evaluated)
            display.tick()
    except KeyboardInterrupt:
        _print(console, "Stopped. Started again, it goes on where it was.")
        raise click.exceptions.Exit(INTERRUPTED) from None
    _tell(console, chain, results)


def _tell(console: Console, chain: Chain, results: Sequence[StageResult]) -> None:
    """The curve, and what is kept."""
    from axolotl_explain.internalisation.chain_file import write_chain
    from axolotl_explain.internalisation.chain_tables import curve_table, kept_lines
    from axolotl_explain.internalisation.kept_folder import keep
    from axolotl_explain.internalisation.stage_result import choose
    from axolotl_explain.support.narrow_table import FittedTable

    kept = choose(results, chain.options)
    console.print(FittedTable(curve_table(chain, results, kept.result.stage)))
    folder = keep(chain, kept)
    path = write_chain(chain, results, kept)
    for line in kept_lines(chain, results, kept, folder):
        _print(console, line)
    _print(console, f"The curve is in {path}.")


def _print(console: Console, line: str, style: str | None = None) -> None:
    console.print(line, style=style, highlight=False, soft_wrap=True, markup=False)
