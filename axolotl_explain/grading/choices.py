"""Multiple choice: which of the choices a text means, by letter or by text."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.grading.plain_text import plain

PREFIX = re.compile(r"\s*\(?([A-Za-z0-9])\s*[).:]\s*(?=\S)")
"""What stands before a choice in lists such as AQuA's `A)125`."""

WORDS = ("A", "I")
"""Letters that are also words: alone in a sentence they name no choice."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one problem, labels and texts in the same order."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, value: object) -> Choices | None:
        """Read `meta.choices`: a list of texts, `{letter: text}`, or `{text, label}`.

        Texts of a list get the letters from A on; those that bring their own
        (`A)125`) keep them. None where the value is none of these.

        >>> Choices.of(["A)125", "B)150"])
        Choices(labels=('A', 'B'), texts=('125', '150'))
        """
        if isinstance(value, Mapping):
            texts, labels = value.get("text"), value.get("label")
            if isinstance(texts, Sequence) and isinstance(labels, Sequence):
                return cls._made(labels, texts)
            pairs = {name: text for name, text in value.items() if text is not None}
            return cls._made([*pairs], [*pairs.values()])
        if not isinstance(value, Sequence) or isinstance(value, str):
            return None
        prefixes = [PREFIX.match(str(text)) for text in value]
        letters = [match[1].upper() for match in prefixes if match]
        expected = [*string.ascii_uppercase[: len(value)]]
        if value and letters == expected:
            bare = [PREFIX.sub("", str(text), count=1) for text in value]
            return cls._made(letters, bare)
        return cls._made(expected, value)

    @classmethod
    def _made(cls, labels: Sequence[Any], texts: Sequence[Any]) -> Choices | None:
        if not texts or len(labels) != len(texts):
            return None
        return cls(
            tuple(str(label).strip() for label in labels),
            tuple(plain(str(text)) for text in texts),
        )

    def whole(self, text: str) -> int | None:
        """The place of the choice that a text is as a whole, case and marks aside.

        >>> Choices.of(["red", "blue"]).whole("(b)"), Choices.of(["red"]).whole("Red.")
        (1, 0)
        """
        bare = _bare(text)
        if not bare:
            return None
        for names in (self.texts, self.labels):
            found = [at for at, name in enumerate(names) if _bare(name) == bare]
            if found:
                return found[0]
        return None

    def named(self, text: str) -> list[tuple[int, int, int]]:
        """The choices that a text names, in order: (start, end, place of the choice).

        Of two that overlap the longer counts, so that "dark blue" does not name blue.

        >>> Choices.of(["red", "blue", "dark blue"]).named("A or dark blue")
        [(0, 1, 0), (5, 14, 2)]
        """
        found = [
            (match.start(), match.end(), at)
            for at, (label, name) in enumerate(
                zip(self.labels, self.texts, strict=True)
            )
            for match in (*_labels(label, text), *_texts(name, text))
        ]
        kept: list[tuple[int, int, int]] = []
        for start, end, at in sorted(found, key=lambda one: (one[0], -one[1])):
            if not kept or start >= kept[-1][1]:
                kept.append((start, end, at))
        return kept


def _labels(label: str, text: str) -> list[re.Match[str]]:
    """Where a label stands by itself, in its own case, as `(B)`, `B.` or `B`.

    In any case behind a word such as option.
    """
    name = re.escape(label)
    alone = rf"\({name}\)|(?<![\w'’+/])(?<!\w-){name}(?![\w'’#+/]|-\w)"
    if label in WORDS:
        alone = rf"\({name}\)|(?<![\w'’]){name}(?=\s*(?:[).:,;*]|$|or\b|and\b))"
    called = rf"(?i:\b(?:option|choice|letter)\s\(?{name}\)?)(?![\w'’])"
    return list(re.finditer(rf"{called}|{alone}", text))


def _texts(name: str, text: str) -> list[re.Match[str]]:
    if not name:
        return []
    pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
    return list(re.finditer(pattern, text, re.IGNORECASE))


def _bare(text: str) -> str:
    return text.strip().strip("()[]{}*\"'`.,:;!").strip().casefold()
