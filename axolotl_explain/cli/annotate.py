"""`axolotl explain annotate`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from axolotl_explain.cli.annotate_options import (
    parse_body,
    parse_levels,
    tries_and_agreement,
    with_teacher,
)
from axolotl_explain.cli.reading import read_as, with_reading
from axolotl_explain.core.errors import ExplainError

if TYPE_CHECKING:
    from axolotl_explain.teacher.annotate import Annotation, RowSurvey
    from axolotl_explain.teacher.ask_rows import AskingProgress
    from axolotl_explain.teacher.ledger import Ledger
    from axolotl_explain.teacher.row_questions import RowRules

STOPPED = 3
"""Exit code where the file is written, and not all that was to be asked was asked."""
INTERRUPTED = 130
HEADROOM = 1.25
"""Tokens that a reply may have, to the longest that was trained."""
SHOWN = 3


@click.command()
@click.argument("source", metavar="ROWS")
@with_teacher
@with_reading
def annotate(source: str, recipe: str | None, **given: Any) -> None:
    """Let a teacher model explain ROWS, and keep what arrives at the answer.

    ROWS is whatever convert reads. The teacher does not see the answers. Its right
    explanations are shortened to the other levels; each is compared with the answer of
    its row. Rows without a right one keep their answer alone. Every reply stands in a
    ledger: started again, only what is missing is asked.

    \b
    axolotl-explain annotate rows.jsonl --endpoint http://localhost:8000/v1 \\
        --model NAME --out explained.jsonl
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    what = annotation_of(source, recipe, given)
    if given["dry_run"]:
        _dry_run(what)
        return
    if what.out.exists() and not given["overwrite"]:
        raise ExplainError(
            f"--out {what.out}: the file exists; name another, or pass --overwrite."
        )
    _annotate(what, given["ledger"] or ledger_beside(what.out), given["from_ledger"])


def annotation_of(source: str, recipe: str | None, given: dict[str, Any]) -> Annotation:
    """What the options say.

    Raises:
        ExplainError: naming the option.
    """
    from axolotl_explain.servers.key import server_key
    from axolotl_explain.support.row_writer import check_suffix
    from axolotl_explain.teacher.annotate import Annotation, check_endpoint
    from axolotl_explain.teacher.spending import Limits, Prices

    check_suffix(given["out"])
    check_endpoint(given["endpoint"], trained=given["asked_as"] is not None)
    server_key(given["key_variable"])
    prices = Prices(given["price_in"], given["price_out"])
    if (prices.prompt is None) != (prices.completion is None):
        raise ExplainError("--price-in, --price-out: give both, or none.")
    return Annotation(
        source=source,
        out=given["out"],
        rules=_rules(given),
        endpoint=given["endpoint"],
        options=read_as(source, recipe, given),
        split=given["split"],
        limit=given["limit"],
        key_variable=given["key_variable"],
        at_once=given["at_once"],
        timeout=given["timeout"],
        limits=Limits(given["max_cost"], given["max_tokens"], prices),
    )


def _rules(given: dict[str, Any]) -> RowRules:
    from axolotl_explain.core.levels import EXPLAINED
    from axolotl_explain.grading.mathematics import math_same
    from axolotl_explain.servers.address import ServerAddress
    from axolotl_explain.teacher.prompt_files import load_prompts
    from axolotl_explain.teacher.row_questions import Prompts, RowRules
    from axolotl_explain.teacher.teacher_request import MAX_NEW_TOKENS, Sampling
    from axolotl_explain.teacher.trained_prompts import trained_prompts

    folder, own = given["asked_as"], given["prompts"]
    levels, longest = EXPLAINED, given["max_new_tokens"]
    if folder is None:
        prompts: Prompts = load_prompts(own)
    else:
        if own is not None or given["hint"]:
            extra = "--hint" if given["hint"] else "--prompts"
            raise ExplainError(
                f"--asked-as {folder} {extra}: a model that is asked as it was trained "
                "gets no other prompt; leave out one of the two."
            )
        as_text = ServerAddress(given["endpoint"]).as_text
        prompts = trained = trained_prompts(folder, as_text)
        levels = trained.levels
        if longest is None and trained.said.longest_target:
            longest = math.ceil(HEADROOM * trained.said.longest_target)
    wanted = levels if given["levels"] is None else parse_levels(given["levels"])
    if not set(wanted) <= set(levels):
        raise ExplainError(
            f"--levels {','.join(wanted)}: the model in {folder} was trained to "
            f"explain at {', '.join(levels)}; leave out the others."
        )
    tries, agree = tries_and_agreement(given["tries"], given["agree"])
    sampling = Sampling(
        given["model"],
        longest or MAX_NEW_TOKENS,
        given["temperature"],
        given["top_p"],
        given["seed"] or 0,
        parse_body(given["body"]),
    )
    return RowRules(
        prompts,
        sampling,
        wanted,
        tries,
        agree,
        given["keep"],
        given["hint"],
        given["verify"],
        given["replace"],
        given["only_explained"],
        math_same() if given["math_verify"] else None,
    )


def ledger_beside(out: Path) -> Path:
    """Where the ledger of a file is, unless another is named."""
    return out.with_name(f"{out.stem}.ledger.jsonl")


def _dry_run(what: Annotation) -> None:
    from axolotl_explain.cli.annotate_bars import Watching
    from axolotl_explain.cli.annotate_shown import print_requests
    from axolotl_explain.teacher.annotate import survey_rows

    console = Console()
    with Watching(Console(stderr=True), what).reading() as on_row:
        survey = survey_rows(what, SHOWN, on_row)
    print_requests(console, what, survey)


def _annotate(what: Annotation, ledger_path: Path, from_ledger: bool) -> None:
    from axolotl_explain.cli.annotate_bars import Watching
    from axolotl_explain.cli.annotate_shown import print_summary, recipe_lines
    from axolotl_explain.cli.writing import writing
    from axolotl_explain.report.annotation_page import write_summary
    from axolotl_explain.teacher.annotate import (
        ask_rows,
        survey_rows,
        write_annotated,
    )
    from axolotl_explain.teacher.ledger import open_ledger

    console = Console(stderr=True)
    if from_ledger and not ledger_path.is_file():
        raise ExplainError(f"--from-ledger: there is no ledger {ledger_path}.")
    with _naming_ledger(ledger_path), open_ledger(ledger_path) as ledger:
        watching = Watching(console, what)
        with watching.reading() as on_row:
            survey = survey_rows(what, 0, on_row)
        progress = None
        if not from_ledger:
            with watching.asking(survey, len(ledger)) as watcher:
                progress = ask_rows(what, ledger, watcher)
            if progress.interrupted:
                _tell_interrupted(console, progress, ledger)
        with watching.writing(survey) as watcher, writing(what.out):
            summary = write_annotated(what, ledger, survey, watcher)
            files = write_summary(what.out, summary)
    print_summary(Console(), summary, what)
    for file in (what.out, *files):
        click.echo(f"Wrote {file}.")
    click.echo(f"All replies are in {ledger_path}.")
    for line in recipe_lines(summary, what):
        click.echo(line)
    if progress is not None:
        _tell_left(console, progress, survey)


@contextmanager
def _naming_ledger(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExplainError(
            f"--ledger {path}: it cannot be written ({error.strerror or error}); name "
            "another place."
        ) from error


def _tell_interrupted(
    console: Console, progress: AskingProgress, ledger: Ledger
) -> None:
    console.print(
        f"Stopped after {progress.replies:,} replies. {ledger.path} keeps them; the "
        "same command goes on, and with --from-ledger it writes what there is.",
        markup=False,
    )
    raise SystemExit(INTERRUPTED)


def _tell_left(console: Console, progress: AskingProgress, survey: RowSurvey) -> None:
    """Say what was not asked, and end with a code of its own where there is any."""
    from axolotl_explain.cli.annotate_shown import left_lines

    lines = left_lines(progress, survey)
    for line in lines:
        console.print(line, style="yellow", markup=False)
    if lines:
        raise SystemExit(STOPPED)
