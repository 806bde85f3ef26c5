"""Chat templates that give a served model the prompt that it was trained on.

A server knows a model's chat template and nothing else. One that trained on an
instruction template (`explain.template`) is saved with a chat template around it: the
system message is `system`, earlier turns are `history`, and the last user message is
`instruction`, with `input` empty. A row with an input is sent as one message that holds
what the prompt has in its place:

    Name the genre.

    ### Input:
    A sheriff …

becomes, between `### Instruction:` and `### Response:`, the very prompt of that row.

One that trained on a chat template is saved with that, and in front of it what the
recipe gave to every conversation: `chat_template_kwargs` and `explain.system`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import with_request
from axolotl_explain.core.template import names_in, names_of, render

MARK = "Written by axolotl-explain"
"""Begins the comment at the head of a template, by which it is known again."""

PROBE = "PROBE-OF-THE-MESSAGE"
SLOTS = ("instruction", "input")
BY_ROW = ("meta", "id")
"""What a template may read of a row and no message can carry."""

BEFORE = """\
{#- MARK: the prompt that this model was trained on. -#}
{%- set turns = namespace(system='', history=[], answer=none) -%}
{%- for message in messages -%}
{%- if message.content is string -%}
{%- set text = message.content | trim -%}
{%- else -%}
{%- set text = message.content | map(attribute='text') | join('\\n') | trim -%}
{%- endif -%}
{%- if message.role == 'system' and loop.first -%}
{%- set turns.system = text -%}
{%- elif message.role in ['user', 'assistant'] -%}
{%- set turns.history = turns.history + [{'role': message.role, 'content': text}] -%}
{%- else -%}
{{- raise_exception('A conversation may begin with a system message; all others are \
of the roles user and assistant.') -}}
{%- endif -%}
{%- endfor -%}
{%- if turns.history and turns.history[-1].role == 'assistant' -%}
{%- set turns.answer = turns.history[-1].content -%}
{%- set turns.history = turns.history[:-1] -%}
{%- endif -%}
{%- if not turns.history -%}
{{- raise_exception('A conversation needs a user message.') -}}
{%- endif -%}
"""
LACKING = """\
{%- if NAME is not defined -%}
{{- raise_exception('The prompts of this model read NAME, which no message carries; \
give it as chat_template_kwargs, or send the whole prompt as a completion.') -}}
{%- endif -%}
"""
NAMES = """\
{%- set system = turns.system -%}
{%- set SLOT = turns.history[-1].content -%}
{%- set OTHER = '' -%}
BOS{%- set history = turns.history[:-1] %}
"""
BEHIND = """\
{{ '' }}{%- if turns.answer is not none -%}{{ turns.answer }}{{ eos_token }}\
{%- endif -%}"""


def instruct_template(template: str, begins: bool = False) -> str:
    """The chat template that writes the prompts of an instruction template.

    Args:
        template: as `explain.template` has it.
        begins: whether the tokenizer puts its beginning of sequence before a prompt;
            servers leave that to the chat template.
    """
    slot = message_slot(template)
    (other,) = set(SLOTS) - {slot}
    read = names_in(template)
    lacking = [LACKING.replace("NAME", name) for name in BY_ROW if name in read]
    names = NAMES.replace("SLOT", slot).replace("OTHER", other)
    names = names.replace("BOS", "{{- bos_token -}}\n" if begins else "")
    return "".join(
        [BEFORE.replace("MARK", MARK), *lacking, names, template, BEHIND],
    )


def seq2seq_template(template: str) -> str:
    """The same for an encoder–decoder model, whose prompts end in an end token.

    No server of chats serves these; Axolotl's own inference does.
    """
    return f"{instruct_template(template)}{{{{ eos_token }}}}"


def message_slot(template: str) -> str:
    """The name of a template that a user's message stands for.

    A template without an instruction is one for inputs alone, whose instruction is
    always the same.
    """
    read = names_in(template)
    return "input" if "instruction" not in read and "input" in read else "instruction"


def message_of(
    template: str, example: Example, level: Level, requests: Mapping[Level, str]
) -> str:
    """The user's message that gives, by `instruct_template`, the prompt of an example.

    Raises:
        ExplainError: if no message gives it, since the template writes parts of the
            row where a message cannot reach.
    """
    names = names_of(example)
    asked = with_request(example.instruction, level, requests)
    prompt = render(template, {**names, "instruction": asked})
    slot = message_slot(template)
    empty = {**names, "instruction": "", "input": ""}
    before, _, behind = render(template, {**empty, slot: PROBE}).partition(PROBE)
    message = prompt.removeprefix(before).removesuffix(behind).strip()
    if unreachable := [name for name in BY_ROW if name in names_in(template)]:
        raise ExplainError(
            f"explain.template: it reads {' and '.join(unreachable)}, which no chat "
            "message carries; send the prompt as text, to the endpoint of completions."
        )
    if render(template, {**empty, slot: message}) != prompt:
        raise ExplainError(
            "explain.template: it writes input apart from instruction, so that no "
            "single message gives this prompt; send the prompt as text, to the "
            "endpoint of completions."
        )
    return message


def conversation_of(
    template: str, example: Example, level: Level, requests: Mapping[Level, str]
) -> list[dict[str, str]]:
    """The conversation that gives, by `instruct_template`, the prompt of an example.

    Raises:
        ExplainError: as `message_of` does.
    """
    content = message_of(template, example, level, requests)
    system = {"role": "system", "content": example.system}
    return [
        *([system] if example.system else []),
        *(turn.to_dict() for turn in example.history),
        {"role": "user", "content": content},
    ]


def chat_template(source: str, system: str | None, kwargs: Mapping[str, Any]) -> str:
    """A chat template that has, unless it is told otherwise, what training gave it.

    Args:
        source: the template that was trained with.
        system: the system prompt of conversations without their own.
        kwargs: what else it was given, such as `enable_thinking`.
    """
    source = without_defaults(source)
    lines = [
        f"{{%- if {name} is not defined -%}}{{%- set {name} = {literal(value)} -%}}"
        "{%- endif -%}\n"
        for name, value in kwargs.items()
    ]
    if system:
        turn = literal({"role": "system", "content": system})
        lines.append(
            "{%- if messages and messages[0].role != 'system' -%}"
            f"{{%- set messages = [{turn}] + messages -%}}{{%- endif -%}}\n"
        )
    if not lines:
        return source
    head = f"{{#- {MARK}: what this model was trained with, unless given. -#}}\n"
    return f"{head}{''.join(lines)}{{#- {END_OF_DEFAULTS} #}}\n{source}"


END_OF_DEFAULTS = "The template itself:"
_DEFAULTS = re.compile(
    rf"\A\{{#- {MARK}: what .*?\{{#- {END_OF_DEFAULTS} #\}}\n", re.DOTALL
)


def without_defaults(source: str) -> str:
    """A template without what `chat_template` put before it in an earlier training."""
    return _DEFAULTS.sub("", source)


def is_ours(source: object) -> bool:
    """Whether a chat template is one that `instruct_template` wrote."""
    return str(source).startswith(f"{{#- {MARK}: the prompt")


def literal(value: object) -> str:
    """A value of JSON as jinja writes it.

    >>> literal({"a": [None, True, "it's"]})
    '{"a": [none, true, "it\\'s"]}'
    """
    if isinstance(value, Mapping):
        pairs = (f"{literal(str(key))}: {literal(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False)
