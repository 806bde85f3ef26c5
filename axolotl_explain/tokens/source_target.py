"""Sources and targets -> ids, as the tokenizer of an encoder–decoder model has them.

Both are texts of their own: each gets what the tokenizer puts around a text, such as
the end token of T5. Tokenizers of the kind that T5 has know no line breaks (they read
them as spaces), so a target says them in other words, which a completion is read by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.target import Kind, Segment
from axolotl_explain.tokens.encoder import Encoded, Encoder, decoded, end_token
from axolotl_explain.tokens.line_breaks import with_breaks

BREAKS = ("\n", " | ", " ; ", " / ")
"""What may stand for a line break, in the order of preference."""


class SourceTargetEncoder(Encoder):
    """Encodes the two texts of a row.

    Args:
        line_break: what stands for a line break in targets; None for the first of
            BREAKS that the tokenizer gives back.

    Attributes:
        start, end: the ids around a target; they are trained.

    Raises:
        ExplainError: if the tokenizer has no end, loses the line break, or pads on the
            left, where the decoder would read the padding.
    """

    def __init__(self, tokenizer: Any, line_break: str | None = None) -> None:
        super().__init__(tokenizer, special_tokens=True)
        if tokenizer.padding_side != "right":
            raise ExplainError(
                "the tokenizer pads on the left, so the decoder would begin with "
                "padding; set padding_side to right in its tokenizer_config.json."
            )
        self.start, self.end = self._frame()
        self.line_break = self._find_break(line_break)

    @property
    def stop_ids(self) -> list[int]:
        """Where a completion ends: the first id of an end, and the end of sequence."""
        found = [self.end[0], self.tokenizer.eos_token_id]
        return list(dict.fromkeys(one for one in found if one is not None))

    def prompts(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of sources, with the tokens that the tokenizer puts around a text."""
        return self._encode(texts, special_tokens=True)

    def targets(self, targets: Sequence[Sequence[Segment]]) -> list[Encoded]:
        """Ids and kinds of targets, with the tokens around them."""
        start = Encoded.uniform(self.start, Kind.MARKER)
        end = Encoded.uniform(self.end, Kind.END)
        written = [
            [Segment(self._write(one.text), one.kind) for one in target]
            for target in targets
        ]
        return [start + run + end for run in super().targets(written)]

    def target_sizes(self, targets: Sequence[Sequence[Segment]]) -> list[int]:
        return [len(one.ids) for one in self.targets(targets)]

    def read(self, completion: str) -> str:
        return with_breaks(completion, self.line_break)

    def _write(self, text: str) -> str:
        return text.replace("\n", self.line_break)

    def _find_anchor(self) -> list[int]:
        """None: a target continues nothing."""
        return []

    def _frame(self) -> tuple[list[int], list[int]]:
        """The ids that the tokenizer puts before and after a target."""
        (bare,) = self._encode(["a"], special_tokens=False)
        whole = list(self.tokenizer(text_target="a")["input_ids"])
        for at in range(len(whole) - len(bare) + 1):
            if whole[at : at + len(bare)] == bare:
                end = whole[at + len(bare) :]
                return whole[:at], end or [end_token(self.tokenizer)]
        raise ExplainError(
            f"the tokenizer encodes 'a' as {bare} alone and as {whole} as a target, "
            "so what it puts around a target cannot be told; use another tokenizer."
        )

    def _find_break(self, wanted: str | None) -> str:
        candidates = BREAKS if wanted is None else (wanted,)
        for mark in candidates:
            probe = f"a{mark}b"
            ids = self._encode([probe], special_tokens=False)[0]
            back = decoded(self.tokenizer, ids)
            if mark.strip(" ") and back == probe:
                return mark
        raise ExplainError(
            "explain.line_break: the tokenizer does not give back "
            f"{' or '.join(map(quoted, candidates))}, so the lines of a target would "
            "run together; name a text that it has, such as line_break: ' . '."
        )
