"""The loss of explanations and of answers, in training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from axolotl_explain.report.chart import Chart, DataPoint, Series, join_names
from axolotl_explain.report.number_format import format_percent
from axolotl_explain.report.run_results import RunResults
from axolotl_explain.results.loss_curves import Phase, ShownKind
from axolotl_explain.results.run_settings import name_settings

COLOURS: dict[ShownKind, int] = {"explanation": 7, "answer": 5}
STYLES: dict[tuple[ShownKind, Phase], int] = {
    ("answer", "training"): 0,
    ("explanation", "training"): 1,
    ("answer", "evaluation"): 2,
    ("explanation", "evaluation"): 3,
}
"""Each curve has a line of its own, to be told apart without colours."""

CAPTION = (
    "Mean loss of the tokens of each kind, without weights. Losses of different levels "
    "are not comparable: their targets differ."
)


def loss_charts(runs: Sequence[RunResults]) -> list[Chart]:
    """A panel for each recipe whose training logged losses by kind.

    Runs that differ in their seed alone are drawn over each other.
    """
    groups: dict[tuple[object, str], list[RunResults]] = {}
    for run in runs:
        if any(len(curve.points) > 1 for curve in run.losses.curves):
            groups.setdefault((run.settings, run.only_level), []).append(run)
    names = name_settings([members[0].settings for members in groups.values()])
    many = len(groups) > 1
    charts = []
    for number, ((_, level), members) in enumerate(groups.items(), start=1):
        name = join_names(level, names[members[0].settings]) or members[0].name
        charts.append(
            Chart(
                f"loss_by_kind_{number}" if many else "loss_by_kind",
                "Loss of explanation and answer" + (f": {name}" if many else ""),
                join_sentences(CAPTION, _shares(members[0].losses.shares)),
                "optimizer step",
                "loss, nats a token",
                "band",
                [one for run in members for one in _series(run, len(members) > 1)],
                own_lines=True,
            )
        )
    return charts


def join_sentences(*sentences: str) -> str:
    """The sentences that are there, in one line."""
    return " ".join(sentence for sentence in sentences if sentence)


def _series(run: RunResults, named: bool) -> list[Series]:
    return [
        Series(
            join_names(run.name if named else "", curve.kind, curve.phase),
            COLOURS[curve.kind],
            STYLES[curve.kind, curve.phase],
            [DataPoint(float(step), loss) for step, loss in curve.points.items()],
            f"{curve.kind}, {curve.phase}",
        )
        for curve in run.losses.curves
    ]


def _shares(shares: Mapping[ShownKind, tuple[float, float]] | None) -> str:
    """What each kind is of the loss that is trained on."""
    told = []
    for kind, (first, last) in (shares or {}).items():
        texts = dict.fromkeys((format_percent(first), format_percent(last)))
        told.append(f"{kind} {' at first, '.join(texts)}")
        if len(texts) > 1:
            told[-1] += " at last"
    return f"Share of the weighted loss: {'; '.join(told)}." if told else ""
