"""The file that describes a sweep.

    recipe: recipes/cpu/demo.yml
    out: outputs/sweep/modular-sum
    set: {task_data.sizes.train: 38400}  # the same in all runs
    grid:                                # every combination of these
      explain.level: [none, short, medium, long]
      seed: [1, 2, 3]
    together:                            # groups of keys that change together
      size:
        - {name: tiny, scratch_model.config.hidden_size: 64, micro_batch_size: 64}
        - {name: small, scratch_model.config.hidden_size: 128, micro_batch_size: 32}
    exclude:                             # combinations that are not run
      - {size: small, explain.level: short}
    reuse: [outputs/sweep/earlier]       # sweeps whose runs are taken where they agree
    tune:                                # before it, chosen for each level by itself
      grid: {learning_rate: [0.002, 0.004, 0.008]}
      over: [seed]                       # what one choice serves together
      repeat: [{seed: 11}]               # the runs to choose by
    base: {shots: [0, 8]}                # the model before training, asked likewise
    evaluate: {limit: 500}

A key is a path into the recipe. `samples` stands for the first so many rows of each of
its datasets.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from axolotl_explain.core.errors import ExplainError, at, quoted
from axolotl_explain.core.levels import Level
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.support.yaml_file import read_mapping

NAME = "name"
"""In an entry of a group: what its runs are called, not a key of the recipe."""


class Evaluate(BaseModel):
    """How every run is evaluated; the options of `axolotl explain eval`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: tuple[str, ...] = Field(
        default=(),
        description="files of rows or hub datasets; without it, the test splits of "
        "task_data, else the test_datasets of the recipe",
    )
    limit: int | None = Field(
        default=None, ge=1, description="at most this many rows of each file"
    )
    levels: tuple[Level, ...] = Field(
        default=(), description="levels to ask for; without it, those that are trained"
    )
    base: bool = Field(default=False, description="ask the base model as well")
    max_new_tokens: int | None = Field(default=None, ge=1)
    batch_size: int | None = Field(default=None, ge=1)
    batch_tokens: int | None = Field(default=None, ge=1)
    engine: Literal["transformers", "vllm"] = "transformers"
    math_verify: bool = False

    @field_validator("data", "levels", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def options(self) -> list[str]:
        """What the command is given besides recipe, model, data and folder."""
        options = [part for level in self.levels for part in ("--level", level)]
        for name in ("limit", "max_new_tokens", "batch_size", "batch_tokens"):
            value = getattr(self, name)
            if value is not None:
                options += [f"--{name.replace('_', '-')}", str(value)]
        if self.engine != "transformers":
            options += ["--engine", self.engine]
        flags = {"--base": self.base, "--math-verify": self.math_verify}
        return options + [flag for flag, wanted in flags.items() if wanted]


class Base(BaseModel):
    """The base model without any training, asked on the same rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shots: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        default=(0,),
        min_length=1,
        description="solved training rows in front of each question, such as [0, 8]; "
        "each number is an arm of its own",
    )

    @field_validator("shots", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, int) else value


class Tune(BaseModel):
    """Values that are chosen for each arm before its runs, for all arms alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grid: dict[str, list[Any]] = Field(
        min_length=1,
        description="key of the recipe -> list of values; every combination is tried",
    )
    over: tuple[str, ...] = Field(
        default=(),
        description="keys of `grid` and groups of `together` that share one choice, "
        "such as the seed; one is made for every combination of the others",
    )
    repeat: list[dict[str, Any]] = Field(
        default_factory=list,
        description="keys of the recipe and values, one block for each run that a "
        "combination is tried with, such as {seed: 11}; what `over` names has no part "
        "in these runs",
    )
    data: tuple[str, ...] = Field(
        default=(),
        description="files of rows or hub datasets to choose by; without it, the "
        "validation split of task_data",
    )

    @field_validator("over", "data", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("grid", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return _require_lists(value)


class Grid(BaseModel):
    """A base recipe, what changes in it, where the runs go, how they are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str = Field(description="the file of the base recipe")
    out: str = Field(description="the folder for all that the sweep writes")
    title: str = Field(
        default="What the explanations did", description="heading of the report"
    )
    set: dict[str, Any] = Field(
        default_factory=dict,
        description="key of the recipe -> value, for all runs",
    )
    grid: dict[str, list[Any]] = Field(
        default_factory=dict,
        description="key of the recipe -> list of values; every combination is run",
    )
    together: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict,
        description="name of a group -> list of entries, each with keys of the recipe "
        "and values that go together, and a name",
    )
    exclude: tuple[dict[str, Any], ...] = Field(
        default=(),
        description="combinations that are left out: key of `grid` -> its value, or "
        "group of `together` -> the name of its entry; the others do not matter",
    )
    reuse: tuple[str, ...] = Field(
        default=(),
        description="folders (`out`) of other sweeps: runs that are the same are "
        "copied, not trained again",
    )
    base: Base | None = Field(
        default=None,
        description="asks the base model too, at each level that the runs are trained "
        "at, without training or behind solved rows",
    )
    tune: Tune | None = Field(
        default=None,
        description="values that are chosen first, such as the learning rate of each "
        "level",
    )
    evaluate: Evaluate = Field(default_factory=Evaluate)

    @field_validator("reuse", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("grid", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return _require_lists(value)

    @field_validator("together", mode="before")
    @classmethod
    def _entries(cls, value: object) -> object:
        for group, entries in value.items() if isinstance(value, dict) else ():
            whole = isinstance(entries, list) and entries
            if not whole or not all(isinstance(one, dict) for one in entries):
                raise ValueError(
                    f"{group} has {quoted(entries)}; write a list of blocks, such as "
                    "[{name: tiny, seed: 1}, {name: small, seed: 2}]"
                )
        return value


def _require_lists(value: object) -> object:
    """Refuse a key whose values are no list, or a list that has one twice."""
    for key, values in value.items() if isinstance(value, dict) else ():
        if not isinstance(values, list) or not values:
            raise ValueError(
                f"{key} has {quoted(values)}; write its values as a list, such as "
                "[1, 2]"
            )
        if any(one in values[:place] for place, one in enumerate(values)):
            raise ValueError(f"{key} has a value twice: {quoted(values)}")
    return value


def read_grid(path: str) -> Grid:
    """Read the file of a sweep.

    Raises:
        ExplainError: if it is no YAML, has a key that is not known or a bad value, or
            gives one key of the recipe in two places.
    """
    try:
        grid = parse_block(Grid, read_mapping(path, "a sweep"), "")
    except ExplainError as error:
        raise ExplainError(at(path, error)) from None
    places: dict[str, str] = dict.fromkeys(grid.set, "set")
    for key in grid.grid:
        _note(places, key, "grid", path)
    for group, entries in grid.together.items():
        for key in dict.fromkeys(key for entry in entries for key in entry):
            if key != NAME:
                _note(places, key, f"together.{group}", path)
    for key in grid.tune.grid if grid.tune else ():
        _note(places, key, "tune.grid", path)
    return grid


def _note(places: dict[str, str], key: str, place: str, path: str) -> None:
    before = places.setdefault(key, place)
    if before != place:
        raise ExplainError(
            f"{path}: {key} is given by {before} and by {place}; remove it from one of "
            "them."
        )
