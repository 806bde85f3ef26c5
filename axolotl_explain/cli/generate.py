"""`axolotl explain generate`: problems with explanations at every level, as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from axolotl_explain.cli.generate_options import (
    OUT,
    number,
    sum_options,
    with_shared,
)
from axolotl_explain.cli.progress import progress_bar
from axolotl_explain.cli.writing import writing
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.dataset_plan import DatasetPlan, SplitSizes
from axolotl_explain.tasks.kept_apart import KeptApart
from axolotl_explain.tasks.labelled_sum import LABELLED_SUM, LabelledSumOptions
from axolotl_explain.tasks.listops import LISTOPS, ListOpsOptions
from axolotl_explain.tasks.listops.convert_tsv import bad_row_lines, convert_tsv
from axolotl_explain.tasks.listops.read_tsv import BadTsvRow
from axolotl_explain.tasks.modular_sum import MODULAR_SUM, ModularSumOptions
from axolotl_explain.tasks.task import SPLITS, Task, TaskOptions, at_least
from axolotl_explain.tasks.write_dataset import write_dataset

Sums = TypeVar("Sums", bound=ModularSumOptions)


@click.group()
def generate() -> None:
    """Write problems to learn on, with verified explanations at every level.

    A folder gets one file per split and a manifest. Splits share no problem, in any
    order of its arguments; test_long is strictly longer than the rest. Every part of a
    file has as many problems of each length. The same options give the same bytes, and
    an interrupted run leaves nothing behind.
    """


@generate.command()
@click.option(
    "--out", type=OUT, required=True, help="Folder to fill; with --from, a .jsonl file."
)
@click.option(
    "--operators",
    default=",".join(ListOpsOptions.operators),
    show_default=True,
    help="Operators to use, separated by commas.",
)
@number("max-value", ListOpsOptions.max_value, "Largest number; 29 gives 30 classes.")
@number("max-depth", ListOpsOptions.max_depth, "How deep operators may be nested.")
@number(
    "max-args", ListOpsOptions.max_args, "Most arguments of an operator (least: 2)."
)
@number(
    "min-length",
    ListOpsOptions.min_length,
    "Shortest problem: two per operator plus one per number.",
)
@number("max-length", ListOpsOptions.max_length, "Longest problem of train and test.")
@number(
    "test-long-max-length",
    None,
    "Longest problem of test_long; its shortest is --max-length + 1.  [default: twice "
    "--max-length]",
)
@number("modulus", ListOpsOptions.modulus, "SM is the sum modulo this.")
@with_shared
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Read problems from this TSV file (Long Range Arena's spelling and its "
    "variants) instead of drawing them; --out then names a .jsonl file.",
)
@click.option(
    "--on-bad-row",
    type=click.Choice(["error", "skip"]),
    default="error",
    show_default=True,
    help="With --from: what to do at a row that is unreadable or has a wrong target.",
)
@click.pass_context
def listops(context: click.Context, /, out: Path, **given: Any) -> None:
    """ListOps: nested lists of numbers under MIN, MAX, MED and SM."""
    if given["source"]:
        _refuse_options(
            context, ("out", "source", "on_bad_row", "modulus", "overwrite")
        )
        _convert(given["source"], out, given)
        return
    if _typed(context, "on_bad_row"):
        raise ExplainError(
            f"--on-bad-row {given['on_bad_row']}: it is about rows that are read; pass "
            "--from too, or leave it out."
        )
    options = ListOpsOptions(
        operators=tuple(name.strip() for name in given["operators"].split(",") if name),
        max_depth=given["max_depth"],
        max_args=given["max_args"],
        max_value=given["max_value"],
        modulus=given["modulus"],
        **_lengths(given),
    )
    _fill(LISTOPS, options, out, given)


@generate.command("modular-sum")
@sum_options(ModularSumOptions)
def modular_sum(out: Path, **given: Any) -> None:
    """Sums modulo a number, added from left to right."""
    _fill(MODULAR_SUM, _sum(ModularSumOptions, given), out, given)


@generate.command("labelled-sum")
@sum_options(LabelledSumOptions)
@click.option(
    "--linked/--alphabet",
    default=LabelledSumOptions.linked,
    show_default=True,
    help="Each addend names the next one, or they follow each other in the alphabet.",
)
def labelled_sum(out: Path, linked: bool, **given: Any) -> None:
    """Modular sums whose addends stand in any order and are found by their letters."""
    options = replace(_sum(LabelledSumOptions, given), linked=linked)
    _fill(LABELLED_SUM, options, out, given)


def _sum(kind: type[Sums], given: dict[str, Any]) -> Sums:
    modulus, largest = given["modulus"], given["max_value"]
    if modulus is not None:
        at_least("modulus", modulus, 2)
        given = {**given, "max_value": modulus - 1 if largest is None else largest}
    typed = ("modulus", "max_value")
    values = {name: given[name] for name in typed if given[name] is not None}
    return kind(**values, **_lengths(given))


def _lengths(given: dict[str, Any]) -> dict[str, int]:
    """The fields of `TaskOptions` about lengths, as typed or by default."""
    longest = given["test_long_max_length"]
    return {
        "min_length": given["min_length"],
        "max_length": given["max_length"],
        "test_long_max_length": 2 * given["max_length"] if longest is None else longest,
    }


def _fill(
    task: Task[Any], options: TaskOptions, out: Path, given: dict[str, Any]
) -> None:
    """Generate into a folder and say what came of it."""
    sizes = SplitSizes(**{split: given[split] for split in SPLITS})
    plan = DatasetPlan(task, options, sizes, given["seed"], given["drawing"])
    total = sum(sizes.wanted().values())
    with writing(out), progress_bar(f"Drawing {task.name}", total) as bar:
        summaries = write_dataset(plan, out, given["overwrite"], bar.advance)
    if summaries is None:
        click.echo(f"{out} holds exactly this already; nothing was written.")
        return
    for split, summary in summaries.items():
        click.echo(f"  {f'{split}.jsonl':<16}  {summary}")
    for line in KeptApart.of(plan, summaries).lines():
        click.echo(f"  {line}")
    click.echo(f"Wrote {total:,} {task.name} problems to {out}.")


def _convert(source: Path, out: Path, given: dict[str, Any]) -> None:
    """Turn a TSV file into a JSONL file and say what came of it."""
    at_least("modulus", given["modulus"], 2)
    if out.suffix != ".jsonl":
        raise ExplainError(f"--out {out}: with --from, name a file ending in .jsonl.")
    if out.exists() and not given["overwrite"]:
        raise ExplainError(
            f"--out {out}: the file exists; name another, or pass --overwrite."
        )
    bad: list[BadTsvRow] = []
    skip = bad.append if given["on_bad_row"] == "skip" else None
    with writing(out), progress_bar(f"Reading {source.name}") as bar:
        summary = convert_tsv(source, out, given["modulus"], skip, bar.advance)
    for line in bad_row_lines(bad):
        click.echo(f"  {line}")
    click.echo(f"  {summary}")
    click.echo(f"Wrote {summary.rows:,} listops problems to {out}.")


def _typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _refuse_options(context: click.Context, allowed: tuple[str, ...]) -> None:
    """Options that only shape drawn problems would be ignored silently."""
    for name in context.params:
        if _typed(context, name) and name not in allowed:
            option = f"--{name.replace('_', '-')} {context.params[name]}"
            raise ExplainError(
                f"{option}: --from reads problems as they are, so this has no "
                "meaning beside it; leave one of the two out."
            )
