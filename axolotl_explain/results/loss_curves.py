"""The loss of explanations and of answers during a training, from the trainer's log.

`explain.loss` logs them as loss_KIND and eval_loss_KIND: means over tokens without any
weight, in nats. Beside them stands share_KIND, the part of the weighted loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from axolotl_explain.results.curves import training_log

ShownKind = Literal["explanation", "answer"]
Phase = Literal["training", "evaluation"]
PREFIX: dict[Phase, str] = {"training": "", "evaluation": "eval_"}


@dataclass(frozen=True, slots=True)
class LossCurve:
    """The loss of one kind of token.

    Attributes:
        points: optimizer step -> nats a token.
    """

    kind: ShownKind
    phase: Phase
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class LossesByKind:
    """What a training logged of each kind; empty without `explain.loss`.

    Attributes:
        shares: kind -> its part of the training loss at the first and last logged step,
            from 0 to 1.
    """

    curves: Sequence[LossCurve] = ()
    shares: Mapping[ShownKind, tuple[float, float]] | None = None


def read_losses_by_kind(folder: Path, notes: list[str]) -> LossesByKind:
    """What the newest trainer_state.json of a training folder has.

    Args:
        notes: gets a sentence for what cannot be read.
    """
    log = training_log(folder, notes)
    curves = [
        LossCurve(kind, phase, points)
        for kind in get_args(ShownKind)
        for phase in get_args(Phase)
        if (points := _points(log, f"{PREFIX[phase]}loss_{kind}"))
    ]
    shares = {}
    for kind in get_args(ShownKind):
        found = [*_points(log, f"share_{kind}").values()]
        if found:
            shares[kind] = (found[0], found[-1])
    return LossesByKind(curves, shares)


def _points(log: Sequence[Mapping[str, Any]], key: str) -> dict[int, float]:
    """Step -> the last number that was logged for it."""
    return {
        entry["step"]: float(entry[key])
        for entry in log
        if isinstance(entry.get(key), int | float)
    }
