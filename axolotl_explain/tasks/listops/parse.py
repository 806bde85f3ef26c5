"""Read a ListOps problem in Long Range Arena's spelling and its variants."""

from __future__ import annotations

import re

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.tasks.listops.expression import Tokens

SPELLINGS = {
    "MIN": "MIN",
    "MAX": "MAX",
    "MED": "MED",
    "MEDIAN": "MED",
    "SM": "SM",
    "SUM": "SM",
    "SUM_MOD": "SM",
}
"""Operator as it is found -> operator as it is written here."""

NUMBER = re.compile(r"[0-9]{1,18}")
SEPARATE = re.compile(r"([\[\]()])")


def parse(text: str) -> Tokens:
    """The tokens of a problem, without the parentheses.

    Parentheses only repeat what the brackets say (in Long Range Arena they show a
    binary tree), so there may be none; where there are, they must balance. Nesting may
    be of any depth.

    Raises:
        ExplainError: naming the first token that cannot stand where it does.

    >>> parse("( ( ( [MAX 4 ) ( ( ( [MEDIAN 3 ) 7 ) ] ) ) ] )")
    ('[MAX', '4', '[MED', '3', '7', ']', ']')
    """
    tokens: list[str] = []
    arguments: list[int] = []
    parentheses = 0
    done = False
    for number, raw in enumerate(_split(text), start=1):
        where = f"token {number}, {quoted(raw, 40)}"
        if raw in ("(", ")"):
            parentheses += 1 if raw == "(" else -1
            if parentheses < 0:
                raise ExplainError(f"{where}: this parenthesis closes nothing.")
            continue
        if done:
            raise ExplainError(f"{where}: the problem ends before this token.")
        token = _token(raw, where)
        if token == "]":
            _close(arguments, where)
        elif not arguments and not token.startswith("["):
            raise ExplainError(f"{where}: a problem starts with an operator ([MAX).")
        elif arguments:
            arguments[-1] += 1
        if token.startswith("["):
            arguments.append(0)
        tokens.append(token)
        done = not arguments
    if not tokens:
        raise ExplainError("the problem is empty.")
    if arguments:
        raise ExplainError(f"brackets left open at the end: {len(arguments)}.")
    if parentheses:
        raise ExplainError(f"parentheses left open at the end: {parentheses}.")
    return tuple(tokens)


def spell(tokens: Tokens) -> str:
    """A problem as it stands in `input`: tokens separated by blanks."""
    return " ".join(tokens)


def _split(text: str) -> list[str]:
    """Tokens by white space and brackets, an opening one kept with its operator."""
    return SEPARATE.sub(r" \1 ", text).replace("[ ", "[").split()


def _token(raw: str, where: str) -> str:
    if raw == "]" or NUMBER.fullmatch(raw):
        return raw if raw == "]" else str(int(raw))
    if not raw.startswith("["):
        raise ExplainError(f"{where}: neither an operator, a whole number nor ].")
    if raw[1:] not in SPELLINGS:
        known = ", ".join(f"[{name}" for name in SPELLINGS)
        raise ExplainError(f"{where}: no such operator; known are {known}.")
    return f"[{SPELLINGS[raw[1:]]}"


def _close(arguments: list[int], where: str) -> None:
    if not arguments:
        raise ExplainError(f"{where}: this bracket closes nothing.")
    if arguments.pop() == 0:
        raise ExplainError(f"{where}: this operator has no arguments.")
