"""A model behind a server with the OpenAI interface.

A chat endpoint is sent messages, of which the server's chat template makes the prompt;
that which training saves makes the trained one. A URL that ends in `/completions` (and
not in `/chat/completions`) is sent the prompt as text.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.reply import before_end
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import AnswerCut
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.model_replies import ModelReply, ReplyBatch
from axolotl_explain.recipe.row_prompts import RowPrompts

KEY = "OPENAI_API_KEY"
"""The environment variable that holds the key of a server, unless another is named."""

AT_ONCE = 16
"""Requests under way, at most."""
CHUNK = 8
"""Requests that wait for each one under way."""
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt, where a server is busy or cannot be reached."""
BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
TIMEOUT = httpx.Timeout(600.0, connect=10.0)
"""Seconds; a long completion takes its time."""
EXCERPT = 300
"""Characters of a server's own words in an error."""


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
    key_variable: str = KEY
    end_tokens: Sequence[str] = ()
    folder: str | None = None
    untrained: bool = False
    at_once: int = AT_ONCE
    sleep: Callable[[float], None] = time.sleep
    names: dict[str, str] = field(default_factory=dict)

    @property
    def as_text(self) -> bool:
        """Whether prompts are sent as text."""
        path = self.url.rstrip("/")
        return path.endswith("/completions") and not path.endswith("/chat/completions")

    @property
    def base(self) -> str:
        """The interface without the endpoint."""
        path = self.url.rstrip("/").removesuffix("/completions").removesuffix("/chat")
        return path.rstrip("/")

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
                return at, self._reply(rows[at], self._post(client, body))

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
            for event in self._events(client, body):
                if error := event.get("error"):
                    raise ExplainError(
                        f"--endpoint {self.url}: the server broke off its answer: "
                        f"{quoted(error, 200)}; its log says more."
                    )
                usage = event.get("usage") or usage
                for choice in event.get("choices") or ():
                    delta = choice.get("delta") or {}
                    thought = _thought(delta)
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

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        key = os.environ.get(self.key_variable)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with httpx.Client(headers=headers, timeout=TIMEOUT) as client:
            yield client

    def _body(
        self, client: httpx.Client, row: TrainingRow, decoding: Decoding, place: int
    ) -> dict[str, Any]:
        drawn = decoding.sampling
        asked: dict[str, Any] = (
            {"prompt": self.prompts.text(row)}
            if self.as_text
            else {"messages": self.prompts.messages(row)}
        )
        return {
            "model": self._name(client),
            **asked,
            "max_tokens": decoding.max_new_tokens,
            "temperature": drawn.temperature if drawn else 0.0,
            **({"top_p": drawn.top_p, "seed": drawn.seed_of(place)} if drawn else {}),
        }

    def _name(self, client: httpx.Client) -> str:
        """What the server calls the model.

        `transformers serve` lists what lies in the cache of the hub, or nothing, and
        knows a model by its folder.

        Raises:
            ExplainError: if it has several and none was named.
        """
        if self.model is not None:
            return self.model
        if "name" not in self.names:
            names = self._listed(client)
            if self.folder is not None and (not names or self.folder in names):
                names = [self.folder]
            if len(names) != 1:
                raise ExplainError(
                    f"--endpoint {self.url}: it serves {', '.join(names) or 'nothing'};"
                    " name the model to ask with --endpoint-model."
                )
            self.names["name"] = names[0]
        return self.names["name"]

    def _listed(self, client: httpx.Client) -> list[str]:
        """The models that a server says it has; none where it cannot say."""
        url = f"{self.base}/models"
        # A server that breaks here closes the connection without saying so.
        alone = {"Connection": "close"}
        listed = self._tried(
            url, lambda: client.get(url, headers=alone), broken={"data": []}
        )
        return [
            str(one["id"])
            for one in listed.get("data") or ()
            if isinstance(one, Mapping) and "id" in one
        ]

    @property
    def _address(self) -> str:
        return f"{self.base}/{'completions' if self.as_text else 'chat/completions'}"

    def _post(self, client: httpx.Client, body: Mapping[str, Any]) -> dict[str, Any]:
        url = self._address
        return self._tried(url, lambda: client.post(url, json=body))

    def _tried(
        self,
        url: str,
        send: Callable[[], httpx.Response],
        broken: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer of a server as JSON, after as many attempts as it takes.

        Args:
            broken: the answer where the server has an error of its own (500).

        Raises:
            ExplainError: with the status and what the server says.
        """
        for wait in (*WAITS, None):
            try:
                response = send()
            except httpx.TransportError as error:
                if wait is None:
                    raise _unreachable(url, error) from None
                self.sleep(wait)
                continue
            if response.status_code == 500 and broken is not None:
                return broken
            if response.status_code not in BUSY or wait is None:
                return self._json(url, response)
            self.sleep(_asked_to_wait(response) or wait)
        raise AssertionError("the last attempt returns or raises")

    def _json(self, url: str, response: httpx.Response) -> dict[str, Any]:
        if response.is_error:
            raise self._refused(url, response.status_code, response.text)
        try:
            found = response.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ExplainError(
                f"{url}: the answer is no JSON object ({quoted(response.text)}); name "
                "the URL of an OpenAI interface, which mostly ends in /v1."
            )
        return found

    def _refused(self, url: str, status: int, text: str) -> ExplainError:
        hint = ""
        if status in (401, 403):
            hint = f" Put the server's key into the variable {self.key_variable}."
        elif status == 404:
            hint = " The URL of an OpenAI interface mostly ends in /v1."
        elif name := self.names.get("name"):
            hint = f" It was asked for {name}; --endpoint-model names another model."
        said = " ".join(text.split())[:EXCERPT]
        return ExplainError(f"{url}: the server refuses ({status}): {said}.{hint}")

    def _events(
        self, client: httpx.Client, body: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """What a server sends of a stream, piece by piece."""
        url = self._address
        try:
            with client.stream("POST", url, json=body) as response:
                if response.is_error:
                    text = response.read().decode("utf-8", "replace")
                    raise self._refused(url, response.status_code, text)
                for line in response.iter_lines():
                    data = line.removeprefix("data:").strip()
                    if line.startswith("data:") and data != "[DONE]":
                        yield json.loads(data)
        except httpx.TransportError as error:
            raise _unreachable(url, error) from None

    def _reply(self, row: TrainingRow, found: Mapping[str, Any]) -> ModelReply:
        try:
            choice = found["choices"][0]
            message = choice.get("message") or {}
            text = choice.get("text") or message.get("content") or ""
        except (LookupError, TypeError, AttributeError):
            raise ExplainError(
                f"{self._address}: the answer has no choices ({quoted(found)})."
            ) from None
        if thought := _thought(message):
            text = f"<think>{thought}</think>\n{text}"
        usage = found.get("usage") or {}
        known = self.prompts.template is not None
        prompt = self.prompts.text(row) if known else ""
        raw = before_end(text, self.end_tokens)
        said = raw
        reason = choice.get("finish_reason")
        num_tokens = _without_end(usage.get("completion_tokens"), reason)
        if self.untrained:
            said = AnswerCut.of(row, self.prompts.layout, prompt).cut(raw)
        return ModelReply(
            prompt,
            said,
            usage.get("prompt_tokens"),
            num_tokens if said == raw else None,
            said == raw and reason == "length",
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


def _thought(message: Mapping[str, Any]) -> str:
    """What a server tells apart as reasoning."""
    return message.get("reasoning_content") or message.get("reasoning") or ""


def _asked_to_wait(response: httpx.Response) -> float | None:
    try:
        return min(60.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _unreachable(url: str, error: Exception) -> ExplainError:
    return ExplainError(
        f"{url}: the server cannot be reached ({error}); check that it runs and that "
        "the URL is right. What is answered already is kept; start again to go on."
    )
