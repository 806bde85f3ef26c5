"""What the sweeps of recipes/paper came to, as small files in this repository.

    {"sweep": "recipes/paper/wide_sums_cpu.yml", "measured_rows": 100,
     "versions": {"torch": "2.13.0+cpu", …},
     "tuned": [{"choices": {"arm": "none", …}, "chosen": {"learning_rate": 0.005},
                "tried": [[{"learning_rate": 0.0025}, 0.61], …]}, …], "runs": [
    {"name": "none-seed1", "choices": {"arm": "none", …}, "steps": 1280,
     "parameters": 245280, "minutes": 1.4,
     "answers": [{"data": "test", "level": "none", "rows": 500, "right": 48,
                  "asked": "5e1f…", "verdicts": "/9f…", "tokens": 4.0, "valid": 0.0,
                  "lengths": {"4": [262, 21, "Ag…"], …}}],
     "curve": [[160, 25600, 0.078], …], "losses": [3.412, 3.508],
     "stages": [{"stage": 0, "steps": 1500, "trained": 960000, "tokens": 35.2,
                 "held_out": [500, 499], "test": [500, 498]}, …]},
    …

`asked` is the same for runs that were asked the same rows, and `verdicts` has a bit for
each of them, as results/verdict_bits.py packs them. `tokens` are those of a completion,
on average; `valid` is the share of explanations that re-execution finds right in every
step; a length has its rows, its right answers and their bits; a point of the curve has
step, tokens in the loss so far, and exact match on `measured_rows` rows. Where a sweep
has plain texts to tell what is forgotten, `losses` are those per token on them, before
the first step and at the end. A run that takes explanations away has its `stages`: the
steps of each, the tokens that it trained on, those of an answer, and its rows and right
answers on either file.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from axolotl_explain.results.verdict_bits import unpack
from axolotl_explain.statistics.mean import Mean, mean_of
from axolotl_explain.statistics.paired import Difference, compare
from axolotl_explain.statistics.verdicts import Verdicts

FOLDER = Path(__file__).parent / "results"
SEED = "seed"


@dataclass(frozen=True, slots=True)
class Answers:
    """One run, asked on one file."""

    data: str
    level: str
    rows: int
    right: int
    tokens: float
    valid: float | None = None
    lengths: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    asked: str = ""
    verdicts: str = ""

    @property
    def row_verdicts(self) -> list[bool] | None:
        """Row by row; None where they were not kept."""
        return unpack(self.verdicts, self.rows) if self.verdicts else None


@dataclass(frozen=True, slots=True)
class PaperRun:
    """One training and its evaluation."""

    name: str
    choices: Mapping[str, Any]
    steps: int
    parameters: int
    minutes: float
    answers: Sequence[Answers]
    curve: Sequence[Sequence[float]] = ()
    losses: Sequence[float] = ()
    stages: Sequence[Mapping[str, Any]] = ()

    @property
    def tokens(self) -> float:
        """In the loss, by the end of the curve."""
        return self.curve[-1][1]

    def at(self, limit: float, tokens: bool = False) -> Sequence[float]:
        """The last point of the curve within so many steps, or tokens."""
        within = [one for one in self.curve if one[1 if tokens else 0] <= limit]
        return within[-1]


@dataclass(frozen=True, slots=True)
class Cell:
    """Several seeds of one arm on one file.

    Attributes:
        right: right answers of each run.
        rows: that each run has answered.
        verdicts: row by row; None where they were not kept.
        asked: the same for the same rows.
    """

    right: Sequence[int]
    rows: int
    verdicts: Verdicts | None = None
    tokens: float = 0.0
    valid: float | None = None
    asked: str = ""

    @property
    def shares(self) -> list[float]:
        """Exact match of each run."""
        return [right / self.rows for right in self.right]

    @property
    def share(self) -> float:
        """Exact match, the mean over runs."""
        return sum(self.shares) / len(self.shares)

    @property
    def seeds(self) -> int:
        """How many runs."""
        return len(self.right)

    @property
    def mean(self) -> Mean:
        """Exact match with its 95 % interval, over seeds and rows."""
        if self.verdicts is not None:
            return mean_of(self.verdicts)
        return mean_of(Verdicts.of_counts(self.right, self.rows))


def cell_of(found: Sequence[Answers]) -> Cell:
    """Pool the answers of several seeds to the same rows."""
    valid = [one.valid for one in found if one.valid is not None]
    runs = [right for one in found if (right := one.row_verdicts) is not None]
    alike = len(runs) == len(found) and len({one.asked for one in found}) == 1
    return Cell(
        right=[one.right for one in found],
        rows=min(one.rows for one in found),
        verdicts=Verdicts.of(runs) if alike else None,
        tokens=sum(one.tokens for one in found) / len(found),
        valid=sum(valid) / len(valid) if valid else None,
        asked=found[0].asked,
    )


@dataclass(frozen=True, slots=True)
class Sweep:
    """All runs of a sweep."""

    name: str
    versions: Mapping[str, str]
    runs: Sequence[PaperRun]
    measured_rows: int = 0
    """Rows of each point of the curves."""
    tuned: Sequence[Mapping[str, Any]] = ()
    """What was chosen for each arm on validation rows, and what was tried."""

    def values(self, key: str) -> list[Any]:
        """The values of a choice, in the order of the sweep.

        Models that were not trained have none of its choices.
        """
        found = [run.choices[key] for run in self.runs if key in run.choices]
        return list(dict.fromkeys(found))

    def has(self, **choices: Any) -> bool:
        """Whether any run has these choices."""
        return any(choices.items() <= run.choices.items() for run in self.runs)

    def chosen(self, **choices: Any) -> list[PaperRun]:
        """The runs with these choices: one for each seed, where all others are given.

        Raises:
            KeyError: if there are none.
        """
        found = [run for run in self.runs if choices.items() <= run.choices.items()]
        if not found:
            raise KeyError(f"{self.name} has no run with {choices}")
        return found

    def cell(self, data: str = "test", **choices: Any) -> Cell:
        """The pooled answers of these runs on one file."""
        runs = self.chosen(**choices)
        return cell_of([one for run in runs for one in run.answers if one.data == data])

    def difference(
        self, one: Mapping[str, Any], other: Mapping[str, Any], data: str = "test"
    ) -> Difference:
        """The exact match of some runs less that of others, on the same rows.

        Raises:
            ValueError: if their verdicts were not kept, or are those of other rows.
        """
        first, second = self.cell(data, **one), self.cell(data, **other)
        if first.asked != second.asked:
            raise ValueError(f"{self.name}: {one} and {other} were asked other rows")
        if first.verdicts is None or second.verdicts is None:
            raise ValueError(f"{self.name}: no verdicts of rows are kept")
        return compare(first.verdicts, second.verdicts)

    def chosen_value(self, key: str, **choices: Any) -> Any:
        """The value of a key that was tuned for these choices.

        Raises:
            KeyError: if there is none.
        """
        for one in self.tuned:
            if one["choices"].items() <= choices.items():
                return one["chosen"][key]
        raise KeyError(f"{self.name} has tuned nothing for {choices}")

    def while_training(
        self, limit: float, tokens: bool = False, **choices: Any
    ) -> Cell:
        """Exact match within so many steps, or tokens in the loss."""
        rows = self.measured_rows
        found = [run.at(limit, tokens)[2] for run in self.chosen(**choices)]
        return Cell([round(share * rows) for share in found], rows)

    def by_length(self, **choices: Any) -> dict[int, Cell]:
        """Length -> pooled answers, over all files."""
        found: dict[int, list[Answers]] = defaultdict(list)
        for run in self.chosen(**choices):
            for one in run.answers:
                for length, (rows, right, *bits) in one.lengths.items():
                    inside = replace(
                        one, rows=rows, right=right, verdicts=bits[0] if bits else ""
                    )
                    found[int(length)].append(inside)
        return {length: cell_of(found[length]) for length in sorted(found)}

    @property
    def trained_lengths(self) -> tuple[int, int]:
        """The shortest and the longest problem of the file `test`."""
        tested = [one for run in self.runs for one in run.answers if one.data == "test"]
        lengths = [int(length) for one in tested for length in one.lengths]
        return min(lengths), max(lengths)

    @property
    def minutes(self) -> float:
        """Of one core, over all runs."""
        return sum(run.minutes for run in self.runs)


def read(name: str, folder: Path = FOLDER) -> Sweep:
    """The kept results of a sweep."""
    found = json.loads((folder / f"{name}.json").read_text("utf-8"))
    runs = [
        PaperRun(**{**run, "answers": [Answers(**one) for one in run["answers"]]})
        for run in found["runs"]
    ]
    tuned = found.get("tuned", [])
    return Sweep(name, found["versions"], runs, found["measured_rows"], tuned)
