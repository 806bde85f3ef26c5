"""A block of a recipe -> a pydantic model, or errors in the words of the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from axolotl_explain.core.errors import ExplainError, Faults, quoted
from axolotl_explain.support.suggest import did_you_mean

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
        raise ExplainError(f"{where or 'the file'}: {_no_block(block, model)}")
    try:
        return model(**{str(key): value for key, value in block.items()})
    except ValidationError as error:
        faults = [_fault(model, detail, where) for detail in error.errors()]
        raise Faults(dict.fromkeys(faults)) from None


def _fault(model: type[BaseModel], detail: Any, where: str) -> str:
    parts = [str(part) for part in detail["loc"] if part != "[key]"]
    place = ".".join(part for part in (where, *parts) if part)
    if detail["type"] == "value_error":
        return f"{place}: {_sentence(str(detail['ctx']['error']))}"
    model, key = _owner(model, parts)
    if detail["type"] == "model_type":
        inner = _model_of(_fields(model)[key])
        return f"{place}: {_no_block(detail['input'], inner or model)}"
    if detail["type"] == "extra_forbidden":
        return f"{place}: no such key{_suggestion(model, key)}"
    if detail["type"] == "missing":
        return f"{place}: is missing; {_description(model, key)}."
    allowed = _allowed(model, key, str(detail["msg"]))
    return f"{place}: {quoted(detail['input'])} is not allowed; {allowed}."


def _owner(model: type[BaseModel], parts: list[str]) -> tuple[type[BaseModel], str]:
    """The innermost model on the path of a fault, and the key of it that is at fault.

    What lies inside the value of a key, as in a list, counts as that key.
    """
    for at, part in enumerate(parts[:-1]):
        block = _model_of(_fields(model).get(part))
        if block is None:
            return model, parts[at]
        model = block
    return model, parts[-1]


def _model_of(field: FieldInfo | None) -> type[BaseModel] | None:
    """The block that a key holds; None where it holds something else."""
    kinds = (field.annotation, *get_args(field.annotation)) if field else ()
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _no_block(value: object, model: type[BaseModel]) -> str:
    known = ", ".join(_fields(model))
    return f"{quoted(value)} is no block of keys and values; known keys: {known}."


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _suggestion(model: type[BaseModel], key: str) -> str:
    known = _fields(model)
    return f"{did_you_mean(key, known)} Known keys: {', '.join(known)}."


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """By the names that a recipe has for them: `from` cannot be one in Python."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _description(model: type[BaseModel], key: str) -> str:
    return _fields(model)[key].description or "it is needed"


def _allowed(model: type[BaseModel], key: str, message: str) -> str:
    field = _fields(model)[key]
    kind = field.annotation
    choices = [one for one in get_args(kind) if one is not NoneType]
    if NoneType in get_args(kind) and len(choices) == 1:
        kind = choices[0]
    if get_origin(kind) is Literal:
        return f"use {' or '.join(get_args(kind))}"
    if kind in (int, float):
        return f"use a {'whole ' if kind is int else ''}number{_bounds(field)}"
    return message[:1].lower() + message[1:]


BOUNDS = {"ge": "of at least", "gt": "above", "le": "not above", "lt": "below"}


def _bounds(field: FieldInfo) -> str:
    """What a number may be, as the words that follow it."""
    found = {
        name: f"{bound:g}"
        for one in field.metadata
        for name in BOUNDS
        if (bound := getattr(one, name, None)) is not None
    }
    if found.keys() == {"ge", "le"}:
        return f" from {found['ge']} to {found['le']}"
    return " and".join(f" {BOUNDS[name]} {bound}" for name, bound in found.items())
