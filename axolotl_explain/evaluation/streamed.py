"""One question at a time, with its explanation as it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from axolotl_explain.core.reply import Reply, read_reply
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.thoughts import TAGS
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.endpoint import Endpoint
from axolotl_explain.evaluation.model_replies import AskedModel, ModelReply
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.evaluation.predictor import Predictor

BROKEN = "\ufffd"
"""What a tokenizer gives for a character of which only a part is there."""


def stream_reply(
    predictor: Predictor,
    request: PredictionRequest,
    row: TrainingRow,
    say: Callable[[str], None],
) -> tuple[Reply, ModelReply]:
    """Ask for one row.

    Args:
        say: called with each further piece of the explanation.

    Returns:
        What was read out of the completion, and the completion with its price.
    """
    budget = request.max_new_tokens or predictor.budget([row])
    layout = predictor.prompts.layout
    asker = predictor.asker
    if isinstance(asker, Endpoint):
        pieces: list[str] = []
        shown = ShownExplanation(layout, say)

        def add(piece: str) -> None:
            pieces.append(piece)
            shown.update("".join(pieces))

        reply = asker.stream(row, Decoding((), budget), add)
    else:
        assert isinstance(asker, AskedModel)
        reply, shown = _stream_here(asker, predictor, row, budget, say)
    read = read_reply(reply.completion, layout, reply.prompt)
    shown.finish(read)
    return read, reply


def _stream_here(
    asker: AskedModel,
    predictor: Predictor,
    row: TrainingRow,
    budget: int,
    say: Callable[[str], None],
) -> tuple[ModelReply, ShownExplanation]:
    (prompt_ids,) = asker.formatter.prompts([row])
    prompt = asker.tokenizer.decode(prompt_ids)
    shown = ShownExplanation(predictor.prompts.layout, say, prompt)
    stops, ids = set(predictor.stop_ids), []

    def add(token: int) -> None:
        if token not in stops:
            ids.append(token)
            shown.update(asker.text(ids))

    decoding = Decoding(predictor.stop_ids, budget, on_token=add)
    ((_, reply),) = next(asker.replies([row], decoding))
    return reply, shown


@dataclass(slots=True)
class ShownExplanation:
    """The part of an explanation that is shown while the completion grows.

    What may still turn out to be the answer marker or a tag of thoughts is held back.
    """

    layout: TargetFormat
    say: Callable[[str], None]
    prompt: str = ""
    told: str = field(default="")

    def update(self, completion: str) -> None:
        """The completion so far."""
        sure = self._sure(completion)
        self._tell(read_reply(sure, self.layout, self.prompt).explanation)

    def finish(self, read: Reply) -> None:
        """The whole completion is there."""
        self._tell(read.explanation)

    def _sure(self, completion: str) -> str:
        if completion.endswith(BROKEN):
            completion = completion.rstrip(BROKEN)
        before, line_break, last = completion.rpartition("\n")
        begun = last.strip()
        marker = self.layout.marker.strip()
        starts = (marker, *TAGS, *TAGS.values())
        if any(one.startswith(begun) for one in starts):
            return f"{before}{line_break}"
        for tag in TAGS.values():
            for size in range(len(tag) - 1, 0, -1):
                if last.endswith(tag[:size]):
                    return completion[: len(completion) - size]
        return completion

    def _tell(self, explanation: str) -> None:
        # White space at the end is cut by the reader and may come back later.
        if explanation.startswith(self.told) and explanation != self.told:
            self.say(explanation[len(self.told) :])
            self.told = explanation
