"""One example of a dataset as the checks of its text take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.problem import question


@dataclass(frozen=True, slots=True)
class CheckedProblem:
    """An example with those of its explanations that the recipe trains."""

    example: Example
    explanations: Mapping[Level, str]

    @property
    def question(self) -> str:
        """History, instruction and input in one text: what makes problems equal."""
        return question(self.example)

    @property
    def texts(self) -> dict[str, str]:
        """Name of each field that a model will read -> its text, without empty ones."""
        example = self.example
        fields = {
            "system": example.system,
            **{f"history[{at}]": one.content for at, one in enumerate(example.history)},
            "instruction": example.instruction,
            "input": example.input,
            "answer": example.answer,
            **{f"explanations.{lv}": text for lv, text in self.explanations.items()},
        }
        return {name: text for name, text in fields.items() if text}
