"""Training rows -> what a model writes behind their prompts, by any engine.

Both `eval` and `predict` ask here, so that they ask in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import (
    AnswerCut,
    AnswerEnded,
    tokens_until,
)
from axolotl_explain.evaluation.decoding import Decoding, Engine, Generated
from axolotl_explain.tokens.encoder import decoded
from axolotl_explain.tokens.formatter import Formatter


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A completion as text, with its price.

    Attributes:
        prompt: as text, special tokens included.
        num_tokens: of the completion, the end token aside; None where a server does
            not tell.
        truncated: whether it ran out of tokens before it ended.
        raw: all that was written, where the completion is its beginning alone.
    """

    prompt: str
    completion: str
    num_prompt_tokens: int | None
    num_tokens: int | None
    truncated: bool
    raw: str | None = None


ReplyBatch = list[tuple[int, ModelReply]]
"""The place of each row, and what was written behind its prompt."""

Prompts = Callable[[Sequence[TrainingRow]], list[list[int]]]
"""The ids that generation is given for each row."""


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A loaded model, and what it takes to ask it.

    Attributes:
        model: what the engine takes.
        untrained: whether completions end with their first answer line, as those of a
            model do that was not trained to end (answer_cut.py).
        prompts: what it is asked; the prompts of the formatter without it.
    """

    model: Any
    tokenizer: Any
    formatter: Formatter
    engine: Engine
    untrained: bool = False
    prompts: Prompts | None = None

    def replies(
        self,
        rows: Sequence[TrainingRow],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[ReplyBatch]:
        """The replies of each batch, as soon as it is finished; see `Engine`.

        Args:
            done: places of rows that need no reply.
        """
        prompts = (self.prompts or self.formatter.prompts)(rows)
        texts = [self.tokenizer.decode(ids) for ids in prompts]
        cuts: Sequence[AnswerCut] = ()
        if self.untrained:
            layout = self.formatter.layout
            pairs = zip(rows, texts, strict=True)
            cuts = [AnswerCut.of(row, layout, text) for row, text in pairs]
            decoding = replace(decoding, ended=AnswerEnded(cuts, self.text))
        for batch in self.engine(self.model, prompts, decoding, done):
            yield [
                (
                    place,
                    self._reply(
                        texts[place],
                        len(prompts[place]),
                        one,
                        cuts[place] if cuts else None,
                    ),
                )
                for place, one in batch
            ]

    def _reply(
        self, prompt: str, size: int, written: Generated, cut: AnswerCut | None
    ) -> ModelReply:
        raw, ids = self.text(written.ids), written.ids
        whole = ModelReply(prompt, raw, size, len(ids), written.truncated)
        if cut is None or (said := cut.cut(raw)) == raw:
            return whole
        return replace(
            whole,
            completion=said,
            num_tokens=tokens_until(said, ids, self.text),
            truncated=False,
            raw=raw,
        )

    def text(self, ids: Sequence[int]) -> str:
        """What the ids of a completion say."""
        return self.formatter.read(decoded(self.tokenizer, ids))
