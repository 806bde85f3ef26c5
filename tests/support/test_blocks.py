"""A block of a recipe -> a pydantic model, or errors in the words of the recipe."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.blocks import parse_block


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = Field(alias="from", description="the column to read")
    share: float = Field(default=1.0, le=1.0)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order: Literal["first", "last"] = "first"
    optional: Literal["a", "b"] | None = None
    steps: int = 1
    rate: float | None = Field(default=None, gt=0, lt=1)
    rows: int = Field(default=1, ge=1, le=9)
    inner: Inner | None = None

    @field_validator("steps")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("an odd number is needed")
        return value


def refusal(block: object, where: str = "explain") -> str:
    with pytest.raises(ExplainError) as caught:
        parse_block(Outer, block, where)
    return str(caught.value)


def test_a_block_without_fault_becomes_the_model() -> None:
    found = parse_block(Outer, {"order": "last", "inner": {"from": "a"}}, "explain")
    assert found.order == "last"
    assert found.inner is not None
    assert (found.inner.source, found.inner.share) == ("a", 1.0)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"order": "middle"}, "order: 'middle' is not allowed; use first or last."),
        ({"optional": "c"}, "optional: 'c' is not allowed; use a or b."),
        ({"steps": 2}, "steps: an odd number is needed."),
        ({"steps": "x"}, "steps: 'x' is not allowed; use a whole number."),
        (
            {"rate": 1.0},
            "rate: 1.0 is not allowed; use a number above 0 and below 1.",
        ),
        ({"rows": 0}, "rows: 0 is not allowed; use a whole number from 1 to 9."),
        (
            {"inner": 3},
            "inner: 3 is no block of keys and values; known keys: from, share.",
        ),
        ({"inner": {}}, "inner.from: is missing; the column to read."),
        (
            {"inner": {"from": "a", "share": 2}},
            "inner.share: 2 is not allowed; use a number not above 1.",
        ),
        (
            {"ordr": "first"},
            "ordr: no such key; did you mean order? "
            "Known keys: order, optional, steps, rate, rows, inner.",
        ),
        (
            {"inner": {"from": "a", "form": "b"}},
            "inner.form: no such key; did you mean from? Known keys: from, share.",
        ),
        (
            {"zzz": 1},
            "zzz: no such key. Known keys: order, optional, steps, rate, rows, inner.",
        ),
    ],
)
def test_a_fault_is_named_by_its_key_path_with_what_is_allowed(
    block: dict[str, object], expected: str
) -> None:
    assert refusal(block) == f"explain.{expected}"


def test_every_fault_has_a_line() -> None:
    lines = refusal({"order": "middle", "steps": 2, "zzz": 1}).splitlines()
    assert [line.strip().partition(":")[0] for line in lines] == [
        "explain.order",
        "explain.steps",
        "explain.zzz",
    ]


@pytest.mark.parametrize("block", [None, 3, ["order"], "order: first"])
def test_what_is_no_block_is_refused_with_the_known_keys(block: object) -> None:
    assert refusal(block, "datasets[0].explain") == (
        f"datasets[0].explain: {block!r} is no block of keys and values; "
        "known keys: order, optional, steps, rate, rows, inner."
    )


def test_keys_of_a_whole_file_stand_alone() -> None:
    assert refusal({"steps": 2}, "") == "steps: an odd number is needed."
    assert refusal(3, "").startswith("the file: 3 is no block")
