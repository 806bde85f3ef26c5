"""Training rows -> what a model writes behind their prompts, by any engine.

Both `eval` and `predict` ask here, so that they ask in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.decoding import Decoding, Engine
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
    """

    prompt: str
    completion: str
    num_prompt_tokens: int | None
    num_tokens: int | None
    truncated: bool


ReplyBatch = list[tuple[int, ModelReply]]
"""The place of each row, and what was written behind its prompt."""


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A loaded model, and what it takes to ask it.

    Attributes:
        model: what the engine takes.
    """

    model: Any
    tokenizer: Any
    formatter: Formatter
    engine: Engine

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
        prompts = self.formatter.prompts(rows)
        for batch in self.engine(self.model, prompts, decoding, done):
            yield [
                (
                    place,
                    ModelReply(
                        self.tokenizer.decode(prompts[place]),
                        self.text(one.ids),
                        len(prompts[place]),
                        len(one.ids),
                        one.truncated,
                    ),
                )
                for place, one in batch
            ]

    def text(self, ids: Sequence[int]) -> str:
        """What the ids of a completion say."""
        return self.formatter.read(decoded(self.tokenizer, ids))
