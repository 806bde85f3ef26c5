"""Sends requests to a server, many at once; tries again what may be answered later."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.servers.address import ServerAddress
from axolotl_explain.servers.key import key_header, server_key, without_key
from axolotl_explain.servers.refusals import (
    BUSY,
    asked_to_wait,
    is_tls,
    refused,
    unreachable,
)
from axolotl_explain.servers.server_reply import ServerReply, read_server_reply
from axolotl_explain.teacher.pace import Pace

ATTEMPTS = 8
"""Of one request, until it is left without a reply."""
FIRST_WAIT, LAST_WAIT = 1.0, 60.0
"""Seconds before the second attempt; twice as many before each further one."""
CONNECTING = 10.0
"""Seconds."""
TOO_MANY = 429
JSON = {"Content-Type": "application/json"}
EXCERPT = 2_000
"""Characters of what could not be read that are kept."""


class NoReplyError(ExplainError):
    """A request that got no reply, though it was sent as often as makes sense."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server has sent.

    Attributes:
        reply: None where it could not be read.
        malformed: the beginning of that.
    """

    reply: ServerReply | None
    malformed: str | None = None


@dataclass(slots=True)
class TeacherClient:
    """Connections to one server.

    Attributes:
        key: that the server wants; it is taken out of all that the server says.
        answers: whether the server has ever answered.
    """

    http: httpx.AsyncClient
    address: ServerAddress
    pace: Pace
    key: str
    key_variable: str
    answers: bool = False

    async def complete(self, content: bytes) -> Answered:
        """Send a request, when it is its turn, until there is a reply.

        Raises:
            ServerRefusal: if the server will not answer this request.
            NoReplyError: if none came.
            PaceEndedError: if nothing more is sent.
            ExplainError: if there is no server, or no secure connection to it.
        """
        wait = FIRST_WAIT
        why: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                await self.pace.rest(wait)
                wait = min(LAST_WAIT, 2 * wait)
            await self.pace.enter()
            try:
                response = await self.http.post(self.address.asked, content=content)
            except httpx.TransportError as error:
                nobody = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if is_tls(error) or (nobody and not self.answers):
                    raise unreachable(self.address.asked, error) from None
                why = unreachable(self.address.asked, error)
                continue
            finally:
                self.pace.leave()
            if response.status_code not in BUSY:
                return self._read(response)
            why = self._refused(response)
            asked = asked_to_wait(response.headers)
            if response.status_code == TOO_MANY:
                self.pace.busy(asked)
            wait = wait if asked is None else max(asked, FIRST_WAIT)
        raise NoReplyError(str(why))

    async def models(self) -> list[str]:
        """The models that the server lists; none where it does not."""
        try:
            response = await self.http.get(self.address.models)
            listed = response.json()["data"]
            return [without_key(str(one["id"]), self.key) for one in listed]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return []

    def _read(self, response: httpx.Response) -> Answered:
        if response.is_error or response.is_redirect:
            raise self._refused(response)
        self.answers = True
        self.pace.replied()
        content = response.content
        if self.key and self.key.encode() in content:
            content = content.replace(self.key.encode(), b"[key]")
        try:
            reply = read_server_reply(json.loads(content))
        except (ValueError, RecursionError):
            reply = None
        if reply is not None:
            return Answered(reply)
        return Answered(None, content[:EXCERPT].decode("utf-8", "replace"))

    def _refused(self, response: httpx.Response) -> ExplainError:
        text = without_key(response.text, self.key)
        return refused(
            self.address.asked, response.status_code, text, self.key_variable
        )


@asynccontextmanager
async def teacher_client(
    url: str, key_variable: str, most: int, timeout: float
) -> AsyncIterator[TeacherClient]:
    """Open connections to a server, with the key that the environment has for it.

    Args:
        most: requests under way, at most.
        timeout: seconds that a reply may take.

    Raises:
        ExplainError: if that is no key.
    """
    key = server_key(key_variable)
    headers = {**JSON, **key_header(key_variable)}
    async with httpx.AsyncClient(
        headers=headers,
        timeout=httpx.Timeout(timeout, connect=CONNECTING, pool=None),
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
    ) as http:
        yield TeacherClient(http, ServerAddress(url), Pace(most), key, key_variable)
