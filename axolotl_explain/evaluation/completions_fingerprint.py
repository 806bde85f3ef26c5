"""A digest of everything that decides the completions of an evaluation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from axolotl_explain.core.example import Example
from axolotl_explain.support.whole_file import digest_file

MODEL_FILES = (
    *("*.safetensors", "*.bin", "*config*.json"),
    *("*token*", "vocab*", "merges*", "*.model", "*.jinja"),
)
"""Weights, configuration and tokenizer; not what training or evaluation log beside."""

PACKAGES = ("axolotl-explain", "transformers", "torch")


def fingerprint(facts: Mapping[str, Any]) -> str:
    """A digest of values that JSON can hold, and of the versions that matter."""
    versions = {name: version(name) for name in PACKAGES}
    text = json.dumps({**facts, **versions}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def model_digest(folder: str | None) -> str | None:
    """Of the files of a model or adapter; its checkpoints in subfolders do not count.

    None for None, and for the name of a model on the hub.
    """
    if folder is None or not Path(folder).is_dir():
        return None
    files = {file for pattern in MODEL_FILES for file in Path(folder).glob(pattern)}
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        digest.update(f"{file.name}\n".encode())
        digest.update(bytes.fromhex(digest_file(file)))
    return digest.hexdigest()


def data_digest(examples: Mapping[int, Example]) -> str:
    """Of the rows as they are read, with their numbers, wherever they come from."""
    digest = hashlib.sha256()
    for number, example in examples.items():
        row = json.dumps(example.to_row(), sort_keys=True, default=str)
        digest.update(f"{number} {row}\n".encode())
    return digest.hexdigest()
