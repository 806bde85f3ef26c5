"""A look at a user's model and rows, before a recipe is written for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.catalog.copy_recipe import RecipeChanges, named_files
from axolotl_explain.catalog.edit import scalar
from axolotl_explain.catalog.model_facts import ModelFacts, model_facts
from axolotl_explain.catalog.prompt_kind import PromptKind, prompt_kind
from axolotl_explain.catalog.tokenizer_facts import TokenizerFacts, tokenizer_facts
from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import EXPLAINED, levels_in_play
from axolotl_explain.recipe.files import missing_file
from axolotl_explain.recipe.options import parse_options
from axolotl_explain.sources.recognise import ENOUGH, Recognised, recognise, recognised
from axolotl_explain.sources.stream import stream_rows

MOST = 20_000
"""Rows that are looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    Attributes:
        changes: the user's model and files, for the copy of a shipped recipe.
        partly: whether the file has more rows than were looked at.
        prompts: how rows become prompts.
    """

    changes: RecipeChanges
    rows: Recognised
    partly: bool
    model: ModelFacts
    tokenizer: TokenizerFacts
    prompts: PromptKind

    @property
    def levels(self) -> list[str]:
        """The explained levels that some row has."""
        return [one for one in EXPLAINED if self.rows.levels[one]]

    @property
    def level(self) -> str:
        """The level that suits the rows: the most explained one that all of them have.

        Where none is common to all, the one that most rows have.
        """
        rows = self.rows
        if rows.common:
            return rows.common[-1]
        if not rows.explained:
            return "none"
        return max(reversed(EXPLAINED), key=lambda level: rows.levels[level])


class Unrecognised(ExplainError):
    """Rows whose columns say nothing by their names.

    Attributes:
        columns: their names.
    """

    def __init__(self, path: str, columns: list[str]) -> None:
        super().__init__(
            f"--data {path}: nothing fits its columns ({', '.join(columns)}); say "
            "which is which by --columns instruction=… --columns answer=… --columns "
            "long=…, or name a public dataset of the same shape by --preset."
        )
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says of model and rows.

    Attributes:
        block: how rows are read, as keys of `explain:`; empty to find out.
        thinking: whether explanations go into the reasoning field; None to find out.
    """

    model: str
    data: str
    test_data: str | None = None
    block: Mapping[str, Any] = field(default_factory=dict)
    thinking: bool | None = None


def look_at(asked: Asked) -> Look:
    """Look at model and rows.

    Raises:
        ExplainError: if one of them is not there, or the rows cannot be read.
    """
    changes = RecipeChanges(asked.model, asked.data, asked.test_data)
    train, test = named_files(changes)
    check_model(asked.model)
    rows, partly = look_at_rows(train, asked.block)
    if test is not None:
        _check_test(test, rows.block)
    model = model_facts(asked.model)
    tokenizer = tokenizer_facts(asked.model)
    prompts = prompt_kind(model, tokenizer, rows, asked.thinking)
    return Look(changes, rows, partly, model, tokenizer, prompts)


def check_model(name: str) -> None:
    """Refuse a folder that is none, or that holds no model.

    Raises:
        ExplainError: naming the option.
    """
    if missing_file({"path": name}):
        raise ExplainError(f"--model {name}: there is no such folder.")
    folder = Path(name)
    if folder.is_dir() and not (folder / "config.json").is_file():
        held = (
            "an adapter" if (folder / "adapter_config.json").is_file() else "no model"
        )
        raise ExplainError(
            f"--model {name}: the folder holds {held}; name one with a config.json, or "
            "a model of the hub."
        )


def look_at_rows(path: str, block: Mapping[str, Any]) -> tuple[Recognised, bool]:
    """What the rows of a file are, and whether there are more than were looked at.

    Args:
        block: how they are read; empty to find out.

    Raises:
        ExplainError: if too few of them can be read.
    """
    rows = list(islice(stream_rows(path), MOST + 1))
    partly = len(rows) > MOST
    rows = rows[:MOST]
    if block:
        found: Recognised | None = recognised(
            rows, block, f"read as you say ({scalar(block)})"
        )
    else:
        found = recognise(rows)
    if found is None:
        columns = dict.fromkeys(
            str(name) for row in rows if isinstance(row, Mapping) for name in row
        )
        raise Unrecognised(path, list(columns))
    if not found.examples:
        raise ExplainError(
            f"--data {path}: none of its rows can be read; {found.first_bad}"
        )
    return found, partly


def _check_test(path: str, block: Mapping[str, Any]) -> None:
    rows = list(islice(stream_rows(path), MOST))
    found = recognised(rows, block, "")
    if found.bad > (1 - ENOUGH) * len(rows) and "preset" not in block:
        raise ExplainError(
            f"{path}: {found.bad} of {len(rows)} rows cannot be read as those for "
            f"training are; {found.first_bad}"
        )


def parsed_level(level: str, rows: Recognised) -> Any:
    """A level as the user writes it, for a recipe; the rows must have it.

    Raises:
        ExplainError: naming the option, if it is no level or no row has it.
    """
    try:
        value = yaml.safe_load(level)
        parse_options({"level": value}, "explain")
        wanted = levels_in_play(value) or set()
    except (ExplainError, yaml.YAMLError) as error:
        said = str(error).removeprefix("explain.level: ")
        raise ExplainError(f"--level {level}: {said}") from None
    lacking = [one for one in EXPLAINED if one in wanted and not rows.levels[one]]
    if lacking:
        has = ", ".join(one for one in EXPLAINED if rows.levels[one]) or "none at all"
        raise ExplainError(
            f"--level {level}: no row has a {lacking[0]} explanation; they have {has}. "
            "Take one of these, none or all; or derive levels in the recipe "
            "(explain.derive_levels)."
        )
    if value == "requested" and not any(one.level for one in rows.examples):
        raise ExplainError(
            f"--level {quoted(level)}: no row has a field level that asks for one; "
            "take a level, or all."
        )
    return value
