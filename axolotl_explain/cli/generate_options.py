"""The options that the commands of `axolotl explain generate` have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from axolotl_explain.tasks.dataset_plan import SplitSizes
from axolotl_explain.tasks.drawing import NEWEST
from axolotl_explain.tasks.modular_sum import ModularSumOptions

Command = TypeVar("Command", bound=Callable[..., Any])


def number(name: str, default: int | None, text: str) -> Callable[[Command], Command]:
    """An option that takes a whole number; its bounds are checked by the task."""
    return click.option(
        f"--{name}",
        type=int,
        default=default,
        show_default=default is not None,
        help=text,
    )


OUT = click.Path(path_type=Path)

SHARED = (
    number("train", SplitSizes.train, "Rows of train.jsonl; 0 leaves the file out."),
    number("validation", SplitSizes.validation, "Rows of validation.jsonl."),
    number("test", SplitSizes.test, "Rows of test.jsonl."),
    number("test-long", SplitSizes.test_long, "Rows of test_long.jsonl."),
    number("seed", 0, "Another seed gives other problems."),
    number(
        "drawing",
        NEWEST,
        "How problems are drawn: 2 keeps splits apart in any order of arguments and "
        "has as many of each length all along a file; 1 is as the first versions drew.",
    ),
    click.option(
        "--overwrite",
        is_flag=True,
        help="Replace what an earlier run of this command has written.",
    ),
)


def with_shared(command: Command) -> Command:
    """Give a command the options that both tasks have."""
    for option in reversed(SHARED):
        command = option(command)
    return command


def sum_options(lengths: type[ModularSumOptions]) -> Callable[[Command], Command]:
    """Give a command the options of sums, with the default lengths of its task."""
    own = (
        click.option("--out", type=OUT, required=True, help="Folder to fill."),
        number("max-value", None, "Largest addend.  [default: --modulus - 1]"),
        number(
            "modulus",
            None,
            "Sums are taken modulo this.  [default: 10, or --max-value + 1 if that is "
            "more, so that every digit matters]",
        ),
        number("min-length", lengths.min_length, "Fewest addends."),
        number("max-length", lengths.max_length, "Most addends of train and test."),
        number(
            "test-long-max-length",
            None,
            "Most addends of test_long; its fewest are --max-length + 1.  [default: "
            "twice --max-length]",
        ),
    )

    def with_options(command: Command) -> Command:
        command = with_shared(command)
        for option in reversed(own):
            command = option(command)
        return command

    return with_options
