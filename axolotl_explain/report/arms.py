"""Arms: what is compared. All runs that agree in everything but the seed, pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from axolotl_explain.report.chart import join_names
from axolotl_explain.report.level_results import LevelResults
from axolotl_explain.report.run_results import RunResults
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.metrics import level_rank
from axolotl_explain.results.run_settings import name_settings

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
    def interval(self) -> tuple[float, float]:
        """95 %, of the mean over runs (`pooled_interval`)."""
        shares = [member.results.counts.share for member in self.members]
        return pooled_interval(shares, self.rows)

    @property
    def tokens(self) -> float | None:
        """Tokens per completion, the mean over runs."""
        means = [one.results.counts.tokens_per_completion for one in self.members]
        known = [mean for mean in means if mean is not None]
        return sum(known) / len(known) if known else None


def pooled_interval(shares: Sequence[float], rows: int) -> tuple[float, float]:
    """95 % (Wilson) of the mean at the rows of one run, holding every run's share.

    Runs answer the same rows, so that more runs are no more rows; where seeds lie
    further apart than the rows explain, the interval is widened to hold them.

    Args:
        shares: the share of right answers of each run, from 0 to 1.
        rows: that each of them has answered.
    """
    mean = sum(shares) / len(shares)
    low, high = wilson_interval(round(mean * rows), rows)
    return min(low, *shares, 1.0), max(high, *shares, 0.0)


def pool(runs: Sequence[RunResults]) -> list[Arm]:
    """The arms of all runs: untrained ones last, by setting and data, by level."""
    names = name_settings([run.settings for run in runs])
    models = dict.fromkeys(run.base_model for run in runs)
    bases = {model: (model or "") if len(models) > 1 else "" for model in models}
    found: dict[tuple[str, str, bool, str], list[Member]] = defaultdict(list)
    for run in runs:
        for results in run.levels:
            trained = results.model is not None
            # The base model is the same, however it was trained afterwards.
            setting = names[run.settings] if trained else bases[run.base_model]
            key = (setting, results.data, trained, results.level)
            found[key].append(Member(run, results))
    firsts: dict[tuple[str, str], int] = {}
    for place, key in enumerate(found):
        firsts.setdefault(key[:2], place)

    def place_of(key: tuple[str, str, bool, str]) -> tuple[bool, int, int]:
        return not key[2], firsts[key[:2]], level_rank(key[3])

    keys = sorted(found, key=place_of)
    return [Arm(*key, found[key]) for key in keys]


def data_names(arms: Sequence[Arm]) -> dict[str, str]:
    """A short name for each data file: its stem where that tells them apart."""
    paths = list(dict.fromkeys(arm.data for arm in arms))
    stems = [PurePath(path).stem or path for path in paths]
    return {
        path: stem if stems.count(stem) == 1 else path
        for path, stem in zip(paths, stems, strict=True)
    }
