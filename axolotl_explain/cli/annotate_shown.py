"""What `axolotl explain annotate` shows: prompts before it, and what came of it."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from axolotl_explain.report.number_format import MISSING, format_number
from axolotl_explain.results.annotation import AnnotationSummary, Share
from axolotl_explain.support.narrow_table import FittedTable
from axolotl_explain.support.safe_text import visible
from axolotl_explain.teacher.annotate import Annotation, RowSurvey
from axolotl_explain.teacher.ask_rows import AskingProgress


def print_requests(console: Console, what: Annotation, survey: RowSurvey) -> None:
    """The first prompts in whole, and how many requests there will be."""
    for number, request in enumerate(survey.first, 1):
        console.print(f"Request {number}", style="bold")
        asked = request.asked
        turns = [{"content": asked}] if isinstance(asked, str) else asked
        for turn in turns:
            console.print(f"{turn.get('role', 'prompt')}:", style="dim")
            console.print(plain_text(turn["content"]), soft_wrap=True)
        console.print()
    rules, rows = what.rules, survey.open
    most = len(rules.levels) * rules.tries + (rules.tries if rules.hint else 0)
    fewest = len(rules.levels) - 1 + max(rules.agree, rules.keep)
    console.print(
        f"{survey.rows:,} rows, {rows:,} to be explained: {rows * fewest:,} requests "
        f"if each try is right, at most {rows * most:,}. Nothing was asked.",
        highlight=False,
    )


def plain_text(text: str) -> Text:
    """A text for a terminal, line by line; what has no shape is written out."""
    shown = Text()
    for line in text.split("\n"):
        for run in visible(line):
            shown.append(run.text, style="dim" if run.written_out else "")
        shown.append("\n")
    return shown[:-1]


def print_summary(
    console: Console, summary: AnnotationSummary, what: Annotation
) -> None:
    """What came of the rows: counts, shares, what it took."""
    for line in summary_lines(summary, what):
        console.print(line, markup=False, highlight=False)
    console.print(FittedTable(_levels(summary)))
    if summary.tries:
        console.print(FittedTable(_shares(summary)))


def summary_lines(summary: AnnotationSummary, what: Annotation) -> list[str]:
    """The counts in words, one a line."""
    found, rules = summary, what.rules
    explained = f"{found.explained:,} of {found.asked:,} rows are explained"
    if found.hinted:
        explained += f", {found.hinted:,} of them with the answer in sight"
    lines = [f"{explained}."]
    if found.whole < found.explained:
        lines.append(f"{found.whole:,} of them have every level.")
    if found.unfinished:
        lines.append(f"{found.unfinished:,} rows are not finished.")
    if found.own:
        lines.append(f"{found.own:,} rows had explanations already.")
    if found.skipped:
        told = ", ".join(f"{reason} {rows:,}" for reason, rows in found.skipped.items())
        lines.append(f"Rows skipped: {told}.")
    if found.right_by_chance is not None:
        of = f"{rules.tries} {'try' if rules.tries == 1 else 'tries'}"
        lines.append(
            f"By chance: guesses among {found.choices} answers, with {of}, would "
            f"explain {found.right_by_chance:.0%}."
        )
    if found.steps.of:
        lines.append(
            f"{found.steps.kept:,} of {found.steps.of:,} explanations have every step "
            "right, as far as the task can tell."
        )
    if found.reasons:
        told = ", ".join(f"{reason} {n:,}" for reason, n in found.reasons.items())
        lines.append(f"Rejected: {told}.")
    lines.append(_price(found))
    return lines


def _price(found: AnnotationSummary) -> str:
    told = f"{found.replies:,} replies"
    if found.uncounted < found.replies:
        told += (
            f", {found.prompt_tokens:,} tokens asked and {found.completion_tokens:,} "
            "answered"
        )
    if found.uncounted:
        told += f" ({found.uncounted:,} not counted by the server)"
    if found.cost is not None:
        told += f", {found.cost:,.4f} in all"
    if found.cost_per_row is not None:
        told += f", {found.cost_per_row:,.6f} for each explained row"
    return f"{told}."


def _levels(summary: AnnotationSummary) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("level")
    for name in ("explanations", "tokens", "characters"):
        table.add_column(name, justify="right", no_wrap=True)
    for level, texts in summary.levels.items():
        table.add_row(
            level,
            f"{texts.texts:,}",
            format_number(texts.mean_tokens),
            format_number(texts.mean_characters),
        )
    return table


def _shares(summary: AnnotationSummary) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("accepted", overflow="fold")
    for name in ("of", "kept", "share"):
        table.add_column(name, justify="right", no_wrap=True)

    def add(name: str, share: Share) -> None:
        told = MISSING if share.share is None else f"{share.share:.1%}"
        table.add_row(name, f"{share.of:,}", f"{share.kept:,}", told)

    for turn, share in summary.tries.items():
        add(f"try {turn}", share)
    for label, share in list(summary.labels.items())[:8]:
        add(f"answer {''.join(run.text for run in visible(label))}", share)
    return table


def recipe_lines(summary: AnnotationSummary, what: Annotation) -> list[str]:
    """What a recipe has to say of rows without an explanation; nothing without any."""
    bare = summary.asked - summary.whole
    if not bare or what.rules.only_explained:
        return []
    (longest, *_) = what.rules.longest_first
    return [
        f"{bare:,} rows lack a level. To train on all:",
        "  explain:",
        f"    level: {longest}",
        "    on_missing_level: answer_only   # or nearest, or drop",
    ]


def _next(progress: AskingProgress) -> str:
    """What a further request could take, which is why none is sent."""
    most = progress.next_one
    if most is None:
        return ""
    if most.cost is None:
        spent, room = f"{progress.tokens:,} tokens are", f"{most.tokens:,}"
    else:
        spent, room = f"{progress.cost:,.4f} is", f"{most.cost:,.4f}"
    return (
        f"{spent} spent, and one more request may take {room}; a smaller "
        "--max-new-tokens makes that less. "
    )


def left_lines(progress: AskingProgress, survey: RowSurvey) -> list[str]:
    """What was not asked, and what to do about it; nothing where all was."""
    lines = []
    left = survey.rows - progress.rows
    if progress.limited:
        each = progress.cost / progress.rows if progress.rows else 0.0
        rest = f", which would cost about {each * left:,.2f} more" if each else ""
        lines.append(
            f"The limit is reached: {left:,} rows are left{rest}. {_next(progress)}"
            "Raise it and start again with --overwrite to go on."
        )
    if progress.without_reply:
        lines.append(
            f"{progress.without_reply:,} requests got no reply; start again with "
            "--overwrite to ask them once more."
        )
    if progress.refused:
        lines.append(
            f"{progress.refused:,} requests were refused. {progress.refusals[0]}"
        )
    return lines
