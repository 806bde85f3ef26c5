"""How much each kind of token weighs in the loss, and how that changes in training.

The loss of an optimizer step is

    sum(w * l) / sum(w)

over all tokens of the step, where l is the negative log-likelihood of a token in nats
and w the weight of its kind. So only the ratio of the weights counts, and equal weights
are the mean over tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from axolotl_explain.core.target import Kind

LossKind = Literal["prompt", "explanation", "answer", "end", "other"]
"""What a weight is for. An answer has its marker with it; `other` is what a row of
another type has in its labels."""
LOSS_KINDS: tuple[LossKind, ...] = get_args(LossKind)

KIND_IN_LOSS: dict[Kind, LossKind] = {
    Kind.PROMPT: "prompt",
    Kind.EXPLANATION: "explanation",
    Kind.MARKER: "answer",
    Kind.ANSWER: "answer",
    Kind.END: "end",
    Kind.OTHER: "other",
}
EQUAL: dict[LossKind, float] = {
    "prompt": 0.0,
    "explanation": 1.0,
    "answer": 1.0,
    "end": 1.0,
    "other": 1.0,
}
"""The weights of a loss that reads every token of the target alike."""
EXACT = 1e-9
"""By how much parts of the loss may miss 1, since decimal fractions are not exact."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A weight that goes to another one in a straight line.

    Attributes:
        to: the weight at the end of it.
        start, end: shares of the training, from 0 to 1; where they are the same, the
            weight changes at once.
    """

    to: float
    start: float = 0.0
    end: float = 1.0

    @property
    def moments(self) -> tuple[float, float]:
        """Where it begins and ends."""
        return self.start, self.end

    def at(self, weight: float, progress: float) -> float:
        """The weight at a share of the training, of a kind that begins with `weight`.

        >>> [Ramp(0.0, 0.5).at(1.0, share) for share in (0.0, 0.5, 0.75, 1.0)]
        [1.0, 1.0, 0.5, 0.0]
        """
        if progress >= self.end:
            return self.to
        if progress <= self.start:
            return weight
        share = (progress - self.start) / (self.end - self.start)
        return weight + (self.to - weight) * share


@dataclass(frozen=True, slots=True)
class LossWeights:
    """The weight of each kind at every moment of a training."""

    start: Mapping[LossKind, float]
    """Before the first step; an evaluation is weighted so at any step, that its losses
    may be compared."""
    ramps: Mapping[LossKind, Ramp] = field(default_factory=dict)

    def at(self, progress: float) -> dict[LossKind, float]:
        """The weights at a share of the training: steps done / steps in all."""
        return {
            kind: ramp.at(self.start[kind], progress)
            if (ramp := self.ramps.get(kind))
            else self.start[kind]
            for kind in LOSS_KINDS
        }


def by_kind(weights: Mapping[LossKind, float]) -> list[float]:
    """The weights in the order of `Kind`, to be looked up by the kind of a token."""
    return [weights[KIND_IN_LOSS[kind]] for kind in Kind]


def tokens_by_loss_kind(counts: Mapping[Kind, int]) -> dict[LossKind, int]:
    """How many tokens each weight is for."""
    found = dict.fromkeys(LOSS_KINDS, 0)
    for kind, tokens in counts.items():
        found[KIND_IN_LOSS[kind]] += tokens
    return found


def shares(
    weights: Mapping[LossKind, float], tokens: Mapping[LossKind, int]
) -> dict[LossKind, float]:
    """The part that each kind has in sum(w), from 0 to 1; all 0 where the sum is."""
    mass = {kind: weights[kind] * tokens.get(kind, 0) for kind in LOSS_KINDS}
    total = sum(mass.values())
    return {kind: one / total if total else 0.0 for kind, one in mass.items()}


def weights_of_shares(
    wanted: Mapping[LossKind, float],
    others: Mapping[LossKind, float],
    tokens: Mapping[LossKind, int],
) -> dict[LossKind, float]:
    """The weights by which kinds get a part of sum(w) over a dataset.

    With the part s of a kind that has n tokens, and the others' sum(w * n) = m, its
    weight is s * m / (1 - S) / n, where S is the sum of all wanted parts. All are then
    divided by the largest, since only their ratio counts.

    Args:
        wanted: kind -> its part, from 0 to 1, together at most 1.
        others: the weights of kinds that are not wanted a part of.
        tokens: how many tokens of each kind the dataset has.

    Raises:
        ValueError: naming the kind for which no weight can give that part.

    >>> tokens = {"explanation": 200, "answer": 10}
    >>> found = weights_of_shares({"answer": 0.5}, EQUAL, tokens)
    >>> found["explanation"], found["answer"]
    (0.05, 1.0)
    """
    for kind, share in wanted.items():
        if share > 0 and not tokens.get(kind):
            raise ValueError(f"{kind}: the training rows have no token of it")
    mass = {
        kind: others[kind] * tokens.get(kind, 0)
        for kind in LOSS_KINDS
        if kind not in wanted
    }
    left = 1.0 - sum(wanted.values())
    rest = sum(mass.values())
    if left < EXACT and rest > 0:
        names = ", ".join(kind for kind, one in mass.items() if one)
        raise ValueError(
            f"the parts add up to 1, so nothing is left for {names}; give "
            f"{'it a weight' if ',' not in names else 'them weights'} of 0, or lower a "
            "part"
        )
    if left > EXACT and rest == 0:
        raise ValueError(
            f"the parts add up to {sum(wanted.values()):g}, and no other kind has a "
            "token that weighs anything; let them add up to 1"
        )
    total = rest / left if rest else 1.0
    found = {
        kind: wanted[kind] * total / max(tokens.get(kind, 0), 1)
        if kind in wanted
        else others[kind]
        for kind in LOSS_KINDS
    }
    largest = max(found.values())
    return {kind: one / largest for kind, one in found.items()}
