"""Arms: what is compared. All runs that agree in everything but the seed, pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from axolotl_explain.report.chart import DataPoint, join_names
from axolotl_explain.report.level_results import LevelResults
from axolotl_explain.report.run_results import RunResults
from axolotl_explain.results.metrics import level_rank
from axolotl_explain.results.run_settings import Settings, name_settings
from axolotl_explain.statistics.mean import Mean, mean_of
from axolotl_explain.statistics.verdicts import Verdicts

UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True)
class Member:
    """What one run adds to an arm."""

    run: RunResults
    results: LevelResults


@dataclass(frozen=True, slots=True)
class Arm:
    """One level of one setting on one data file, over all its runs."""

    setting: str
    """What sets it apart from other settings; "" where there is only one."""
    data: str
    trained: bool
    """False: the base model, as it was before training."""
    level: str
    members: Sequence[Member]

    @property
    def series(self) -> str:
        """All that sets it apart but level and data."""
        return join_names(self.setting, "" if self.trained else UNTRAINED)

    @property
    def settings(self) -> Settings:
        """What all its runs agree in."""
        return self.members[0].run.settings

    @property
    def base_model(self) -> str | None:
        """What all its runs began with."""
        return self.members[0].run.base_model

    @property
    def share(self) -> float:
        """Exact match, the mean over runs."""
        shares = [member.results.counts.share for member in self.members]
        return sum(shares) / len(shares)

    @property
    def rows(self) -> int:
        """Rows of one run, the fewest where runs differ."""
        return min(member.results.counts.rows for member in self.members)

    @property
    def seeds(self) -> int:
        """How many runs, or how many different seeds where the runs say theirs."""
        seeds = {member.run.seed for member in self.members}
        return len(self.members) if None in seeds else len(seeds)

    @property
    def shares(self) -> list[float]:
        """Exact match of each run."""
        return [member.results.counts.share for member in self.members]

    @property
    def mean(self) -> Mean:
        """Exact match with its 95 % interval, over seeds and rows."""
        if (verdicts := self.verdicts) is not None:
            return mean_of(verdicts)
        right = [round(share * self.rows) for share in self.shares]
        return mean_of(Verdicts.of_counts(right, self.rows))

    @property
    def rows_asked(self) -> str | None:
        """What is the same for arms that answered the same rows; None if not known."""
        asked = {member.results.rows_asked for member in self.members}
        return asked.pop() if len(asked) == 1 else None

    @property
    def verdicts(self) -> Verdicts | None:
        """Row by row, of one run for each seed; None where runs keep none alike."""
        if self.rows_asked is None:
            return None
        again = self.again
        kept = [one.results.verdicts for one in self.members if one not in again]
        runs = [one.right for one in kept if one is not None]
        # A model that was not trained has no seed, however often it was asked.
        return Verdicts.of(runs if self.trained else runs[:1], fixed=not self.trained)

    @property
    def again(self) -> list[Member]:
        """Runs of a seed that an earlier run has too; only that one is compared."""
        seen: set[int] = set()
        found = []
        for member in self.members if self.trained else ():
            seed = member.run.seed
            if seed in seen:
                found.append(member)
            elif seed is not None:
                seen.add(seed)
        return found

    @property
    def tokens(self) -> float | None:
        """Tokens per completion, the mean over runs."""
        return _mean(one.results.counts.tokens_per_completion for one in self.members)

    @property
    def right_per_thousand(self) -> float | None:
        """Right answers per 1,000 tokens generated."""
        return 1000 * self.share / self.tokens if self.tokens else None

    @property
    def tokens_trained(self) -> float | None:
        """In the loss of a training, else all of it, the mean over runs."""
        return _mean(one.run.tokens_trained for one in self.members)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def share_point(arm: Arm, x: float, seeds: bool = False) -> DataPoint:
    """Exact match of an arm as a point of a chart, with its interval if it has one.

    Args:
        seeds: whether the seeds are drawn too.
    """
    share, low, high, _ = arm.mean
    runs = [100 * one for one in arm.shares] if seeds and arm.trained else []
    return DataPoint(x, 100 * share, percent(low), percent(high), arm.rows, runs)


def percent(share: float | None) -> float | None:
    """A share in percent; None stays None."""
    return None if share is None else 100 * share


def pool(runs: Sequence[RunResults]) -> list[Arm]:
    """The arms of all runs: untrained ones last, by setting and data, by level."""
    names = name_settings([run.settings for run in runs])
    several = len({run.base_model for run in runs}) > 1
    found: dict[tuple[str, str, bool, str], list[Member]] = defaultdict(list)
    for run in runs:
        for results in run.levels:
            trained = results.model is not None
            # The base model is the same, however it was trained afterwards.
            setting = names[run.settings] if trained else _base(run, several)
            key = (setting, results.data, trained, results.level)
            found[key].append(Member(run, results))
    firsts: dict[tuple[str, str], int] = {}
    for place, key in enumerate(found):
        firsts.setdefault(key[:2], place)

    def place_of(key: tuple[str, str, bool, str]) -> tuple[bool, int, int]:
        return not key[2], firsts[key[:2]], level_rank(key[3])

    keys = sorted(found, key=place_of)
    return [Arm(*key, found[key]) for key in keys]


def _base(run: RunResults, several: bool) -> str:
    """What sets a base model apart: its name among several, and how it was asked."""
    name = (run.base_model or "") if several else ""
    return join_names(name, f"{run.shots} solved rows in front" if run.shots else "")


def data_names(arms: Sequence[Arm]) -> dict[str, str]:
    """A short name for each data file: its stem where that tells them apart."""
    paths = list(dict.fromkeys(arm.data for arm in arms))
    stems = [PurePath(path).stem or path for path in paths]
    return {
        path: stem if stems.count(stem) == 1 else path
        for path, stem in zip(paths, stems, strict=True)
    }
