"""One address, however it is written."""

from __future__ import annotations

import pytest

from axolotl_explain.servers.address import ServerAddress


@pytest.mark.parametrize(
    "url",
    ["http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/chat/completions"],
)
def test_the_endpoint_may_stand_in_the_address(url: str) -> None:
    found = ServerAddress(url)
    assert found.asked == "http://h:1/v1/chat/completions"
    assert found.models == "http://h:1/v1/models"
    assert not found.as_text


def test_the_endpoint_of_texts_is_its_own() -> None:
    found = ServerAddress("http://h:1/v1/completions")
    assert found.as_text
    assert found.asked == "http://h:1/v1/completions"
