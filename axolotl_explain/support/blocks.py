"""A block of a recipe -> a pydantic model, or errors in the words of the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from axolotl_explain.core.errors import ExplainError, quoted
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
        raise ExplainError(
            f"{where or 'the file'}: {quoted(block)} is no block of keys and values; "
            f"known keys: {', '.join(model.model_fields)}."
        )
    try:
        return model(**{str(key): value for key, value in block.items()})
    except ValidationError as error:
        faults = [_fault(model, detail, where) for detail in error.errors()]
        raise ExplainError("\n  ".join(dict.fromkeys(faults))) from None


def _fault(model: type[BaseModel], detail: Any, where: str) -> str:
    parts = [str(part) for part in detail["loc"] if part != "[key]"]
    place = ".".join(part for part in (where, *parts) if part)
    if detail["type"] == "value_error":
        return f"{place}: {_sentence(str(detail['ctx']['error']))}"
    model, key = _owner(model, parts)
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
        field = _fields(model).get(part)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        inner = [kind for kind in kinds if isinstance(kind, type)]
        blocks = [kind for kind in inner if issubclass(kind, BaseModel)]
        if not blocks:
            return model, parts[at]
        model = blocks[0]
    return model, parts[-1]


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
    annotation = _fields(model)[key].annotation
    if type(None) in get_args(annotation):
        choices = [one for one in get_args(annotation) if one is not type(None)]
        annotation = choices[0] if len(choices) == 1 else annotation
    if get_origin(annotation) is Literal:
        return f"use {' or '.join(get_args(annotation))}"
    return message[:1].lower() + message[1:]
