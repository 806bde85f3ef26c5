"""A model's thoughts in a text, told apart from what it says to the user.

Thoughts stand between tags such as `<think>` and `</think>`. Where the prompt opens
them, as that of DeepSeek-R1 does, the text begins inside of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<scratchpad>": "</scratchpad>",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
    "<reasoning>": "</reasoning>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "[THINK]": "[/THINK]",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
"""What opens thoughts -> what closes them; in those in small letters, capitals and
spaces at the end do not matter."""
CHANNEL = "<|channel|>"
CHANNEL_TOKENS = ("<|start|>", CHANNEL, "<|message|>", "<|end|>")
"""Tokens of the format of gpt-oss, in which thoughts and answer are messages in two
channels. A tokenizer takes them for special ones, and leaves them out of a text."""


def _any_of(tags: Iterable[str]) -> str:
    return "|".join(
        rf"(?-i:{re.escape(tag)})"
        if tag.isupper()
        else rf"{re.escape(tag[:-1])}\s*{re.escape(tag[-1])}"
        for tag in tags
    )


_TURN = r"(?:<\|start\|>assistant\s*(?=<\|channel\|>))?"
_OPENING = rf"{_TURN}(?:{_any_of(TAGS)})"
_CLOSING = rf"(?:<\|end\|>\s*(?=<\|start\|>))?{_TURN}(?:{_any_of(TAGS.values())})"
_TAG = re.compile(rf"^\s*(?P<open>{_OPENING})|(?:{_CLOSING})", re.M | re.I)
"""An opening tag counts at the beginning of a line, so that a text may mention it."""
_ANY = re.compile(rf"(?:{_OPENING}|{_CLOSING})", re.I)
_AT_END = re.compile(rf"(?:{_OPENING})\s*\Z", re.I)
_HINTS = ("think", "thought", "reasoning", "scratchpad", "<|channel|>")


class Thoughts(NamedTuple):
    """A text in two parts, both without tags.

    Attributes:
        thought: what stands in thoughts; empty where there are none.
        said: the rest.
        closed: whether the thoughts end; False in a completion that was cut off.
        tagged: whether there are tags at all.
    """

    thought: str
    said: str
    closed: bool = True
    tagged: bool = False


def split_thoughts(text: str, prompt: str = "") -> Thoughts:
    """Thoughts reach from the first tag to the last closing one, nested or repeated.

    Args:
        prompt: what the text follows, which may open the thoughts.

    >>> split_thoughts("<think>3, then 4.</think>7")[:2]
    ('3, then 4.', '7')
    >>> split_thoughts("3, then 4", "Add. <think>").closed
    False
    """
    if opening := opening_at_end(prompt):
        text = f"{opening}{text}"
    if not _may_have_tags(text):
        return Thoughts("", text)
    found = list(_TAG.finditer(text))
    if not found:
        return Thoughts("", text)
    start = found[0].start() if found[0]["open"] else 0
    ends = [one.end() for one in found if not one["open"]]
    end = ends[-1] if ends else start
    # What follows is looked at by itself: a tag that stands first opens once more.
    again = _TAG.search(text[end:])
    cut = len(text) if again is None else end + again.start()
    inner = text[start:end] + text[cut:]
    said = text[:start] + text[end:cut]
    return Thoughts(_ANY.sub("", inner).strip(), said, again is None, True)


def said_from(text: str, prompt: str = "") -> int | None:
    """Where a text that begins in thoughts comes out of them; None while it does not.

    >>> said_from("<think>3, then 4.</think>7"), said_from("7"), said_from("<think>3")
    (25, 0, None)
    """
    opened = bool(opening_at_end(prompt))
    if not opened and not _may_have_tags(text):
        return 0
    for tag in _TAG.finditer(text):
        if not tag["open"]:
            return tag.end() if opened else 0
        if text[: tag.start()].strip():
            break
        opened = True
    return None if opened else 0


def opening_at_end(prompt: str) -> str:
    """The tag and white space by which a prompt opens thoughts; empty where none does.

    >>> opening_at_end("<|Assistant|><think>\\n")
    '<think>\\n'
    """
    if not prompt.rstrip().endswith((">", "]")):
        return ""
    found = _AT_END.search(prompt)
    return found[0] if found else ""


def closing_of(opening: str) -> str:
    """What ends thoughts that were opened so: tag and line breaks, as Qwen3 has them.

    >>> closing_of("<think>\\n")
    '\\n</think>\\n\\n'
    """
    tag = opening.strip()
    space = opening.removeprefix(tag)
    closing = TAGS.get(tag) or f"{tag[0]}/{tag[1:]}"
    return f"\n{closing}\n\n" if "\n" in space else f"{space}{closing}{space}"


def has_tags(text: str) -> bool:
    """Whether a text holds a tag of thoughts anywhere."""
    return _may_have_tags(text) and _ANY.search(text) is not None


def _may_have_tags(text: str) -> bool:
    """Whether it is worth to search a text; most have no mark that begins a tag."""
    if "<" not in text and "[" not in text and "◁" not in text:
        return False
    lowered = text.casefold()
    return any(hint in lowered for hint in _HINTS)
