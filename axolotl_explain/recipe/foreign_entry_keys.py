"""Keys of a dataset entry that Axolotl's own types read and ours do not.

Axolotl drops none of them and warns of none, so that an entry would be trained on in
another way than it says. Each is refused, unless its value is what our types do anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from axolotl_explain.core.errors import quoted
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.turns import REASONING, ROLES, TRAINING_MARKS

CHAT = "axolotl_explain.chat"
READ = frozenset(
    {
        "path",
        "split",
        "type",
        "explain",
        "input_transform",
        "shards",
        "shards_idx",
        "preprocess_shards",
        "data_files",
        "name",
        "ds_type",
        "trust_remote_code",
        "revision",
    }
)
"""Keys that have their meaning with all of our types."""
READ_BY_CHAT = frozenset(
    {"chat_template", "chat_template_jinja", "template_thinking_key"}
)
PROPERTIES = {
    "role": ("role", "from"),
    "content": ("content", "value"),
    **dict.fromkeys(REASONING, REASONING),
}
"""Property of a message -> keys of a turn that `explain.messages` reads for it."""

Accepts = Callable[[Any, ExplainOptions], bool]


def _never(value: Any, options: ExplainOptions) -> bool:
    return False


def _is_end_of_turn(value: Any, options: ExplainOptions) -> bool:
    return value in ("turn", "last")


def _is_assistant(value: Any, options: ExplainOptions) -> bool:
    return bool(value) and all(ROLES.get(str(one)) == "assistant" for one in value)


def _is_mark(value: Any, options: ExplainOptions) -> bool:
    return options.messages is not None and value in TRAINING_MARKS


def _is_column(value: Any, options: ExplainOptions) -> bool:
    messages = options.messages
    return messages is not None and value == (messages.column or "messages")


def _is_reasoning(value: Any, options: ExplainOptions) -> bool:
    return options.messages is not None and value in REASONING


def _is_property(name: str) -> Accepts:
    def accepts(value: Any, options: ExplainOptions) -> bool:
        return _same_properties({name: value}, options)

    return accepts


def _same_properties(value: Any, options: ExplainOptions) -> bool:
    return all(
        source == name
        if options.messages is None
        else source in PROPERTIES.get(str(name), ())
        for name, source in dict(value).items()
    )


def _same_roles(value: Any, options: ExplainOptions) -> bool:
    return options.messages is not None and all(
        ROLES.get(str(source)) == role
        for role, sources in dict(value).items()
        for source in sources
    )


class Rule(NamedTuple):
    """Why a key is refused and what to do instead; which values are not."""

    way_out: str
    accepts: Accepts = _never


_END = (
    "the end of each target is trained and no other, so that the model learns to stop; "
    "remove the key, or set it to turn"
)
_TURN = (
    "conversations are read by explain.messages, which trains on the last turn and "
    "leaves out a row whose last turn is marked by train: false, training: false or "
    "weight: 0; "
)
_READ_BY_MESSAGES = "conversations are read by explain.messages; "
_COLUMNS = "columns are named under explain.columns; move it there"
_TEMPLATE = "the prompt is written by explain.template; write it there"

RULES: dict[str, Rule] = {
    "train_on_eos": Rule(_END, _is_end_of_turn),
    "train_on_eot": Rule(_END, _is_end_of_turn),
    "train_on_inputs": Rule(
        "it is a key of the whole recipe; move it to the top level"
    ),
    "roles_to_train": Rule(
        "only the answering turn is trained; remove the key, or set train_on_inputs: "
        "true at the top level to train on all of the prompt",
        _is_assistant,
    ),
    "message_field_training": Rule(
        f"{_TURN}rename the key of the turns to train, and remove this one", _is_mark
    ),
    "message_field_training_detail": Rule(
        "the whole target is trained; remove the key, and cut what is not to be "
        "trained out of the rows"
    ),
    "field_messages": Rule(
        f"{_READ_BY_MESSAGES}write explain: {{messages: {{column: …}}}}", _is_column
    ),
    "field_thinking": Rule(
        f"{_READ_BY_MESSAGES}it takes {', '.join(REASONING)} of a turn, so rename the "
        "key in the rows",
        _is_reasoning,
    ),
    "message_property_mappings": Rule(
        f"{_READ_BY_MESSAGES}it takes role or from and content or value of a turn, so "
        "rename the keys in the rows",
        _same_properties,
    ),
    "message_field_role": Rule(
        f"{_READ_BY_MESSAGES}it takes role or from of a turn, so rename the key in the "
        "rows",
        _is_property("role"),
    ),
    "message_field_content": Rule(
        f"{_READ_BY_MESSAGES}it takes content or value of a turn, so rename the key in "
        "the rows",
        _is_property("content"),
    ),
    "roles": Rule(
        f"{_READ_BY_MESSAGES}it knows the roles {', '.join(ROLES)}, so rename others "
        "in the rows",
        _same_roles,
    ),
    "drop_system_message": Rule(
        "the system turn of a row is kept in its prompt; remove the key, and take the "
        "turn out of the rows"
    ),
    "split_thinking": Rule(
        f"{_READ_BY_MESSAGES}it splits thoughts from the answer by itself, and "
        "explain.thinking puts them into the template's reasoning field"
    ),
    "field_tools": Rule("tools are not read; use one of Axolotl's own types for them"),
    "system_prompt": Rule("write it as explain.system (axolotl_explain.chat)"),
    "system_format": Rule(_TEMPLATE),
    "format": Rule(_TEMPLATE),
    "no_input_format": Rule(_TEMPLATE),
    "conversation": Rule("the template is named by chat_template; remove the key"),
    "input_format": Rule(_TEMPLATE),
    "chat_template": Rule("only axolotl_explain.chat has a chat template"),
    "chat_template_jinja": Rule("only axolotl_explain.chat has a chat template"),
    "template_thinking_key": Rule("only axolotl_explain.chat has a chat template"),
    "logprobs_field": Rule("log probabilities are not read; remove the key"),
    "temperature": Rule("log probabilities are not read; remove the key"),
    **dict.fromkeys(
        (
            "field",
            "field_human",
            "field_model",
            "field_system",
            "field_instruction",
            "field_input",
            "field_output",
        ),
        Rule(_COLUMNS),
    ),
}
"""Key of an entry -> what is refused, and the way out; a key that is set to nothing
(null, false) is not."""


def unread_keys(
    where: str, entry: Mapping[str, Any], options: ExplainOptions
) -> Iterator[str]:
    """A message for each key of an entry of ours that would do nothing.

    Args:
        where: the key path of the entry, such as `datasets[0]`.
        options: what its `explain:` block means.
    """
    kind = str(entry.get("type"))
    for key, rule in RULES.items():
        value = entry.get(key)
        if value is None or value is False or (kind == CHAT and key in READ_BY_CHAT):
            continue
        if not _accepts(rule, value, options):
            is_template = key == "system_prompt" and kind != CHAT
            way_out = _TEMPLATE if is_template else rule.way_out
            yield (
                f"{where}.{key}: {_written(value)} is nothing that type {kind} reads: "
                f"{way_out}."
            )


def _accepts(rule: Rule, value: Any, options: ExplainOptions) -> bool:
    """False too for a value of another kind than the key has."""
    try:
        return rule.accepts(value, options)
    except (TypeError, ValueError):
        return False


def _written(value: Any) -> str:
    """A value as a recipe writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(dict(value) if isinstance(value, Mapping) else value)
