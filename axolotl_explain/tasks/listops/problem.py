"""From a ListOps problem to an example with its explanations, and back."""

from __future__ import annotations

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.tasks.listops.expression import (
    ListOpsStep,
    Tokens,
    carry_out,
    depth,
)
from axolotl_explain.tasks.listops.listops_options import ListOpsOptions
from axolotl_explain.tasks.listops.parse import parse, spell
from axolotl_explain.tasks.listops.render import sentence
from axolotl_explain.tasks.listops.sample import draw
from axolotl_explain.tasks.meta import modulus_of
from axolotl_explain.tasks.random_stream import random_stream
from axolotl_explain.tasks.sentence import write
from axolotl_explain.tasks.task import Split
from axolotl_explain.tasks.verdict import Verdict, compare

NAME = "listops"
INSTRUCTION = (
    "Evaluate the nested list. MIN is the smallest of its arguments, MAX the largest, "
    "MED the median (of an even number of arguments the mean of the two middle ones, "
    "truncated), SM the sum modulo {modulus}."
)


def problem(
    options: ListOpsOptions, seed: int, split: Split, index: int, attempt: int = 0
) -> Example:
    """The problem at a place of a dataset; see `sample` for how problems spread."""
    tokens = draw(options, split, random_stream(NAME, seed, split, index, attempt))
    return as_example(tokens, options.modulus, f"{NAME}-{split}-{index}")


def as_example(tokens: Tokens, modulus: int, id: str) -> Example:
    """A problem with its answer and its explanation at every level."""
    steps = carry_out(tokens, modulus)
    return Example(
        id=id,
        instruction=INSTRUCTION.format(modulus=modulus),
        input=spell(tokens),
        answer=str(steps[-1].result),
        explanations={level: explain(steps, level, modulus) for level in EXPLAINED},
        meta={
            "task": NAME,
            "list_length": len(tokens),
            "num_operators": len(steps),
            "depth": depth(tokens),
            "operators": [step.operator for step in steps],
            "modulus": modulus,
        },
    )


def explain(steps: tuple[ListOpsStep, ...], level: Level, modulus: int) -> str:
    """The explanation of an evaluated problem, without the line of the answer."""
    return write(sentence(step, level, modulus) for step in steps)


def verify(example: Example, level: Level, text: str) -> Verdict:
    """Re-execute an explanation; at level none only an empty one is right.

    Raises:
        ExplainError: if the example itself is no ListOps problem; never for the text.
    """
    modulus = modulus_of(example)
    steps = carry_out(parse(example.input), modulus)
    if level == "none":
        return compare(text, ())
    return compare(text, (sentence(step, level, modulus) for step in steps))
