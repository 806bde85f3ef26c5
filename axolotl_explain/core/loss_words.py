"""Weights of a loss in words, as the log of a training and `inspect` say them."""

from __future__ import annotations

from collections.abc import Mapping

from axolotl_explain.core.loss_weights import LossKind, LossWeights, Ramp, shares


def weight_text(weight: float) -> str:
    """A weight with four digits at most.

    >>> weight_text(1.0), weight_text(1 / 3), weight_text(0.0)
    ('1', '0.3333', '0')
    """
    return f"{weight:.4g}"


def change_in_words(ramp: Ramp) -> str:
    """How a weight changes.

    >>> change_in_words(Ramp(0.0, 0.5))
    'to 0 in a straight line from 50 % to 100 % of the training'
    >>> change_in_words(Ramp(0.0, 0.5, 0.5))
    'to 0 at once at 50 % of the training'
    """
    to, start, end = weight_text(ramp.to), _percent(ramp.start), _percent(ramp.end)
    if ramp.start == ramp.end:
        return f"to {to} at once at {end} of the training"
    return f"to {to} in a straight line from {start} to {end} of the training"


def changes_in_words(weights: LossWeights) -> list[str]:
    """A line for each weight that changes."""
    return [
        f"{kind} goes from {weight_text(weights.start[kind])} {change_in_words(ramp)}"
        for kind, ramp in weights.ramps.items()
    ]


def in_words(weights: LossWeights, tokens: Mapping[LossKind, int] | None) -> str:
    """The weight of each kind, the part of the loss it has, and how it changes.

    Kinds without a token are left out, and so are prompts that weigh nothing.

    Args:
        tokens: of each kind, over the training rows; None where nobody counted them.
    """
    parts = shares(weights.start, tokens) if tokens else {}
    told = []
    for kind, weight in weights.start.items():
        ramp = weights.ramps.get(kind)
        if tokens and not tokens.get(kind):
            continue
        if kind == "prompt" and not (weight or ramp):
            continue
        text = f"{kind} {weight_text(weight)}"
        if kind in parts:
            text += f" ({100 * parts[kind]:.1f} % of the loss)"
        if ramp is not None:
            text += f", {change_in_words(ramp)}"
        told.append(text)
    return "weights: " + "; ".join(told)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
