"""Texts that look the same, written the same: Unicode, LaTeX and Markdown taken away.

Digits of any script become 0 to 9 and all minus signs one, invisible characters go,
`\\frac{1}{2}` becomes 1/2 and `**7**` becomes 7. What would change the meaning stays
apart: 10³ becomes 10^3 and not 103.
"""

from __future__ import annotations

import re
import unicodedata

TOKENS = "\ue000\ue001\ue002"
"""Characters that `statement.py` puts in place of answers; a text may not have them."""

_SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_SUPERSCRIPT = re.compile(f"[{_SUPER}]+")
_FROM_SUPER = str.maketrans(_SUPER, "0123456789-+")
_SUBSCRIPT = re.compile(r"(?<=[0-9])(?=[₀-₉])")
_DIGIT = re.compile(r"(?![0-9])\d")
_VULGAR = re.compile("[¼-¾⅐-⅞↉]")
_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－➖", "-"),
        **dict.fromkeys("‘’‛′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("×⋅·∙•⨯✕", "*"),
        **{"٫": ".", "٬": ",", "،": ",", "⁄": "/", "∕": "/", "÷": "/", "∼": "~"},
        **dict.fromkeys(TOKENS, " "),
    }
)

_WORDS = (
    r"text|textbf|textit|textrm|textnormal|math(?:rm|bf|it|sf)|mbox|emph|bm|underline"
)
_TEXT = re.compile(rf"\\(?:{_WORDS}|operatorname|boldsymbol)\s?\{{([^{{}}]*)\}}")
_FRACTION = re.compile(
    r"\\[dtc]?frac\s?(?:\{([^{}]*)\}|([0-9]))\s?(?:\{([^{}]*)\}|([0-9]))"
)
_PLAIN = re.compile(r"-?[0-9.,]+")
_COMMANDS = (
    (r"\\(?:left|right|displaystyle|[bB]igg?[lr]?)(?![A-Za-z])|\\!", ""),
    (r"\\[,;:> \[\]()]|\\q?quad(?![A-Za-z])", " "),
    (r"\{,\}", ","),
    (r"\^\s?(?:\{\s?\\circ\s?\}|\\circ)|\\degree", "°"),
    (r"\\(?:times|cdot|ast)(?![A-Za-z])", " * "),
    (r"\\div(?![A-Za-z])", " / "),
    (r"\\pm(?![A-Za-z])", "±"),
    (r"\\(?:approx|simeq|sim)(?![A-Za-z])", "≈"),
    (r"\\neq?(?![A-Za-z])", "≠"),
    (r"\\(?:leq?|leqslant)(?![A-Za-z])", "≤"),
    (r"\\(?:geq?|geqslant)(?![A-Za-z])", "≥"),
    (r"\\lt(?![A-Za-z])", "<"),
    (r"\\gt(?![A-Za-z])", ">"),
    (r"\\pi(?![A-Za-z])", "π"),
    (r"\\([%$&#_])", r"\1"),
    (r"\^\s?\{\s?(-?\w+)\s?\}", r"^\1"),
)
_LATEX = [(re.compile(pattern), new) for pattern, new in _COMMANDS]
_DOLLARS = re.compile(r"\$\$?([^$]+)\$\$?(?![0-9.])")
_EMPHASIS = re.compile(
    r"(?<![0-9])\*\*|\*\*(?![0-9])|(?<!\S)\*(?=[^\s*])|(?<=\S)\*(?!\S)"
)
_ARROW = re.compile("(?:-{1,2}|={1,2})>")
DEPTH = 5
"""How deep commands of LaTeX may stand in each other; more is no short answer."""


def plain(text: str) -> str:
    """A short text in one line, as the eye reads it.

    >>> plain("**٧٫٥** "), plain("$1\\\\frac{1}{2}$"), plain("10³"), plain("−5")
    ('7.5', '1 1/2', '10^3', '-5')
    """
    if not text.isascii():
        text = _unicode(text)
    text = " ".join(text.split())
    if "\\" in text or "{," in text or "^{" in text:
        text = _latex(text)
    if ">" in text:
        text = _ARROW.sub("→", text)
    if "$" in text:
        text = _DOLLARS.sub(r" \1 ", text)
    if "*" in text:
        text = _EMPHASIS.sub("", text)
    return " ".join(text.replace("`", "").split())


def _unicode(text: str) -> str:
    text = _VULGAR.sub(lambda one: f" {unicodedata.normalize('NFKC', one[0])}", text)
    text = _SUPERSCRIPT.sub(lambda one: f"^{one[0].translate(_FROM_SUPER)}", text)
    text = _SUBSCRIPT.sub("_", text).replace("º", "°").translate(_SAME)
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    text = _DIGIT.sub(lambda one: str(unicodedata.decimal(one[0])), text)
    # An override turns the order of what follows around, so that it reads otherwise.
    invisible = {c for c in text if unicodedata.category(c) == "Cf"} - {
        "\u202d",
        "\u202e",
    }
    return text.translate(dict.fromkeys(map(ord, invisible))) if invisible else text


def _latex(text: str) -> str:
    for pattern, new in _LATEX:
        text = pattern.sub(new, text)
    for _ in range(DEPTH):
        before = text
        text = _TEXT.sub(lambda one: f" {one[1].replace('~', ' ')} ", text)
        text = _FRACTION.sub(_fraction, text)
        if text == before:
            break
    return text


def _fraction(match: re.Match[str]) -> str:
    above, below = match[1] or match[2] or "", match[3] or match[4] or ""
    sides = [
        one if _PLAIN.fullmatch(one) else f"({one})"
        for one in (above.strip(), below.strip())
    ]
    # A whole number in front makes a mixed one.
    mixed = " " if match.string[: match.start()].rstrip()[-1:].isdigit() else ""
    return f"{mixed}{'/'.join(sides)}"
