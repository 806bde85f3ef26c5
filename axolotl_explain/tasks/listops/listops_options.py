"""What shapes ListOps problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from axolotl_explain.tasks.listops.expression import OPERATORS
from axolotl_explain.tasks.listops.reach import (
    SHORTEST,
    Sums,
    greatest_length,
    has,
    sums_by_depth,
)
from axolotl_explain.tasks.task import Split, TaskOptions, at_least, bad_option

LONGEST = 10_000
"""A limit against typing errors: beyond it drawing takes too long to be of use."""


@dataclass(frozen=True, kw_only=True)
class ListOpsOptions(TaskOptions):
    """Options of `axolotl explain generate listops`; lengths as in `expression`."""

    max_value: int = 9
    modulus: int = 10
    min_length: int = 20
    max_length: int = 50
    test_long_max_length: int = 100
    operators: tuple[str, ...] = tuple(OPERATORS)
    max_depth: int = 10
    """How deep operators may be nested."""
    max_args: int = 10
    """How many arguments an operator may have; the least is always 2."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_operators()
        at_least("max_depth", self.max_depth, 1)
        at_least("max_args", self.max_args, 2)
        at_least("min_length", self.min_length, SHORTEST)
        self.lengths("train")

    def sums(self) -> tuple[Sums, ...]:
        """What `sums_by_depth` says for these options."""
        longest = max(self.max_length, self.test_long_max_length)
        return sums_by_depth(self.max_depth, self.max_args, longest)

    def lengths(self, split: Split) -> Sequence[int]:
        """The lengths of a split that can be had under max_depth and max_args."""
        return _lengths(self, split)

    def _check_operators(self) -> None:
        typed = ",".join(self.operators)
        unknown = [name for name in self.operators if name not in OPERATORS]
        way_out = f"choose from {','.join(OPERATORS)}"
        if unknown or not self.operators:
            rule = f"{unknown[0]!r} is no operator" if unknown else "none is named"
            raise bad_option("operators", typed or "''", rule, way_out)
        if len(set(self.operators)) < len(self.operators):
            raise bad_option("operators", typed, "one is named twice", way_out)


@lru_cache(maxsize=16)
def _lengths(options: ListOpsOptions, split: Split) -> Sequence[int]:
    wanted = options.length_range(split)
    name = "test_long_max_length" if split == "test_long" else "max_length"
    if wanted[-1] > LONGEST:
        rule = f"lengths end at {LONGEST}"
        raise bad_option(name, wanted[-1], rule, "lower it")
    limits = f"--max-depth {options.max_depth} and --max-args {options.max_args}"
    greatest = greatest_length(options.max_depth, options.max_args, wanted[-1])
    if greatest < wanted[-1]:
        rule = f"with {limits} no problem is longer than {greatest}"
        raise bad_option(name, wanted[-1], rule, "lower it, or raise one of those")
    attainable = options.sums()[-1][1]
    lengths = [length for length in wanted if has(attainable, length)]
    if not lengths:
        rule = f"with {limits} no problem has a length of {wanted[0]} to {wanted[-1]}"
        raise bad_option(name, wanted[-1], rule, "widen the range, or raise those")
    return tuple(lengths)
