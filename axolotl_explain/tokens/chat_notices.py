"""What a user should know about a chat template, whatever the rows are."""

from __future__ import annotations

from axolotl_explain.core.errors import quoted
from axolotl_explain.tokens.chat_template import (
    ANSWER,
    PROBE,
    QUESTION,
    ChatTemplate,
    continuation,
)
from axolotl_explain.tokens.formatter import Notice

DATE = "PROBE-OF-THE-DATE"


def dated(template: ChatTemplate) -> Notice | None:
    """Prompts with the date or time at which they are made."""
    if "strftime_now" not in template.source:
        return None
    if DATE not in template.prompt([QUESTION], strftime_now=lambda form: DATE):
        return None
    way_out = "use a template without it (chat_template: jinja)"
    if "date_string" in template.source:
        way_out = "pin it: chat_template_kwargs: {date_string: 26 Jul 2024}"
    return Notice(
        "dated-template",
        "the chat template writes the date or time at which prompts are made: all of "
        f"these rows are of {template.now:%d %b %Y}, what is asked later is not",
        way_out,
    )


def headless(template: ChatTemplate) -> Notice | None:
    """A template without a generation prompt, whose answers have a heading."""
    prompt = template.prompt([QUESTION])
    if prompt != template.render([QUESTION]):
        return None
    answer = continuation(prompt, template.render([QUESTION, ANSWER]))
    header = answer.partition(PROBE)[0]
    if not header.strip():
        return None
    return Notice(
        "no-generation-prompt",
        "the chat template does not read add_generation_prompt, so the model is "
        f"trained to write {quoted(header)} by itself before it answers",
        "use a template that reads it, such as chat_template: chatml",
    )


def ends_otherwise(template: ChatTemplate, end: int | None) -> Notice | None:
    """A turn that ends in another token than the tokenizer's end of sequence.

    Args:
        end: the id of the token that ends a turn.
    """
    tokenizer = template.tokenizer
    if end is None or end == tokenizer.eos_token_id:
        return None
    return Notice(
        "end-not-eos",
        f"a turn ends in {quoted(template.end)}, while eos_token is "
        f"{quoted(tokenizer.eos_token)}; the generation_config.json that is saved "
        "names both",
    )
