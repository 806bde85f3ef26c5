"""A key comes from the environment, and is shown to nobody but the server."""

from __future__ import annotations

import pytest

from axolotl_explain.servers.key import key_header, server_key, without_key
from tests.fixtures.refused import refusal_of


def test_without_a_variable_there_is_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    assert key_header("SOME_KEY") == {}


def test_line_breaks_around_a_key_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-1234\n")
    assert key_header("SOME_KEY") == {"Authorization": "Bearer sk-1234"}


@pytest.mark.parametrize("key", ["sk-12\n34", "sk-é", "sk-\x7f1"])
def test_what_no_header_can_carry_is_refused_without_showing_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", key)
    message = refusal_of(server_key, "SOME_KEY")
    assert message.startswith("SOME_KEY: ")
    assert "sk-" not in message


def test_a_key_that_a_server_repeats_is_taken_out() -> None:
    assert without_key("bad key sk-1234!", "sk-1234") == "bad key [key]!"
    assert without_key("nothing", "") == "nothing"
