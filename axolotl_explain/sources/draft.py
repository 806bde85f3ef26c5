"""A row as a source has read it, and the examples it becomes.

One row may hold several explanations of the same level: three people explained it, or a
model answered it four times. `several_explanations` says what becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from axolotl_explain.core.draws import number
from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example, Turn
from axolotl_explain.core.levels import EXPLAINED, Level

Several = Literal["levels", "draw", "each", "join"]


@dataclass(frozen=True, slots=True)
class Draft:
    """An example whose levels may have several explanations each."""

    instruction: str
    answer: str
    input: str = ""
    explanations: Mapping[Level, Sequence[str]] = field(default_factory=dict)
    """Explained level -> its explanations, all of equal standing."""
    id: str = ""
    level: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    history: tuple[Turn, ...] = ()
    steps: tuple[str, ...] = ()
    """The calculations that the source itself marks in its explanation."""

    @classmethod
    def of(cls, example: Example) -> Draft:
        """The draft of an example, with one explanation at each of its levels."""
        return cls(
            example.instruction,
            example.answer,
            example.input,
            {level: [text] for level, text in example.explanations.items()},
            example.id,
            example.level,
            example.meta,
            example.system,
            example.history,
            example.steps,
        )

    def examples(self, several: Several, seed: int) -> list[Example]:
        """One example, or under `each` one for each explanation.

        Args:
            several: `draw` takes one of the explanations of a level, by seed; `each`
                makes a row of each; `join` writes them one below the other; `levels`
                orders them by length, the shortest becoming short and the longest long
                (and, of three and more, the middle one medium).

        Raises:
            BadRow: if the instruction or the answer is empty.
        """
        for name in ("instruction", "answer"):
            if not getattr(self, name).strip():
                raise BadRow(f"{name}: is empty; every row needs one.", f"no {name}")
        texts = {
            level: found
            for level in EXPLAINED
            if (found := _distinct(self.explanations.get(level, ())))
        }
        if several == "each":
            count = max(map(len, texts.values()), default=1)
            return [
                self._example({lv: one[n] for lv, one in texts.items() if n < len(one)})
                for n in range(count)
            ]
        if several == "levels":
            return [self._example(_by_length(texts))]
        if several == "join":
            joined = {level: "\n".join(found) for level, found in texts.items()}
            return [self._example(joined)]
        drawn = {
            level: found[self._draw(len(found), level, seed)]
            for level, found in texts.items()
        }
        return [self._example(drawn)]

    def _draw(self, count: int, level: Level, seed: int) -> int:
        """A place in a list; the same on every machine and in any process count."""
        if count == 1:
            return 0
        identity = self._example({}).identity
        return number(seed, "explanation", level, identity) * count >> 64

    def _example(self, explanations: Mapping[Level, str]) -> Example:
        return Example(
            self.instruction.strip(),
            self.answer.strip(),
            self.input.strip(),
            explanations,
            self.id.strip(),
            self.level,
            self.meta,
            self.system.strip(),
            self.history,
            self.steps,
        )


def _distinct(texts: Sequence[str]) -> list[str]:
    stripped = (text.strip() for text in texts)
    return list(dict.fromkeys(text for text in stripped if text))


def _by_length(texts: Mapping[Level, Sequence[str]]) -> dict[Level, str]:
    """All explanations spread over the levels by their length in characters.

    What has one explanation at each of its levels stays as it is.
    """
    if all(len(found) == 1 for found in texts.values()):
        return {level: found[0] for level, found in texts.items()}
    pool = sorted((text for found in texts.values() for text in found), key=len)
    if len(pool) == 2:
        return {"short": pool[0], "long": pool[1]}
    return {"short": pool[0], "medium": pool[len(pool) // 2], "long": pool[-1]}
