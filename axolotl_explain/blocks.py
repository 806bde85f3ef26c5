"""A block of a recipe -> a pydantic model, or errors in the words of the recipe."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from axolotl_explain.errors import ExplainError, shown

ModelT = TypeVar("ModelT", bound=BaseModel)


def parse_block(model: type[ModelT], block: object, where: str) -> ModelT:
    """Check one block of a recipe.

    Args:
        block: what stands behind the key in the recipe.
        where: its key path there, such as `datasets[0].explain`; "" for a whole file.

    Raises:
        ExplainError: one line per fault, each with its key path and what is allowed.
    """
    if not isinstance(block, Mapping):
        raise ExplainError(
            f"{where or 'the file'}: {shown(block)} is no block of keys and values; "
            f"known keys: {', '.join(model.model_fields)}."
        )
    try:
        return model(**{str(key): value for key, value in block.items()})
    except ValidationError as error:
        faults = [_fault(model, detail, where) for detail in error.errors()]
        raise ExplainError("\n  ".join(dict.fromkeys(faults))) from None


def _fault(model: type[BaseModel], detail: Any, where: str) -> str:
    path = ".".join(str(part) for part in detail["loc"] if part != "[key]")
    place = f"{where}.{path}" if where else path
    if detail["type"] == "extra_forbidden":
        return f"{place}: no such key{_suggestion(model, path)}"
    if detail["type"] == "missing":
        return f"{place}: is missing; {_description(model, path)}."
    if detail["type"] == "value_error":
        return f"{place}: {_sentence(str(detail['ctx']['error']))}"
    allowed = _allowed(model, str(detail["loc"][0]), str(detail["msg"]))
    return f"{place}: {shown(detail['input'])} is not allowed; {allowed}."


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _suggestion(model: type[BaseModel], key: str) -> str:
    close = difflib.get_close_matches(key, model.model_fields, n=1)
    hint = f"; did you mean {close[0]}?" if close else "."
    return f"{hint} Known keys: {', '.join(model.model_fields)}."


def _description(model: type[BaseModel], key: str) -> str:
    return model.model_fields[key].description or "it is needed"


def _allowed(model: type[BaseModel], key: str, message: str) -> str:
    annotation = model.model_fields[key].annotation
    if get_origin(annotation) is Literal:
        return f"use {' or '.join(get_args(annotation))}"
    return message[:1].lower() + message[1:]
