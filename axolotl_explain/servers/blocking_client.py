"""Asks a server one thing at a time, from any thread; a busy one is asked again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from axolotl_explain.servers.address import ServerAddress
from axolotl_explain.servers.key import key_header
from axolotl_explain.servers.refusals import (
    BUSY,
    asked_to_wait,
    no_interface,
    refused,
    unreachable,
)

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt, where a server is busy or cannot be reached."""
TIMEOUT = httpx.Timeout(600.0, connect=10.0)
"""Seconds; a long completion takes its time."""


@dataclass(frozen=True, slots=True)
class BlockingClient:
    """A connection to one server.

    Attributes:
        key_variable: the environment variable that its key was read from.
        hint: says what was asked for, where the server refuses it.
        sleep: waits so many seconds.
    """

    http: httpx.Client
    address: ServerAddress
    key_variable: str
    hint: Callable[[], str] = str
    sleep: Callable[[float], None] = time.sleep

    def models(self) -> list[str]:
        """The models that the server says it has; none where it cannot say.

        Raises:
            ExplainError: as `complete`.
        """
        url = self.address.models
        # A server that breaks here closes the connection without saying so.
        alone = {"Connection": "close"}
        listed = self._tried(
            url, lambda: self.http.get(url, headers=alone), broken={"data": []}
        )
        return [
            str(one["id"])
            for one in listed.get("data") or ()
            if isinstance(one, Mapping) and "id" in one
        ]

    def complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request, as JSON.

        Raises:
            ExplainError: naming the URL, with the status and what the server says.
        """
        url = self.address.asked
        return self._tried(url, lambda: self.http.post(url, json=body))

    def events(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What the server sends of a stream, piece by piece.

        Raises:
            ExplainError: as `complete`.
        """
        url = self.address.asked
        try:
            with self.http.stream("POST", url, json=body) as response:
                if response.is_error:
                    text = response.read().decode("utf-8", "replace")
                    raise self._refused(url, response.status_code, text)
                for line in response.iter_lines():
                    data = line.removeprefix("data:").strip()
                    if line.startswith("data:") and data != "[DONE]":
                        yield json.loads(data)
        except httpx.TransportError as error:
            raise unreachable(url, error) from None

    def _tried(
        self,
        url: str,
        send: Callable[[], httpx.Response],
        broken: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer of the server as JSON, after as many attempts as it takes.

        Args:
            broken: the answer where the server has an error of its own (500).
        """
        for wait in (*WAITS, None):
            try:
                response = send()
            except httpx.TransportError as error:
                if wait is None:
                    raise unreachable(url, error) from None
                self.sleep(wait)
                continue
            if response.status_code == 500 and broken is not None:
                return broken
            if response.status_code not in BUSY or wait is None:
                return self._json(url, response)
            self.sleep(asked_to_wait(response.headers) or wait)
        raise AssertionError("the last attempt returns or raises")

    def _json(self, url: str, response: httpx.Response) -> dict[str, Any]:
        if response.is_error:
            raise self._refused(url, response.status_code, response.text)
        try:
            found = response.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise no_interface(url, response.text)
        return found

    def _refused(self, url: str, status: int, text: str) -> Exception:
        hint = "" if status == 404 else self.hint()
        return refused(url, status, text, self.key_variable, hint)


@contextmanager
def blocking_client(
    address: ServerAddress, key_variable: str, **keys: Any
) -> Iterator[BlockingClient]:
    """Open connections to a server, with the key that the environment has for it.

    Raises:
        ExplainError: if that is no key.
    """
    headers = key_header(key_variable)
    with httpx.Client(headers=headers, timeout=TIMEOUT) as http:
        yield BlockingClient(http, address, key_variable, **keys)
