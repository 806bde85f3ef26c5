"""What `axolotl explain annotate` can be told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.servers.key import KEY_VARIABLE

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
POSITIVE = click.FloatRange(0, min_open=True)

TEACHER = (
    click.option(
        "--endpoint",
        required=True,
        metavar="URL",
        help="Of a server with the OpenAI interface, such as http://localhost:8000/v1.",
    ),
    click.option("--model", required=True, help="What the server calls the teacher."),
    click.option(
        "--key-variable",
        default=KEY_VARIABLE,
        show_default=True,
        help="The environment variable that holds the server's key.",
    ),
    click.option(
        "--asked-as",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False),
        help="The teacher was trained with this package: ask it as the explain.json of "
        "its folder says.",
    ),
    click.option(
        "--prompts",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder with prompts of your own: explain.j2, shorten.j2, hint.j2, "
        "problem.j2, system.j2, examples.jsonl.",
    ),
    click.option(
        "--max-new-tokens",
        type=click.IntRange(1),
        help="Tokens that a reply may have, thoughts included.  [default: 2048; with "
        "--asked-as by the longest that was trained]",
    ),
    click.option(
        "--temperature",
        default=0.7,
        show_default=True,
        type=click.FloatRange(0),
        help="Of the draw of tokens.",
    ),
    click.option(
        "--top-p",
        default=1.0,
        show_default=True,
        type=click.FloatRange(0, 1, min_open=True),
        help="Of the draw of tokens.",
    ),
    click.option(
        "--body",
        metavar="JSON",
        help="Further fields of each request, such as "
        '\'{"chat_template_kwargs": {"enable_thinking": false}}\'; null takes one out.',
    ),
)
KEPT = (
    click.option(
        "--levels",
        help="Separated by commas.  [default: short,medium,long; with --asked-as "
        "those that were trained]",
    ),
    click.option(
        "--tries",
        type=click.IntRange(1),
        help="For each explanation, at most.  [default: 4]",
    ),
    click.option(
        "--agree",
        metavar="M/K",
        help="Keep only where M of K tries arrive at the answer.",
    ),
    click.option(
        "--keep",
        default=1,
        show_default=True,
        type=click.IntRange(1),
        help="Different explanations of a row; each becomes a row.",
    ),
    click.option(
        "--hint",
        is_flag=True,
        help="Show the answer where every try has failed; meta.teacher.mode says so.",
    ),
    click.option(
        "--verify",
        is_flag=True,
        help="Of generated problems, keep only explanations whose every step is right.",
    ),
    click.option(
        "--math-verify",
        is_flag=True,
        help="Answers are also compared as mathematics, by the package math-verify.",
    ),
    click.option(
        "--replace",
        is_flag=True,
        help="Explain rows anew that have an explanation; else they keep it.",
    ),
    click.option(
        "--only-explained",
        is_flag=True,
        help="Leave out rows that found no explanation; else they have their answer.",
    ),
)
LIMITS = (
    click.option(
        "--concurrency",
        "at_once",
        default=16,
        show_default=True,
        type=click.IntRange(1, 1024),
        help="Requests under way, at most; fewer while the server is busy.",
    ),
    click.option(
        "--timeout",
        default=600.0,
        show_default=True,
        type=POSITIVE,
        help="Seconds that a reply may take.",
    ),
    click.option("--price-in", type=click.FloatRange(0), help="Of a million tokens."),
    click.option("--price-out", type=click.FloatRange(0), help="Of a million tokens."),
    click.option(
        "--max-cost",
        type=POSITIVE,
        help="Of all replies in the ledger, in the currency of the prices.",
    ),
    click.option(
        "--max-tokens",
        type=click.IntRange(1),
        help="Of all replies in the ledger and their prompts.",
    ),
)
FILES = (
    click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="File to write, .jsonl or .parquet; a summary (.json and .html) and the "
        "ledger stand beside it.",
    ),
    click.option(
        "--limit", type=click.IntRange(1), help="Only so many rows, the first ones."
    ),
    click.option(
        "--ledger",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Where replies are kept, to go on from.  [default: beside --out]",
    ),
    click.option(
        "--from-ledger",
        is_flag=True,
        help="Ask nothing: write what the ledger has, by the rules that are given.",
    ),
    click.option(
        "--dry-run",
        is_flag=True,
        help="Show three prompts and the number of requests; ask nothing.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace a file that is there."),
)


def with_teacher(command: CommandT) -> CommandT:
    """Give a command all options of a teacher."""
    for option in reversed((*FILES, *TEACHER, *KEPT, *LIMITS)):
        command = option(command)
    return command


def tries_and_agreement(tries: int | None, agree: str | None) -> tuple[int, int]:
    """Tries at most, and how many of them have to be right.

    Raises:
        ExplainError: naming the option.

    >>> tries_and_agreement(None, "2/3"), tries_and_agreement(None, None)
    ((3, 2), (4, 1))
    """
    if agree is None:
        return tries or 4, 1
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", agree)
    right, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= right <= of:
        raise ExplainError(
            f"--agree {quoted(agree)}: write M/K, such as 2/3: of 3 tries, 2 have to "
            "arrive at the answer."
        )
    if tries not in (None, of):
        raise ExplainError(
            f"--agree {agree} --tries {tries}: --agree says the number of tries; leave "
            "out --tries."
        )
    return of, right


def parse_levels(text: str) -> tuple[Level, ...]:
    """Levels as typed, in their order.

    Raises:
        ExplainError: for one that is none, or has no explanation.

    >>> parse_levels("long, short")
    ('short', 'long')
    """
    names = [part.strip() for part in text.split(",")]
    for name in names:
        if name not in EXPLAINED:
            raise ExplainError(
                f"--levels {quoted(name)}: no level with an explanation has this name; "
                f"use {', '.join(EXPLAINED)}, separated by commas."
            )
    return tuple(level for level in EXPLAINED if level in names)


def parse_body(text: str | None) -> dict[str, Any]:
    """Further fields of a request.

    Raises:
        ExplainError: if it is no JSON object, or has what other options say.
    """
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ExplainError(f"--body: this is no JSON ({error}).") from None
    if not isinstance(found, dict):
        raise ExplainError("--body: write a JSON object, such as '{\"top_k\": 20}'.")
    for name in ("model", "messages", "stream", "n"):
        if name in found:
            raise ExplainError(f"--body: {name} cannot be set here; leave it out.")
    return found
