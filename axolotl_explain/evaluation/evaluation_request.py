"""What to evaluate, and a fingerprint of it with all that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.evaluation.batching import BatchLimits
from axolotl_explain.evaluation.completions_fingerprint import (
    data_digest,
    fingerprint,
    model_digest,
)

EngineName = Literal["transformers", "vllm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What to evaluate."""

    recipe: str | None
    """None: what the folder says of itself in explain.json."""
    model: str | None
    """A folder; None for the base model."""
    base_model: str | None = None
    """Where the base model of an adapter lies now, without a recipe."""
    data: tuple[str, ...]
    levels: tuple[Level, ...] = ()
    """Those to ask for; empty for all that the recipe trains."""
    base: bool = False
    """Whether the base model is asked beside the tuned one."""
    shots: int = 0
    """Solved rows in front of each question to the base model."""
    shots_from: str | None = None
    """Where they are drawn from; None for the first dataset that is trained."""
    limit: int | None = None
    """At most this many rows, from the start of each file."""
    max_new_tokens: int | None = None
    """None: worked out from the targets of the data."""
    limits: BatchLimits = field(default_factory=BatchLimits)
    engine: EngineName = "transformers"
    math_verify: bool = False
    training_ranges: tuple[str, ...] = ()
    """As they are typed, `list_length=4-8`."""

    def __post_init__(self) -> None:
        """Refuse shots that nobody would be asked with.

        Raises:
            ExplainError: naming the option.
        """
        if self.shots and None not in self.models:
            raise ExplainError(
                "--shots: only the base model is asked with solved rows in front; add "
                "--base to ask it beside --model, or leave out --model."
            )
        if self.shots_from is not None and not self.shots:
            raise ExplainError(
                "--shots-from: nothing is drawn without --shots, which says how many."
            )

    @property
    def models(self) -> list[str | None]:
        """The models to ask, the tuned one first."""
        return [self.model, None] if self.base and self.model else [self.model]


def _asked(request: EvaluationRequest) -> dict[str, Any]:
    """The request; without shots as versions wrote it that knew none."""
    found = asdict(request)
    if not request.shots:
        del found["shots"], found["shots_from"]
    return found


def request_fingerprint(
    request: EvaluationRequest,
    recipe: Mapping[str, Any],
    examples: Mapping[str, Mapping[int, Example]],
    shots: Mapping[int, Example] | None = None,
) -> str:
    """A digest of all that decides what the files of an evaluation hold.

    Args:
        shots: the rows that solved ones are drawn from, in their order.
    """
    return fingerprint(
        {
            "recipe": recipe,
            "request": _asked(request),
            "model": model_digest(request.model),
            "base_model": model_digest(recipe.get("base_model")),
            "data": {path: data_digest(rows) for path, rows in examples.items()},
            **({"shots": data_digest(shots)} if shots else {}),
        }
    )
