"""From a ListOps problem to an example with its explanations, and back."""

from __future__ import annotations

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.tasks.derivation import judge_derivation
from axolotl_explain.tasks.listops.derivation import derive_listops
from axolotl_explain.tasks.listops.expression import (
    ListOpsStep,
    Tokens,
    carry_out,
    depth,
)
from axolotl_explain.tasks.listops.parse import parse, spell
from axolotl_explain.tasks.listops.render import sentence
from axolotl_explain.tasks.meta import modulus_of
from axolotl_explain.tasks.sentence import write
from axolotl_explain.tasks.verdict import Verdict, compare

NAME = "listops"
INSTRUCTION = (
    "Evaluate the nested list. MIN is the smallest of its arguments, MAX the largest, "
    "MED the median (of an even number of arguments the mean of the two middle ones, "
    "truncated), SM the sum modulo {modulus}."
)


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
    tokens = parse(example.input)
    if level == "none":
        return compare(text, ())
    steps = carry_out(tokens, modulus)
    return judge_derivation(
        text,
        (sentence(step, level, modulus) for step in steps),
        lambda reading: derive_listops(reading, level, tokens, modulus),
    )
