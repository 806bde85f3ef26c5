"""Which answers have something around them, and which only stand for one.

Exact match compares the whole answer, so that `(17)` or `The answer is 17` asks the
model for the marks and words as well.
"""

from __future__ import annotations

import re

TAGS = r"(?:answer|final_answer|solution|response|output|result|ans)"
SAYS = re.compile(
    r"[\s*]*(?:(?:so|thus|hence|therefore),?\s+)?(?:the\s+)?"
    r"(?:(?:final|correct|right)\s+)*(?:answer|ans|antwort|result|solution)"
    r"(?:\s+(?:is|equals)\b\s*:?|\s*[*]*\s*[:=])",
    re.IGNORECASE,
)
"""How a sentence begins that says the answer and nothing else."""
_BEGINS = re.compile(
    r"[\s$*]*\\(?:f?boxed|fbox|framebox|text(?:bf)?\{[^{}]*\}\s*\Z)|\s*#{4}"
    rf"|[\s*]*<{TAGS}>|<\|begin_of_solution\|>|\*\*[^*]+\*\*\s*\Z|`[^`]+`\s*\Z"
    rf"|\{{\s*[\"']{TAGS}[\"']\s*:|(?:{SAYS.pattern})",
    re.IGNORECASE,
)
_CLOSED = re.compile(rf"</{TAGS}>\s*\Z", re.IGNORECASE)
_NUMBER = r"[-+−]?[$€£]?\d(?:\d*|\d{0,2}(?:,\d{3})+)(?:\.\d+)?\s*%?"
_WORDS = r"(?![ivx]+\))[^\W\d_]{2,}(?:[ -][^\W\d_]+)*"
_PAIRED = "|".join(
    [
        # `(A)` and `(ii)` name choices, `(1, 2)` and `(x + 1)` are values.
        rf"\((?:{_NUMBER}|{_WORDS})\)",
        r"\$\$?[^$\n]+\$\$?",
        r"\\\((?:(?!\\\)).)+\\\)",
        r"\\\[(?:(?!\\\]).)+\\\]",
        *(rf"{a}[^{a}{b}]+{b}" for a, b in ('""', "''", "“”", "„“", "„”", "‘’", "«»")),
        r"\*[^*\s](?:[^*]*[^*\s])?\*",
        rf"(?:=>?|->|→|⇒)\s*{_NUMBER}",
    ]
)
_AROUND = re.compile(rf"(?:{_PAIRED})[.,]?")
_FIRST = re.compile(r"[\s*]*A(?:ns)?[*]*:[\s*]*\S")
_OTHER = re.compile(r"[\s*]*[B-H][*]*:[\s*]*\S")

_UNWRITTEN = re.compile(
    r"[\W_]*(?:to ?do|tb[da]|fixme|nan|null|undefined|xxx+|placeholder|lorem ipsum|"
    r"(?:your |the )?answer(?: here)?|(?:see|same as) (?:above|below|before)|as above"
    r"|ditto)[\W_]*|…|[-–—.?_]{2,}",
    re.IGNORECASE,
)
"""`None`, `N/A` and `unknown` are answers of some tasks."""
_FEEBLE = re.compile(
    r"[\W_]*(?:(?:an? )?error|not sure|unsure|no idea|idk|i (?:do not|don['’]?t) know"
    r"|i(?:['’]?m| am) not sure|failed|failure|time ?out|timed out|exception)[\W_]*"
    r"|#(?:ref|value|div/0|name|num|n/a|null)[!?]?|[-–—?.]",
    re.IGNORECASE,
)
LONGEST_UNWRITTEN = 40


def is_wrapped(answer: str) -> bool:
    """Whether something stands around an answer that is no part of it.

    >>> [is_wrapped(one) for one in ("(17)", "$17$", "(A)", "(1, 2)", "$17")]
    [True, True, False, False, False]
    """
    if _BEGINS.match(answer) or _AROUND.fullmatch(answer):
        return True
    return answer.endswith(">") and _CLOSED.search(answer) is not None


def is_unwritten(answer: str) -> bool:
    """Whether an answer is one that somebody has still to fill in.

    >>> is_unwritten("TODO"), is_unwritten("none")
    (True, False)
    """
    return len(answer) <= LONGEST_UNWRITTEN and bool(_UNWRITTEN.fullmatch(answer))


def is_feeble(answer: str) -> bool:
    """Whether an answer tells that there is none; or it is a label, such as `ERROR`.

    >>> is_feeble("ERROR"), is_feeble("not sure"), is_feeble("-1")
    (True, True, False)
    """
    return len(answer) <= LONGEST_UNWRITTEN and bool(_FEEBLE.fullmatch(answer))


def labelled(answer: str) -> str:
    """`A` for `A: 17`, which may be an answer or the first of some choices; `B` for one
    of the other choices, and nothing for all else.

    >>> labelled("A: 17"), labelled("C: blue"), labelled("17")
    ('A', 'B', '')
    """
    if ":" not in answer[:8]:
        return ""
    return "A" if _FIRST.match(answer) else "B" if _OTHER.match(answer) else ""
