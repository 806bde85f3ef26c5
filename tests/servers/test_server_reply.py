"""What servers of several kinds answer is read the same."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.servers.server_reply import ServerReply, read_server_reply


def answer(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": "stop", **more}]}


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_thoughts_stand_under_one_of_two_names(name: str) -> None:
    reply = read_server_reply(answer({"content": "7", name: "3 and 4"}))
    assert reply == ServerReply("7", "3 and 4", "stop")
    assert reply.with_thought == "<think>3 and 4</think>\n7"


def test_parts_of_a_text_are_one_text() -> None:
    parts = [{"type": "text", "text": "3 + 4"}, {"type": "text", "text": " = 7"}]
    reply = read_server_reply(answer({"content": parts}))
    assert reply is not None
    assert reply.text == "3 + 4 = 7"


def test_a_completion_of_text_and_a_refusal_are_read_too() -> None:
    text = read_server_reply({"choices": [{"text": "7", "finish_reason": "length"}]})
    assert text == ServerReply("7", finish="length")
    refused = read_server_reply(answer({"content": None, "refusal": "No."}))
    assert refused is not None
    assert (refused.text, refused.refusal) == ("", "No.")


def test_tokens_that_are_no_counts_are_not_counted() -> None:
    usage = {"prompt_tokens": True, "completion_tokens": -1}
    reply = read_server_reply({**answer({"content": "7"}), "usage": usage})
    assert reply is not None
    assert (reply.prompt_tokens, reply.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "text",
        {},
        {"choices": []},
        {"choices": [None]},
        {"choices": ["text"]},
        {"choices": [{"message": "text"}]},
        {"choices": [{"message": {}}], "usage": [1]},
        {"error": {"message": "overloaded"}},
    ],
)
def test_what_has_no_choice_is_no_reply(broken: object) -> None:
    assert read_server_reply(broken) is None
