"""A model behind a server with the OpenAI interface.

A chat endpoint is sent messages, of which the server's chat template makes the prompt;
that which training saves makes the trained one. A URL that ends in `/completions` (and
not in `/chat/completions`) is sent the prompt as text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.reply import before_end
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import AnswerCut
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.model_replies import ModelReply, ReplyBatch
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.servers.address import ServerAddress
from axolotl_explain.servers.blocking_client import BlockingClient, blocking_client
from axolotl_explain.servers.key import KEY_VARIABLE
from axolotl_explain.servers.server_reply import read_server_reply, thought_of

AT_ONCE = 16
"""Requests under way, at most."""
CHUNK = 8
"""Requests that wait for each one under way."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked, and how.

    Attributes:
        url: of the interface, such as http://localhost:8000/v1, or of one endpoint.
        prompts: what its model was trained to be asked.
        model: the name that the server knows it by; None for its only one.
        folder: of the model, by which a server knows it that lists none.
        untrained: whether completions end with their first answer line; see
            `AskedModel`.
        key_variable: the environment variable that holds the key.
        end_tokens: texts that end a completion, where a server writes them out.
        at_once: requests under way, at most.
        sleep: waits so many seconds.
    """

    url: str
    prompts: RowPrompts
    model: str | None = None
    key_variable: str = KEY_VARIABLE
    end_tokens: Sequence[str] = ()
    folder: str | None = None
    untrained: bool = False
    at_once: int = AT_ONCE
    sleep: Callable[[float], None] = time.sleep
    names: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> ServerAddress:
        """Where it is asked."""
        return ServerAddress(self.url)

    def replies(
        self,
        rows: Sequence[TrainingRow],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[ReplyBatch]:
        """The replies to rows, some at a time; see `AskedModel.replies`.

        Raises:
            ExplainError: naming the URL and what the server says.
        """
        places = [at for at in range(len(rows)) if at not in set(done)]
        waiting = self.at_once * CHUNK
        with self._client() as client, ThreadPoolExecutor(self.at_once) as pool:

            def ask(at: int) -> tuple[int, ModelReply]:
                body = self._body(client, rows[at], decoding, at)
                return at, self._reply(rows[at], client.complete(body))

            for start in range(0, len(places), waiting):
                chunk = places[start : start + waiting]
                if not start:
                    yield [ask(chunk.pop(0))]
                asked = [pool.submit(ask, at) for at in chunk]
                try:
                    for reply in _answered(asked):
                        yield [reply]
                finally:
                    for one in asked:
                        one.cancel()

    def stream(
        self, row: TrainingRow, decoding: Decoding, say: Callable[[str], None]
    ) -> ModelReply:
        """One reply, of which each piece is said as it comes.

        Raises:
            ExplainError: as `replies`.
        """
        pieces: list[str] = []
        thoughts: list[str] = []
        reason = ""
        usage: Mapping[str, Any] = {}
        with self._client() as client:
            body = {**self._body(client, row, decoding, 0), "stream": True}
            for event in client.events(body):
                if error := event.get("error"):
                    raise ExplainError(
                        f"--endpoint {self.url}: the server broke off its answer: "
                        f"{quoted(error, 200)}; its log says more."
                    )
                usage = event.get("usage") or usage
                for choice in event.get("choices") or ():
                    delta = choice.get("delta") or {}
                    thought = thought_of(delta)
                    text = choice.get("text") or delta.get("content") or ""
                    reason = choice.get("finish_reason") or reason
                    if thought:
                        thoughts.append(thought)
                        say(thought)
                    if text:
                        pieces.append(text)
                        say(text)
        message = {"content": "".join(pieces), "reasoning": "".join(thoughts)}
        choice = {"message": message, "finish_reason": reason}
        return self._reply(row, {"choices": [choice], "usage": usage})

    def _client(self) -> AbstractContextManager[BlockingClient]:
        return blocking_client(
            self.address, self.key_variable, hint=self._asked_for, sleep=self.sleep
        )

    def _asked_for(self) -> str:
        name = self.names.get("name")
        if name is None:
            return ""
        return f" It was asked for {name}; --endpoint-model names another model."

    def _body(
        self, client: BlockingClient, row: TrainingRow, decoding: Decoding, place: int
    ) -> dict[str, Any]:
        drawn = decoding.sampling
        asked: dict[str, Any] = (
            {"prompt": self.prompts.text(row)}
            if self.address.as_text
            else {"messages": self.prompts.messages(row)}
        )
        return {
            "model": self._name(client),
            **asked,
            "max_tokens": decoding.max_new_tokens,
            "temperature": drawn.temperature if drawn else 0.0,
            **({"top_p": drawn.top_p, "seed": drawn.seed_of(place)} if drawn else {}),
        }

    def _name(self, client: BlockingClient) -> str:
        """What the server calls the model.

        `transformers serve` lists what lies in the cache of the hub, or nothing, and
        knows a model by its folder.

        Raises:
            ExplainError: if it has several and none was named.
        """
        if self.model is not None:
            return self.model
        if "name" not in self.names:
            names = client.models()
            if self.folder is not None and (not names or self.folder in names):
                names = [self.folder]
            if len(names) != 1:
                raise ExplainError(
                    f"--endpoint {self.url}: it serves {', '.join(names) or 'nothing'};"
                    " name the model to ask with --endpoint-model."
                )
            self.names["name"] = names[0]
        return self.names["name"]

    def _reply(self, row: TrainingRow, found: Mapping[str, Any]) -> ModelReply:
        reply = read_server_reply(found)
        if reply is None:
            raise ExplainError(
                f"{self.address.asked}: the answer has no choices ({quoted(found)})."
            )
        known = self.prompts.template is not None
        prompt = self.prompts.text(row) if known else ""
        raw = said = before_end(reply.with_thought, self.end_tokens)
        if self.untrained:
            said = AnswerCut.of(row, self.prompts.layout, prompt).cut(raw)
        num_tokens = _without_end(reply.completion_tokens, reply.finish)
        return ModelReply(
            prompt,
            said,
            reply.prompt_tokens,
            num_tokens if said == raw else None,
            said == raw and reply.finish == "length",
            None if said == raw else raw,
        )


def _answered(
    asked: Sequence[Future[tuple[int, ModelReply]]],
) -> Iterator[tuple[int, ModelReply]]:
    """What comes back, as it does; where one fails, first what others still bring.

    Raises:
        Exception: what the first that failed has raised.
    """
    failed: BaseException | None = None
    for one in as_completed(asked):
        if one.cancelled():
            continue
        error = one.exception()
        if error is None:
            yield one.result()
        elif failed is None:
            failed = error
            for other in asked:
                other.cancel()
    if failed is not None:
        raise failed


def _without_end(num_tokens: int | None, reason: str | None) -> int | None:
    """Tokens of a completion; servers count the end token that stopped it as well.

    >>> _without_end(9, "stop"), _without_end(9, "length")
    (8, 9)
    """
    return num_tokens - 1 if num_tokens and reason == "stop" else num_tokens
