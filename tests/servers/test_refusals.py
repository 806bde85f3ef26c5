"""Errors of servers say what to do about them."""

from __future__ import annotations

import pickle
import ssl

import httpx
import pytest

from axolotl_explain.servers.refusals import asked_to_wait, refused, unreachable

URL = "http://localhost:1/v1/chat/completions"


def test_a_wrong_certificate_is_told_from_a_server_that_is_not_there() -> None:
    wrong = httpx.ConnectError("handshake")
    wrong.__cause__ = ssl.SSLCertVerificationError("certificate verify failed")
    assert "no secure connection" in str(unreachable(URL, wrong))
    assert "SSL_CERT_FILE" in str(unreachable(URL, wrong))
    nobody = httpx.ConnectError("All connection attempts failed")
    assert "cannot be reached (All connection attempts failed)" in str(
        unreachable(URL, nobody)
    )


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "variable MY_KEY"), (404, "mostly ends in /v1"), (400, "no hint. Own.")],
)
def test_each_status_has_its_way_out(status: int, hint: str) -> None:
    own = " Own." if status == 400 else ""
    error = refused(URL, status, "no hint", "MY_KEY", own)
    assert error.status == status
    assert str(error).startswith(f"{URL}: the server refuses ({status}): no hint.")
    assert hint in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_server_that_asks_for_an_hour_is_asked_again_in_a_minute() -> None:
    assert asked_to_wait({"Retry-After": "3600"}) == 60.0
    assert asked_to_wait({"Retry-After": "0.5"}) == 0.5
    assert asked_to_wait({"Retry-After": "-3"}) == 0.0
    assert asked_to_wait({"Retry-After": "Wed, 21 Oct 2026"}) is None
    assert asked_to_wait({}) is None
