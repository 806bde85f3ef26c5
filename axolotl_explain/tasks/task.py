"""Task: what a kind of problem offers, and the options all kinds share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, Literal, NamedTuple, TypeVar, get_args

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.random_stream import random_stream
from axolotl_explain.tasks.verdict import Verdict

Split = Literal["train", "validation", "test", "test_long"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, kw_only=True)
class TaskOptions:
    """What shapes the problems of every task; checked when it is made."""

    max_value: int
    """The largest number in a problem; the smallest is 0."""
    modulus: int
    """Sums are taken modulo this."""
    min_length: int
    """Shortest list_length of train, validation and test."""
    max_length: int
    """Longest list_length of train, validation and test."""
    test_long_max_length: int
    """Longest list_length of test_long, whose shortest is `max_length` + 1."""

    def __post_init__(self) -> None:
        at_least("max_value", self.max_value, 1)
        at_least("modulus", self.modulus, 2)
        if self.min_length > self.max_length:
            raise bad_option(
                "min_length",
                self.min_length,
                f"it must not be above --max-length, which is {self.max_length}",
                "lower the one or raise the other",
            )

    def length_range(self, split: Split) -> range:
        """The range that a split's lengths lie in.

        Raises:
            ExplainError: if the one of test_long is empty.
        """
        if split != "test_long":
            return range(self.min_length, self.max_length + 1)
        if self.test_long_max_length <= self.max_length:
            raise bad_option(
                "test_long_max_length",
                self.test_long_max_length,
                "problems of test_long are longer than those of train, so it must be "
                f"above --max-length, which is {self.max_length}",
                "raise it, or pass --test-long 0",
            )
        return range(self.max_length + 1, self.test_long_max_length + 1)

    def lengths(self, split: Split) -> Sequence[int]:
        """The lengths that problems of a split can have, each as likely as the others.

        Raises:
            ExplainError: if there are none.
        """
        return self.length_range(split)


OptionsT = TypeVar("OptionsT", bound=TaskOptions)
Problem = Any
"""What a task draws: addends, a text, tokens; only the task itself looks into it."""


class ProblemCounts(NamedTuple):
    """How many different problems of one length there are."""

    exact: int
    """As texts."""
    up_to_order: int
    """Problems that differ in the order of arguments alone counted as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[OptionsT]):
    """A kind of problem whose explanations can be written and verified."""

    name: str
    instruction: str
    """What every prompt says, with `{modulus}` where the modulus stands."""
    options: type[OptionsT]
    """The dataclass of options; called without arguments it gives the defaults."""
    draw: Callable[[OptionsT, int, Random], Problem]
    """(options, list_length, random numbers) -> a problem of this length."""
    as_example: Callable[[Problem, int, str], Example]
    """(problem, modulus, id) -> the problem with answer and explanations."""
    text: Callable[[Problem], str]
    """A problem as it stands in `input`."""
    parse: Callable[[str], Problem]
    """The reverse; raises an ExplainError for what is none of this task's problems."""
    key: Callable[[Problem], str]
    """The same for two problems that differ in the order of arguments alone."""
    count: Callable[[OptionsT, int], ProblemCounts]
    """(options, list_length) -> how many there are. Numbers too large to matter may be
    told too low, so long as they stay above a thousand million."""
    verify: Callable[[Example, Level, str], Verdict]
    """(example, level, explanation) -> verdict. Never raises for any explanation; an
    example that is none of this task's is an ExplainError."""

    def problem(
        self, options: OptionsT, seed: int, split: Split, index: int, attempt: int = 0
    ) -> Example:
        """A problem of any of the split's lengths: a pure function of its place."""
        rng = random_stream(self.name, seed, split, index, attempt)
        length = rng.choice(options.lengths(split))
        drawn = self.draw(options, length, rng)
        return self.as_example(drawn, options.modulus, self.id_of(split, index))

    def key_of(self, example: Example) -> str:
        """The `key` of an example's problem."""
        return self.key(self.parse(example.input))

    def id_of(self, split: Split, index: int) -> str:
        """The `id` of a row.

        >>> from axolotl_explain.tasks import TASKS
        >>> TASKS["listops"].id_of("test", 7)
        'listops-test-7'
        """
        return f"{self.name}-{split}-{index}"


def bad_option(name: str, value: object, rule: str, way_out: str) -> ExplainError:
    """An error about an option, named as it is typed.

    >>> print(bad_option("max_args", 1, "an operator needs two", "raise it"))
    --max-args 1: an operator needs two; raise it.
    """
    return ExplainError(f"--{name.replace('_', '-')} {value}: {rule}; {way_out}.")


def at_least(name: str, value: int, least: int) -> None:
    """Check a lower bound of an option."""
    if value < least:
        rule = f"it must be at least {least}"
        raise bad_option(name, value, rule, f"pass {least} or more")
