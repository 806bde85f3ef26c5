"""`axolotl explain eval`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from axolotl_explain.cli.progress import progress_bar
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.evaluation.batching import BATCH_SIZE
from axolotl_explain.recipe.evaluation_options import BATCH_TOKENS
from axolotl_explain.support.progress_file import asked_for

if TYPE_CHECKING:
    from axolotl_explain.evaluation.evaluation_request import EvaluationRequest


@click.command(name="eval")
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False),
    help="The YAML that the model was trained with; without it, what explain.json in "
    "the folder says.",
)
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with the adapter or full model; without it, the base model itself.",
)
@click.option(
    "--base-model",
    help="Where the base model lies, if no longer where the training had it.",
)
@click.option("--base", is_flag=True, help="Ask the base model too, beside --model.")
@click.option(
    "--shots",
    type=click.IntRange(1),
    help="Ask the base model behind so many solved training rows (few-shot), drawn "
    "by the seed of the recipe.",
)
@click.option(
    "--shots-from",
    metavar="DATA",
    help="Where solved rows come from; without it, the first dataset that is trained.",
)
@click.option(
    "--data",
    required=True,
    multiple=True,
    help="File of rows, or a hub dataset; may be repeated.",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="Ask for this level only; may be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(1), help="At most this many rows of each file."
)
@click.option(
    "--max-new-tokens",
    type=click.IntRange(1),
    help="Tokens a completion may have; worked out from the data by default.",
)
@click.option(
    "--batch-size",
    default=BATCH_SIZE,
    show_default=True,
    type=click.IntRange(1),
    help="Rows at once, at most.",
)
@click.option(
    "--batch-tokens",
    default=BATCH_TOKENS,
    show_default=True,
    type=click.IntRange(1),
    help="Tokens at once, prompts with padding and room for completions, at most.",
)
@click.option(
    "--engine",
    default="transformers",
    show_default=True,
    type=click.Choice(["transformers", "vllm"]),
    help="What generates; vLLM is for large models, where it is installed.",
)
@click.option(
    "--math-verify",
    is_flag=True,
    help="Flexible match also compares mathematics, by the package math-verify.",
)
@click.option(
    "--training-range",
    "training_ranges",
    multiple=True,
    metavar="FIELD=LOW-HIGH",
    help="Values of a field of meta that training had, such as list_length=4-8; known "
    "without it for generated data.",
)
@click.option(
    "--corrupt",
    is_flag=True,
    help="Ask again behind the beginning of each gold explanation, once as it is and "
    "once with the number of its last step changed: does the answer follow from it?",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for metrics.json and completions.jsonl. An interrupted evaluation "
    "goes on there when it is started again.",
)
def evaluate(
    out: Path | None,
    batch_size: int,
    batch_tokens: int,
    corrupt: bool,
    shots: int | None,
    **options: Any,
) -> None:
    """Generate greedily for every row of DATA and compare the answers.

    Prints exact and flexible match, parsed and truncated rate, tokens per completion
    and, where a task can verify them, the share of valid explanations, for each level
    that the recipe trains, with counts and 95 % intervals.
    """
    from axolotl_explain.cli.quiet import quiet_host
    from axolotl_explain.support.log import package_log

    quiet_host()
    from axolotl_explain.evaluation.batching import BatchLimits
    from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
    from axolotl_explain.evaluation.suite import Reporting, evaluate
    from axolotl_explain.report.metrics_table import metrics_tables, stopping_notes
    from axolotl_explain.results.store import COMPLETIONS, METRICS
    from axolotl_explain.support.narrow_table import FittedTable

    console = Console()

    def warn(warned: bool, line: str) -> None:
        if warned:
            console.print(line, style="yellow")

    if corrupt and shots:
        raise click.UsageError(
            "--corrupt asks behind the beginning of an explanation, without solved "
            "rows; evaluate with --shots by a command of its own."
        )
    limits = BatchLimits(batch_size, batch_tokens)
    request = EvaluationRequest(**options, shots=shots or 0, limits=limits)
    with package_log(warn), _progress(console) as progress:
        reporting = Reporting(progress, lambda line: console.print(line, style="dim"))
        completions = evaluate(request, out, reporting)
    for table in metrics_tables(completions, request.shots):
        console.print(FittedTable(table), "")
    for note in stopping_notes(completions):
        console.print(note, style="yellow")
    if out is not None:
        console.print(f"Kept {out / METRICS} and {out / COMPLETIONS}.")
    if corrupt:
        _behind_changed_steps(console, request, out)


def _behind_changed_steps(
    console: Console, request: EvaluationRequest, out: Path | None
) -> None:
    """Ask what `--corrupt` asks, unless it is kept; print and keep it."""
    from axolotl_explain.evaluation.changed_steps import changed_steps
    from axolotl_explain.report.changed_steps_table import changed_steps_table
    from axolotl_explain.results.changed_steps import LINES, SUMMARY
    from axolotl_explain.support.narrow_table import FittedTable

    with _progress(console) as progress:
        found = changed_steps(request, out, progress)
    console.print(FittedTable(changed_steps_table(found)))
    if out is not None:
        console.print(f"Kept {out / SUMMARY} and {out / LINES}.")


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and the file that a sweep asks for; nothing elsewhere."""
    file, all_done = asked_for(), 0
    with progress_bar("generating", console=console) as bar:

        def update(done: int, total: int) -> None:
            nonlocal all_done
            all_done += done
            bar.update(all_done, total)
            if file is not None:
                file.tell(all_done, total)

        yield update
