"""Whether an answer comes back from the tokenizer as it was written.

Tokenizers that lower letters, strip accents, fold widths (NFKC) or lack characters
would have the model trained on a text that no comparison with the stored one matches.
A change of Unicode's normal form alone does not matter, see `core.extract`.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.extract import exact_match, extract_answer, normal_form
from axolotl_explain.core.target import Kind, Segment, TargetFormat
from axolotl_explain.tokens.encoder import Encoder, decoded

PROBE = "aZ e\u0301É ß İ ½² ＡＢ ﬁ '`\"“ a , b . do n't  x\u3000y 漢字 한글 ꙮ 𓀀 🜲"
"""Comes back from a tokenizer only if that gives every text back."""


class RoundTrip:
    """Writes answers with an encoder and reads them back.

    Attributes:
        lossless: whether any text comes back but for its normal form.
    """

    def __init__(self, encoder: Encoder, layout: TargetFormat) -> None:
        self.encoder = encoder
        self.layout = layout
        self.lossless = normal_form(self._back(PROBE)) == normal_form(PROBE)
        self._known: dict[str, str | None] = {}

    def require_marker(self) -> None:
        """Refuse an answer marker that no completion could write.

        Raises:
            ExplainError: naming what comes back in its place.
        """
        marker, value = self.layout.marker, "1"
        back = self._back(f"{marker}{value}")
        if extract_answer(back, self.layout) != value:
            raise ExplainError(
                f"explain.answer_marker: {quoted(marker)} comes back from the "
                f"tokenizer as {quoted(back.removesuffix(value))}, so no answer would "
                "be found behind it; write it as it comes back, or use another "
                "tokenizer."
            )

    def require(self, answer: str) -> None:
        """Refuse an answer that no completion could match.

        Raises:
            BadRow: naming what comes back in its place.
        """
        if self.lossless:
            return
        if answer not in self._known:
            back = self._back(f"{self.layout.marker}{answer}")
            self._known[answer] = extract_answer(back, self.layout)
        found = self._known[answer]
        if not exact_match(found, answer):
            raise BadRow(
                f"answer: {quoted(answer)} comes back from the tokenizer as "
                f"{quoted(found)}, so no completion could match it; add the characters "
                "that it lacks to the recipe (tokens: [...]), write the answer as it "
                "comes back, or use another tokenizer.",
                "answer is changed by the tokenizer",
            )

    def _back(self, text: str) -> str:
        (target,) = self.encoder.targets([[Segment(text, Kind.ANSWER)]])
        return self.encoder.read(decoded(self.encoder.tokenizer, target.ids))
