"""A chat template writes, token for token, what an instruction template writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jinja2 import Environment, TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

from axolotl_explain.core.example import Example, Turn
from axolotl_explain.core.template import DEFAULT_TEMPLATE, written_prompt
from axolotl_explain.tokens.served_template import (
    chat_template,
    instruct_template,
    literal,
    message_of,
    without_defaults,
)
from tests.fixtures.bench import refusal

TEMPLATES = {
    "default": DEFAULT_TEMPLATE,
    "white space": "\n\n  {% if system %}{{ system }} {% endif %}\n"
    "{% for turn in history %}{{ turn.role }}: {{ turn.content }}\n{% endfor %}"
    "  Q: {{ instruction }}{% if input %} ({{ input }}){% endif %}  \nA:\n",
    "no line at the end": "{{ system }}{% for turn in history %}{{ turn.content }}"
    "{% endfor %}{{ instruction }}{{ '\n' + input if input }}\tAnswer: ",
    "ends in a block": "{{ system }}{% for turn in history %}{{ turn.content }}"
    "{% endfor %}{{ instruction }}\n{{ input }}{% if input %}\n{% endif %}\n",
}
EXAMPLES = {
    "a question": Example("Name it.", "a"),
    "an input": Example("Name it.", "a", "The sheriff\n\nrides {{ in }}."),
    "a conversation": Example(
        "Name it.",
        "a",
        "A film",
        system="Be exact.",
        history=(Turn("user", "Hello"), Turn("assistant", "Yes?")),
    ),
}
REQUESTS = {"long": "Say more."}


def served(template: str, messages: list[dict[str, Any]], **keys: Any) -> str:
    """What transformers, and with it most servers, make of a conversation."""
    keys = {"eos_token": "</s>", "bos_token": "<s>", **keys}
    texts, _ = render_jinja_template([messages], chat_template=template, **keys)
    return str(texts[0])


def conversation(example: Example, message: str) -> list[dict[str, Any]]:
    system = {"role": "system", "content": example.system}
    return [
        *([system] if example.system else []),
        *({"role": one.role, "content": one.content} for one in example.history),
        {"role": "user", "content": message},
    ]


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_the_served_prompt_is_the_prompt_of_training(
    template: str, example: Example
) -> None:
    if "ends in a block" in TEMPLATES and template == TEMPLATES["ends in a block"]:
        example = Example(example.instruction, "a", "", system=example.system)
    prompt = written_prompt(template, example, "long", REQUESTS)
    asked = conversation(example, message_of(template, example, "long", REQUESTS))
    assert served(instruct_template(template), asked) == prompt
    assert served(instruct_template(template, True), asked) == f"<s>{prompt}"


def test_a_message_may_come_in_parts_or_with_white_space() -> None:
    template = instruct_template("Q: {{ instruction }}\nA: ")
    parts = [{"type": "text", "text": " What is"}, {"type": "text", "text": "it? "}]
    for content in (" What is\nit?\n", parts):
        asked = [{"role": "user", "content": content}]
        assert served(template, asked) == "Q: What is\nit?\nA: "


def test_a_template_for_inputs_alone_takes_the_message_for_the_input() -> None:
    template = "Film: {{ input }}\nGenre: "
    example = Example("Name the genre.", "a", "A sheriff …")
    assert message_of(template, example, "none", {}) == "A sheriff …"
    asked = conversation(example, "A sheriff …")
    assert served(instruct_template(template), asked) == "Film: A sheriff …\nGenre: "


def test_an_answered_conversation_goes_on_with_answer_and_end() -> None:
    template = instruct_template("Q: {{ instruction }}\nA: ")
    turns = [
        {"role": "user", "content": "What?"},
        {"role": "assistant", "content": "This."},
    ]
    assert served(template, turns) == "Q: What?\nA: This.</s>"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "Be exact."}],
        [{"role": "tool", "content": "3"}, {"role": "user", "content": "What?"}],
    ],
)
def test_a_conversation_that_training_never_had_is_refused(
    messages: list[dict[str, Any]],
) -> None:
    with pytest.raises(TemplateError, match=r"[Cc]onversation"):
        served(instruct_template(DEFAULT_TEMPLATE), messages)


def test_what_a_message_cannot_carry_is_asked_for_and_not_left_out() -> None:
    template = "{{ meta.year }}: {{ instruction }}"
    asked = [{"role": "user", "content": "What?"}]
    with pytest.raises(TemplateError, match="read meta, which no message carries"):
        served(instruct_template(template), asked)
    assert served(instruct_template(template), asked, meta={"year": 3}) == "3: What?"
    example = Example("What?", "a", meta={"year": 3})
    message = refusal(message_of, template, example, "none", {})
    assert message.startswith("explain.template: it reads meta, which no chat message")


def test_an_input_apart_from_the_instruction_is_refused() -> None:
    template = "{{ input }}\n\nNow: {{ instruction }}"
    example = Example("What?", "a", "Three")
    assert "no single message gives" in refusal(
        message_of, template, example, "none", {}
    )


OWN = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{{ mood }}"


def test_a_chat_template_has_what_training_gave_it_unless_told_otherwise() -> None:
    template = chat_template(OWN, "Be exact.", {"mood": "good"})
    asked = [{"role": "user", "content": "What?"}]
    assert served(template, asked) == "[system]Be exact.[user]What?good"
    assert served(template, asked, mood="bad") == "[system]Be exact.[user]What?bad"
    own = [{"role": "system", "content": "Be kind."}, *asked]
    assert served(template, own) == "[system]Be kind.[user]What?good"


def test_what_an_earlier_training_gave_is_replaced() -> None:
    assert chat_template(OWN, None, {}) == OWN
    once = chat_template(OWN, "Be exact.", {"mood": "good"})
    assert without_defaults(once) == OWN
    assert chat_template(once, "Be kind.", {}) == chat_template(OWN, "Be kind.", {})


def test_values_are_written_as_jinja_reads_them() -> None:
    value = {"a": [None, True, False, 1.5, 'it\'s "so"\n{{ é 😀'], "b": {}}
    found = Environment().from_string(f"{{{{ {literal(value)} | tojson }}}}").render()
    assert json.loads(found) == value
