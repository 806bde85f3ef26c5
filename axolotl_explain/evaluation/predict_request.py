"""What to ask of a model, and how."""

from __future__ import annotations

from dataclasses import dataclass, field

from axolotl_explain.core.levels import Level
from axolotl_explain.evaluation.batching import BatchLimits
from axolotl_explain.evaluation.decoding import Sampling
from axolotl_explain.evaluation.evaluation_request import EngineName


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRequest:
    """What to ask, and of which model."""

    recipe: str | None = None
    """None: what the folder says of itself in explain.json."""
    model: str | None = None
    """A folder; None for the base model of the recipe."""
    base_model: str | None = None
    data: tuple[str, ...] = ()
    """Files or hub datasets; "-" is standard input."""
    levels: tuple[Level, ...] = ()
    """Empty for the most explained one that was trained."""
    limit: int | None = None
    max_new_tokens: int | None = None
    """None: by the longest target of the training."""
    limits: BatchLimits = field(default_factory=BatchLimits)
    engine: EngineName = "transformers"
    endpoint: str | None = None
    endpoint_model: str | None = None
    key_variable: str = "OPENAI_API_KEY"
    samples: int = 1
    """How many are drawn for a row; 1 is greedy."""
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def drawn(self) -> Sampling | None:
        """How tokens are drawn; None where the completion is greedy."""
        return self.sampling if self.samples > 1 else None
