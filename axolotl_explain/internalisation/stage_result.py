"""What a stage answers, and which stage is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.internalise_options import InternaliseOptions
from axolotl_explain.results.find_runs import trainer_state
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.store import METRICS, read_metrics
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.results_file import trained_steps
from axolotl_explain.sweep.run_file import read_state

TOKENS = "tokens_state.json"
"""In a checkpoint: how many tokens Axolotl's trainer has counted."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many rows were answered right, and at which price.

    Attributes:
        tokens: of an answer, on average.
        parsed: how many rows had an answer at all.
    """

    rows: int
    right: int
    tokens: float
    parsed: int

    @property
    def exact_match(self) -> float:
        """The share of right answers."""
        return self.right / self.rows

    @property
    def interval(self) -> tuple[float, float]:
        """95 % (Wilson), of exact match."""
        return wilson_interval(self.right, self.rows)

    def to_dict(self) -> dict[str, Any]:
        """As in internalise.json."""
        return {
            "num_rows": self.rows,
            "exact_match": self.exact_match,
            "interval": list(self.interval),
            "parsed_rate": self.parsed / self.rows,
            "tokens_per_completion": self.tokens,
        }


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage, evaluated.

    Attributes:
        held_out: on the rows by which stages are chosen.
        test: on rows that nothing is chosen by; None without any.
        steps: optimizer steps of its training; None where it was given.
        tokens: that it trained on, prompts and padding included; None where nobody
            counted them.
    """

    stage: int
    held_out: Answers
    test: Answers | None
    steps: int | None
    seconds: float
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class KeptStage:
    """The stage that is kept, and why."""

    result: StageResult
    why: str


def read_stage(
    run: SweepRun, stage: int, held_out: Sequence[str], tests: Sequence[str]
) -> StageResult | None:
    """The results of a stage; None where it is not evaluated yet."""
    if run.stage() != "finished" or not (run.results / METRICS).is_file():
        return None
    found = _named_as_now(read_metrics(run.results)["evaluations"], run.eval_data)
    state = read_state(run.folder)
    judged = _answers(found, held_out)
    if judged is None:
        return None
    return StageResult(
        stage=stage,
        held_out=judged,
        test=_answers(found, tests),
        steps=None if run.given else trained_steps(run.folder),
        seconds=sum(state.seconds.values()) if state else 0.0,
        tokens=None if run.given else _trained_tokens(run.folder),
    )


def _trained_tokens(folder: Path) -> int | None:
    """Tokens that a training has seen, where its last checkpoint says so."""
    state = trainer_state(folder)
    counted = state.with_name(TOKENS) if state is not None else None
    if counted is None or not counted.is_file():
        return None
    return int(json.loads(counted.read_text("utf-8"))["total"])


def _named_as_now(
    evaluations: Sequence[Mapping[str, Any]], data: Sequence[str]
) -> list[dict[str, Any]]:
    """The evaluations by the paths of their files now; a chain may have been moved."""
    names = list(dict.fromkeys(one["data"] for one in evaluations))
    now = dict(zip(names, data, strict=True)) if len(names) == len(data) else {}
    return [{**one, "data": now.get(one["data"], one["data"])} for one in evaluations]


def _answers(
    evaluations: Iterable[Mapping[str, Any]], data: Sequence[str]
) -> Answers | None:
    """The answers to the rows of some files together; None without any."""
    found = [one["metrics"] for one in evaluations if one["data"] in data]
    rows = sum(one["num_rows"] for one in found)
    if not rows:
        return None

    def total(name: str) -> float:
        return float(sum(one[name] * one["num_rows"] for one in found))

    return Answers(
        rows=rows,
        right=round(total("exact_match")),
        tokens=total("tokens_per_completion") / rows,
        parsed=round(total("parsed_rate")),
    )


def within(result: StageResult, first: StageResult, tolerance: float) -> bool:
    """Whether a stage answers about as well as the explained model."""
    gap = first.held_out.exact_match - result.held_out.exact_match
    return gap <= tolerance + 1e-9


def goes_on(results: Sequence[StageResult], options: InternaliseOptions) -> bool:
    """Whether further stages may still come to something."""
    if options.start == "nothing":
        return True
    last = results[1:][-options.patience :]
    beyond = [not within(one, results[0], options.tolerance) for one in last]
    return len(beyond) < options.patience or not all(beyond)


def choose(results: Sequence[StageResult], options: InternaliseOptions) -> KeptStage:
    """The last stage within the tolerance of the first, by held-out rows.

    Explanations that grow end whole: then it is the last stage.

    Args:
        results: of all stages that are evaluated, the first among them.
    """
    first, last = results[0], results[-1]
    if options.start == "nothing":
        return KeptStage(last, "the last one, whose explanations are whole")
    good = [one for one in results if within(one, first, options.tolerance)]
    kept = good[-1]
    bound = max(0.0, first.held_out.exact_match - options.tolerance)
    why = (
        f"the last one with an exact match of {bound:.1%} or more on held-out rows: "
        f"{first.held_out.exact_match:.1%} of the explained model, less a tolerance of "
        f"{options.tolerance:.1%}"
    )
    if kept is first and len(results) > 1:
        why = f"no later one is good enough; {why}"
    return KeptStage(kept, why)
