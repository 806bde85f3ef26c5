"""The key of a server: from the environment alone, into its header and nowhere else."""

from __future__ import annotations

import os

from axolotl_explain.core.errors import ExplainError

KEY_VARIABLE = "OPENAI_API_KEY"
"""The environment variable that holds the key of a server, unless another is named."""


def server_key(variable: str) -> str:
    """The key that an environment variable holds; empty where it holds none.

    Raises:
        ExplainError: if it holds what no header can carry; the value is not shown.
    """
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ExplainError(
            f"{variable}: the key in this environment variable holds characters that "
            "no key has, such as a line break or an accent; set it anew."
        )
    return key


def key_header(variable: str) -> dict[str, str]:
    """The header that shows the key; nothing where there is none.

    Raises:
        ExplainError: as `server_key`.
    """
    key = server_key(variable)
    return {"Authorization": f"Bearer {key}"} if key else {}


def without_key(text: str, key: str) -> str:
    """A text in which a server may have repeated the key, without it.

    >>> without_key("wrong key sk-12345678", "sk-12345678")
    'wrong key [key]'
    """
    return text.replace(key, "[key]") if key and key in text else text
