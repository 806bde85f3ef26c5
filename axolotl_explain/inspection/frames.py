"""What a strategy writes around an explanation and an answer, found by asking it.

A strategy encodes two words that stand for an explanation and an answer; what its ids
decode to besides them is the frame: answer marker, reasoning tags, line breaks, end.
So delimiters are known here without being written down a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.inspection.pieces import pieces
from axolotl_explain.tokens.formatter import Formatter, TrainingRow

Part = Literal["prompt", "explanation", "marker", "answer", "end", "other"]
PARTS: dict[Part, str] = {
    "prompt": "what the model is given",
    "explanation": "the text that leads to the answer",
    "marker": "answer marker, reasoning tags and breaks around them",
    "answer": "the value that is compared",
    "end": "where the model stops",
    "other": "not attributed to any part",
}
"""All parts in the order of a row, each in words."""

WORDS: dict[Part, str] = {"explanation": "BECAUSEPROBE", "answer": "ANSWERPROBE"}


class Span(NamedTuple):
    """A part of a target, in characters."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Fixed texts with one or two parts between them: `texts[0] slot texts[1] …`."""

    texts: tuple[str, ...]
    slots: tuple[Part, ...]

    def match(self, target: str) -> list[Span] | None:
        """The parts of a target that stands in this frame; None if it does not.

        What is between an explanation and an answer after it is looked for from the
        end, because an explanation may hold it, and an answer may not.
        """
        lead, tail = self.texts[0], self.texts[-1]
        end = len(target) - len(tail)
        if not (target.startswith(lead) and target.endswith(tail) and len(lead) < end):
            return None
        places = [len(lead)]
        if len(self.slots) == 2:
            between = self.texts[1]
            find = target.rfind if self.slots[0] == "explanation" else target.find
            at = find(between, len(lead), end)
            if at < 0:
                return None
            places += [at, at + len(between)]
        return list(self._spans([0, *places, end, len(target)]))

    def _spans(self, cuts: Sequence[int]) -> Iterator[Span]:
        names: list[Part] = ["marker"]
        for slot in self.slots:
            names += [slot, "marker"]
        names[-1] = "end"
        for name, start, end in zip(names, cuts[:-1], cuts[1:], strict=True):
            if start < end:
                yield Span(name, start, end)


def find_frames(tokenizer: Any, formatter: Formatter) -> list[Frame]:
    """The frame of explained rows, then that of rows with the answer alone.

    Empty where the strategy cannot write the words, for instance because its template
    needs fields of meta; parts are then not told apart.
    """
    try:
        explained = _frame(tokenizer, formatter, WORDS["explanation"])
        alone = _frame(tokenizer, formatter, "")
    except ExplainError:
        return []
    return [frame for frame in (explained, alone) if frame is not None]


def _frame(tokenizer: Any, formatter: Formatter, explanation: str) -> Frame | None:
    example = Example("Question", WORDS["answer"])
    row = TrainingRow(example, "long" if explanation else "none", explanation)
    ((_, target),) = formatter.encode([row])
    text = "".join(pieces(tokenizer, target.ids))
    places = sorted(
        (text.find(word), part) for part, word in WORDS.items() if word in text
    )
    if any(text.count(WORDS[part]) != 1 for _, part in places) or not places:
        return None
    texts = []
    rest = text
    for _, part in places:
        before, _, rest = rest.partition(WORDS[part])
        texts.append(before)
    return Frame((*texts, rest), tuple(part for _, part in places))
