"""`axolotl explain predict`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from axolotl_explain.cli.progress import progress_bar
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.evaluation.batching import BATCH_SIZE
from axolotl_explain.recipe.evaluation_options import BATCH_TOKENS
from axolotl_explain.support.progress_file import asked_for


@click.command()
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False),
    help="Folder that training left: a model, an adapter, a checkpoint or what was "
    "merged. Its explain.json says how to ask.",
)
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False),
    help="The YAML that the model was trained with, in place of explain.json; without "
    "--model its base model answers.",
)
@click.option(
    "--base-model",
    help="Where the base model of an adapter lies, if no longer where training had it.",
)
@click.option(
    "--data",
    multiple=True,
    help="File of rows or hub dataset; - for standard input, where a line is a row as "
    "JSON or a question as text; may be repeated. Rows need no answer.",
)
@click.option("--ask", is_flag=True, help="Type questions and see the answers.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="How much explanation to ask for; may be repeated. The most that was trained, "
    "by default.",
)
@click.option("--limit", type=click.IntRange(1), help="At most this many rows a file.")
@click.option(
    "--max-new-tokens",
    type=click.IntRange(1),
    help="Tokens a completion may have; by default a quarter more than the longest "
    "that was trained.",
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
    help="What generates.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="Ask a server with the OpenAI interface, such as http://localhost:8000/v1: "
    "its chat endpoint; where URL ends in /completions, that, with the whole prompt.",
)
@click.option("--endpoint-model", help="What the server calls the model.")
@click.option(
    "--key-variable",
    default="OPENAI_API_KEY",
    show_default=True,
    help="The environment variable that holds the server's key.",
)
@click.option(
    "--self-consistency",
    "samples",
    default=1,
    type=click.IntRange(1),
    metavar="N",
    help="Draw N completions a row and take the answer that most of them give; the "
    "share of them is its agreement.",
)
@click.option(
    "--temperature",
    default=0.7,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="With --self-consistency.",
)
@click.option(
    "--top-p",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="With --self-consistency.",
)
@click.option("--seed", default=0, show_default=True, help="With --self-consistency.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSONL file to write; standard output without it. A run that was stopped goes "
    "on there when it is started again.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def predict(ask: bool, out: Path | None, overwrite: bool, **options: Any) -> None:
    """Let a trained model answer rows that need no answer of their own.

    Writes a line for each row: prompt, completion, explanation, answer, whether there
    was one, tokens and why it stopped. Completions are greedy, as those of eval.

    \b
    axolotl-explain predict --model outputs/run --data rows.jsonl --out answers.jsonl
    axolotl-explain predict --model outputs/run --ask
    """
    from axolotl_explain.cli.quiet import drop_banner, quiet_host

    quiet_host()
    drop_banner(for_programs=out is None and not ask)
    request = _request(ask, out, options)
    if ask:
        from axolotl_explain.cli.ask import ask_questions

        ask_questions(request)
    else:
        _answer_rows(request, out, overwrite)


def _request(ask: bool, out: Path | None, options: dict[str, Any]) -> Any:
    from axolotl_explain.evaluation.batching import BatchLimits
    from axolotl_explain.evaluation.decoding import Sampling
    from axolotl_explain.evaluation.predict_request import PredictionRequest

    if not ask and not options["data"]:
        raise ExplainError("--data: name rows to ask, or pass --ask to type questions.")
    if ask and (options["data"] or out or options["samples"] > 1):
        raise ExplainError(
            "--ask: it takes questions as they are typed; leave out --data, --out and "
            "--self-consistency."
        )
    limits = BatchLimits(options.pop("batch_size"), options.pop("batch_tokens"))
    drawn = Sampling(*map(options.pop, ("temperature", "top_p", "seed")))
    return PredictionRequest(**options, limits=limits, sampling=drawn)


def _answer_rows(request: Any, out: Path | None, overwrite: bool) -> None:
    from axolotl_explain.cli.writing import writing
    from axolotl_explain.evaluation.predict import predict
    from axolotl_explain.results.prediction import to_line
    from axolotl_explain.support.log import package_log

    if out is not None and out.exists() and not overwrite:
        raise ExplainError(
            f"--out {out}: the file exists; name another, or pass --overwrite."
        )
    console = Console(stderr=True)

    def say(warned: bool, line: str) -> None:
        console.print(line, style="yellow" if warned else "dim", markup=False)

    with package_log(lambda warned, line: say(warned, line) if warned else None):
        with _progress(console) as progress:
            if out is None:
                found = predict(request, None, progress)
            else:
                with writing(out):
                    found = predict(request, out, progress, lambda it: say(False, it))
        if out is None:
            for one in found:
                click.echo(to_line(one), nl=False)
    parsed = sum(one.parsed for one in found)
    cut = sum(one.stop_reason == "length" for one in found)
    rows = f"{len(found):,} row{'' if len(found) == 1 else 's'}"
    told = f"{rows}, {parsed:,} with an answer"
    told += f", {cut:,} out of tokens before they ended" if cut else ""
    say(False, f"{told}.{f' Wrote {out}.' if out is not None else ''}")


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and the file that a sweep asks for; nothing elsewhere."""
    file = asked_for()
    with progress_bar("answering", console=console) as bar:

        def update(done: int, total: int) -> None:
            bar.update(done, total)
            if file is not None:
                file.tell(done, total)

        yield update
