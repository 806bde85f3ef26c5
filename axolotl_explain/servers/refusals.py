"""What to say where a server refuses, cannot be reached, or answers no JSON."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

from axolotl_explain.core.errors import ExplainError, quoted

BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same request may be answered."""
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is asked again earlier."""
EXCERPT = 300
"""Characters of a server's own words in an error."""


class ServerRefusal(ExplainError):
    """A server that does not answer a request, for a reason of its own.

    Args:
        status: of its answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type[ServerRefusal], tuple[str, int]]:
        return type(self), (str(self), self.status)


def refused(
    url: str, status: int, text: str, key_variable: str, hint: str = ""
) -> ServerRefusal:
    """The error for a status that is none of success.

    Args:
        text: what the server says.
        hint: the way out, where status and address do not give it.
    """
    if status in (401, 403):
        hint = f" Put the server's key into the variable {key_variable}."
    elif status == 404 and not hint:
        hint = " The URL of an OpenAI interface mostly ends in /v1."
    said = " ".join(text.split())[:EXCERPT]
    message = f"{url}: the server refuses ({status}): {said}.{hint}"
    return ServerRefusal(message, status)


def unreachable(url: str, error: Exception) -> ExplainError:
    """The error for a server that gives no answer."""
    if is_tls(error):
        return ExplainError(
            f"{url}: no secure connection can be made ({error}); check that the URL "
            "should begin with https. Where the certificate is your own, name the file "
            "of its authority in SSL_CERT_FILE."
        )
    why = str(error) or type(error).__name__
    return ExplainError(
        f"{url}: the server cannot be reached ({why}); check that it runs and that "
        "the URL is right. What is answered already is kept; start again to go on."
    )


def no_interface(url: str, text: str) -> ExplainError:
    """The error for an answer that is no JSON object."""
    return ExplainError(
        f"{url}: the answer is no JSON object ({quoted(text)}); name the URL of an "
        "OpenAI interface, which mostly ends in /v1."
    )


def is_tls(error: BaseException | None) -> bool:
    """Whether a connection has failed for its certificate or its protocol."""
    while error is not None:
        if isinstance(error, ssl.SSLError) or "[SSL" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def asked_to_wait(headers: Mapping[str, str] | httpx.Headers) -> float | None:
    """The seconds that a server asks to wait, as far as that is bearable."""
    try:
        return min(LONGEST_WAIT, max(0.0, float(headers["Retry-After"])))
    except (KeyError, ValueError):
        return None
