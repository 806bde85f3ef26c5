"""Change a recipe's text key by key, so that comments and order stay.

A top-level key and the indented lines below it are a block. Recipes of this package are
written so: one key a line, two spaces a level, no anchors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import yaml

KEY = re.compile(r"^(\w+):")


def set_key(text: str, key: str, value: object) -> str:
    """The text with another value for a top-level key that it has.

    >>> set_key("# why\\na: 1\\n\\nb: 2\\n", "a", "x: y")
    "# why\\na: 'x: y'\\n\\nb: 2\\n"
    """
    return _join(
        f"{key}: {scalar(value)}\n{_blank(block)}" if name == key else block
        for name, block in _blocks(text)
    )


def set_inside(text: str, key: str, inner: str, value: object) -> str:
    """The text with another value for a key inside the block of a top-level key.

    >>> set_inside("data:\\n  - path: a\\n    type: b\\n", "data", "path", "c")
    'data:\\n  - path: c\\n    type: b\\n'
    """
    line = re.compile(rf"^( +(?:- )?){inner}: .*$", re.MULTILINE)
    replacement = f"{inner}: {scalar(value)}"
    return _join(
        line.sub(lambda found: found[1] + replacement, block) if name == key else block
        for name, block in _blocks(text)
    )


def drop(text: str, key: str) -> str:
    """The text without a top-level key and what stands below it.

    >>> drop("a: 1\\nb:\\n  c: 1\\n\\nd: 2\\n", "b")
    'a: 1\\n\\nd: 2\\n'
    """
    left = _join(
        _blank(block) if name == key else block for name, block in _blocks(text)
    )
    return left.replace("\n\n\n", "\n\n")


def insert_after(text: str, key: str, line: str) -> str:
    """The text with one more line behind the block of a top-level key.

    >>> insert_after("a: 1\\n\\nb: 2\\n", "a", "c: 3")
    'a: 1\\nc: 3\\n\\nb: 2\\n'
    """
    out = []
    for name, block in _blocks(text):
        body = block.rstrip("\n")
        out.append(f"{body}\n{line}{block[len(body) :]}" if name == key else block)
    return _join(out)


def put(text: str, key: str, value: object, after: str) -> str:
    """The text with a value for a top-level key, which is added where it is missing.

    >>> put("a: 1\\nb: 2\\n", "c", True, after="a")
    'a: 1\\nc: true\\nb: 2\\n'
    """
    if any(name == key for name, _ in _blocks(text)):
        return set_key(text, key, value)
    return insert_after(text, after, f"{key}: {scalar(value)}")


def put_before(text: str, values: Mapping[str, object], before: str) -> str:
    """The text with more keys, as a paragraph in front of a top-level key.

    >>> put_before("a: 1\\n\\nb: 2\\n", {"c": 3}, before="b")
    'a: 1\\n\\nc: 3\\n\\nb: 2\\n'
    """
    lines = "".join(f"{key}: {scalar(value)}\n" for key, value in values.items())
    paragraph = f"{lines}\n" if lines else ""
    return _join(
        paragraph + block if name == before else block for name, block in _blocks(text)
    )


def set_block(text: str, key: str, lines: Iterable[str]) -> str:
    """The text with other lines below a top-level key that it has.

    >>> set_block("a:\\n  b: 1\\n\\nc: 2\\n", "a", ["d: 3", "e: 4"])
    'a:\\n  d: 3\\n  e: 4\\n\\nc: 2\\n'
    """
    body = "".join(f"  {line}\n" for line in lines)
    return _join(
        f"{key}:\n{body}{_blank(block)}" if name == key else block
        for name, block in _blocks(text)
    )


def scalar(value: object) -> str:
    """A value as YAML on one line.

    >>> scalar({"none": 1, "long": 3}), scalar("data/a.jsonl"), scalar(2e-05)
    ('{none: 1, long: 3}', 'data/a.jsonl', '0.00002')
    """
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    dumped = yaml.safe_dump(
        value,
        default_flow_style=True,
        width=10_000,
        sort_keys=False,
        allow_unicode=True,
    )
    return str(dumped).removesuffix("...\n").strip()


def _blocks(text: str) -> Iterator[tuple[str | None, str]]:
    """(key, its lines) of each block, in order; what stands in front has no key."""
    name: str | None = None
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        found = KEY.match(line)
        if found:
            yield name, "".join(lines)
            name, lines = found[1], []
        lines.append(line)
    yield name, "".join(lines)


def _blank(block: str) -> str:
    """The blank lines that a block ends in."""
    return block[len(block.rstrip("\n")) + 1 :]


def _join(blocks: Iterator[str] | list[str]) -> str:
    return "".join(blocks)
