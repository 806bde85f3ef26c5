"""An example at a level -> a row in the format that another tool reads.

Canonical rows hold all levels. The others hold one, which has to be named; an example
that lacks it is written with its answer alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.template import DEFAULT_TEMPLATE, names_of, render

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExampleAtLevel:
    """One example as it is to be written.

    Attributes:
        explanation: at the wanted level; empty where there is none.
        end: text that ends the target, for tools that add no end token.
    """

    example: Example
    explanation: str
    layout: TargetFormat
    template: str = DEFAULT_TEMPLATE
    end: str = ""

    @property
    def question(self) -> str:
        """What the user asks: the instruction, then the input."""
        example = self.example
        parts = (example.instruction, example.input)
        return "\n\n".join(part for part in parts if part)

    @property
    def turns(self) -> list[Row]:
        """The conversation before the answer."""
        system = self.example.system
        return [
            *([{"role": "system", "content": system}] if system else []),
            *(turn.to_dict() for turn in self.example.history),
            {"role": "user", "content": self.question},
        ]

    @property
    def target(self) -> str:
        """Explanation and answer in the layout of the recipe."""
        return self._target("")

    def _target(self, prompt: str) -> str:
        segments = self.layout.target(self.example.answer, self.explanation, prompt)
        return "".join(segment.text for segment in segments)

    @property
    def thought(self) -> str:
        """The explanation in a `<think>` span, then the answer."""
        if not self.explanation:
            return self.example.answer
        return f"<think>\n{self.explanation}\n</think>\n\n{self.example.answer}"

    def prompted(self) -> tuple[str, str]:
        """Prompt and target as `axolotl_explain.instruct` would write them."""
        prompt = render(self.template, names_of(self.example))
        return prompt, self._target(prompt) + self.end


def canonical(one: ExampleAtLevel) -> Row:
    """The row of this package, with all levels."""
    return one.example.to_row()


def messages(one: ExampleAtLevel) -> Row:
    """A conversation whose last turn has the explanation as `reasoning_content`.

    What a conversation has no place for stands beside it, so that `explain: {messages:
    {explanation: field}}` reads the very example back.
    """
    reply = {"role": "assistant", "content": one.example.answer}
    if one.explanation:
        reply["reasoning_content"] = one.explanation
    row = one.example.to_row()
    beside = ("id", "input", "level", "meta")
    kept = {key: value for key, value in row.items() if key in beside}
    return {**kept, "messages": [*one.turns, reply]}


def input_output(one: ExampleAtLevel) -> Row:
    """Axolotl's segments, the prompt without a label and the target with one."""
    prompt, target = one.prompted()
    return {
        "segments": [
            {"label": False, "text": prompt},
            {"label": True, "text": target},
        ]
    }


def llamafactory(one: ExampleAtLevel) -> Row:
    """LLaMA-Factory's alpaca format, with the explanation in a `<think>` span."""
    example = one.example
    row: Row = {
        "instruction": example.instruction,
        "input": example.input,
        "output": one.thought,
    }
    if example.system:
        row["system"] = example.system
    if example.history:
        row["history"] = _pairs(example)
    return row


def trl(one: ExampleAtLevel) -> Row:
    """TRL's prompt and completion, as conversations."""
    reply = {"role": "assistant", "content": one.target}
    return {"prompt": one.turns, "completion": [reply]}


def ms_swift(one: ExampleAtLevel) -> Row:
    """ms-swift's conversation; of the assistant's turns the last one is trained."""
    turns = [
        {**turn, "loss": False, "loss_scale": 0.0}
        if turn["role"] == "assistant"
        else turn
        for turn in one.turns
    ]
    reply = {"role": "assistant", "content": one.thought}
    return {"messages": [*turns, {**reply, "loss": True, "loss_scale": 1.0}]}


ROW_FORMATS: dict[str, Callable[[ExampleAtLevel], Row]] = {
    "canonical": canonical,
    "messages": messages,
    "input_output": input_output,
    "llamafactory": llamafactory,
    "trl": trl,
    "ms_swift": ms_swift,
}


def _pairs(example: Example) -> list[list[str]]:
    roles = [turn.role for turn in example.history]
    if roles != ["user", "assistant"] * (len(roles) // 2):
        raise BadRow(
            f"history: the roles are {', '.join(roles)}; LLaMA-Factory's history holds "
            "pairs of question and answer.",
            "history is no sequence of pairs",
        )
    texts = [turn.content for turn in example.history]
    return [list(pair) for pair in zip(texts[::2], texts[1::2], strict=True)]
