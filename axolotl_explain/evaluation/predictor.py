"""A model that answers: loaded here, or behind an endpoint."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from axolotl_explain.core.reply import read_reply
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.batching import HEADROOM
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.endpoint import Endpoint
from axolotl_explain.evaluation.model_replies import AskedModel, ModelReply, ReplyBatch
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.recipe.asked_of import prompts_of, recipe_or_folder
from axolotl_explain.recipe.explain_file import (
    ExplainFile,
    find_explain_file,
    read_explain_file,
)
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.results.prediction import Key, Prediction

FALLBACK_TOKENS = 512
"""Of a completion, where nothing says how long it may get."""


class Asker(Protocol):
    """A model that can be asked, here or behind an endpoint."""

    def replies(
        self,
        rows: Sequence[TrainingRow],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[ReplyBatch]:
        """The replies of each batch, as soon as it is finished."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """A model, its prompts, and how its answers are found.

    Attributes:
        name: what predictions call the model.
        stop_ids: where completions end; a server knows that itself.
        budget: tokens that a completion may have, for rows at a level.
    """

    asker: Asker
    prompts: RowPrompts
    name: str
    stop_ids: Sequence[int]
    budget: Callable[[Sequence[TrainingRow]], int]

    def replies(
        self,
        rows: Sequence[TrainingRow],
        request: PredictionRequest,
        done: set[int] | None = None,
    ) -> Iterator[ReplyBatch]:
        """The replies to rows, as the request says."""
        budget = request.max_new_tokens or self.budget(rows)
        decoding = Decoding(self.stop_ids, budget, request.limits, request.drawn)
        yield from self.asker.replies(rows, decoding, done or ())

    def prediction(self, row: TrainingRow, reply: ModelReply, key: Key) -> Prediction:
        """A reply with its explanation and answer apart."""
        data, level, number, sample = key
        read = read_reply(reply.completion, self.prompts.layout, reply.prompt)
        return Prediction(
            row=number,
            id=row.example.id,
            data=data,
            model=self.name,
            level=level,
            prompt=reply.prompt,
            completion=reply.completion,
            raw=reply.raw,
            explanation=read.explanation,
            answer=read.answer,
            parsed=read.parsed,
            num_tokens=reply.num_tokens,
            num_prompt_tokens=reply.num_prompt_tokens,
            stop_reason="length" if reply.truncated else "end",
            sample=sample,
        )


def load_predictor(request: PredictionRequest) -> Predictor:
    """Load the model of a request, or find the endpoint that serves it.

    Raises:
        ExplainError: if the model, the recipe or the endpoint cannot be used.
    """
    recipe = recipe_or_folder(request.recipe, request.model, request.base_model)
    data = request.data[0] if request.data else None
    prompts = prompts_of(recipe, data)
    said = explain_file(request)
    if request.endpoint is not None:
        return _behind_endpoint(request, prompts, said)
    return _loaded_here(request, recipe, prompts, said)


def explain_file(request: PredictionRequest) -> ExplainFile | None:
    """What the folder of the model says of itself, where it says anything."""
    if request.model is None or find_explain_file(request.model) is None:
        return None
    return read_explain_file(request.model)


def _behind_endpoint(
    request: PredictionRequest, prompts: RowPrompts, said: ExplainFile | None
) -> Predictor:

    assert request.endpoint is not None
    endpoint = Endpoint(
        request.endpoint,
        prompts,
        request.endpoint_model,
        request.key_variable,
        said.end_tokens if said else (),
        request.model,
        untrained=request.model is None,
    )
    name = request.endpoint_model or request.model or request.endpoint
    longest = said.longest_target if said else None
    most = math.ceil(HEADROOM * longest) if longest else FALLBACK_TOKENS
    return Predictor(endpoint, prompts, name, (), lambda rows: most)


def _loaded_here(
    request: PredictionRequest,
    recipe: dict[str, Any],
    prompts: RowPrompts,
    said: ExplainFile | None,
) -> Predictor:

    # Here alone is torch needed.
    from axolotl_explain.evaluation.loaded_model import load_for_evaluation
    from axolotl_explain.training.load import load_strategy

    loaded = load_for_evaluation(recipe, request.model, request.engine)
    data = request.data[0] if request.data else None
    strategy = load_strategy(loaded.cfg, loaded.tokenizer, data)
    formatter = strategy.formatter
    asked = AskedModel(
        loaded.model,
        loaded.tokenizer,
        formatter,
        loaded.engine,
        untrained=request.model is None,
    )

    def budget(rows: Sequence[TrainingRow]) -> int:
        if said is not None and said.longest_target is not None:
            return math.ceil(HEADROOM * said.longest_target)
        longest = max(map(len, formatter.prompts(rows)))
        return max(1, strategy.fitter.join.room(longest))

    name = request.model or str(recipe["base_model"])
    return Predictor(asked, prompts, name, loaded.ends or formatter.stop_ids, budget)
