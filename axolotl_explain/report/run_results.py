"""One run: its completions, its metrics, what it was trained with, its curves."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.described import said
from axolotl_explain.results.counts import Summary, from_metrics, summarise
from axolotl_explain.results.curves import Curve, read_curves
from axolotl_explain.results.lenient import listed, mapping, read_object, read_records
from axolotl_explain.results.record import NOT_SAID, Record
from axolotl_explain.results.run_folders import Place, training_steps
from axolotl_explain.results.run_settings import find_recipe, setting, train_rows
from axolotl_explain.results.store import COMPLETIONS, FORMAT, METRICS


@dataclass(frozen=True, slots=True)
class Group:
    """One model on one data file at one level."""

    data: str
    model: str | None
    """None: the base model, as it was before training."""
    level: str
    summary: Summary
    records: Sequence[Record] = ()
    by: Mapping[str, Any] = field(default_factory=dict)
    """Metrics by field of `meta`, as stored; used where completions are missing."""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that the report shows of one run."""

    name: str
    folder: Path
    groups: Sequence[Group]
    curves: Sequence[Curve]
    recipe_name: str
    recipe: Mapping[str, Any]
    base_model: str | None
    num_parameters: int | None
    seed: int | None
    train_rows: int | None
    max_train_length: int | None
    versions: Mapping[str, str]
    explanations: Sequence[str] = ()
    """What was done to them before training, a sentence each."""

    @property
    def setting(self) -> tuple[tuple[str, str], ...]:
        """What must agree with another run's for their levels to be compared."""
        return setting(self.recipe, self.base_model, self.train_rows)


def read_run(place: Place, name: str, notes: list[str]) -> Run:
    """Read all files of a run.

    Args:
        notes: gets a sentence for everything that could not be read.
    """
    head: dict[str, Any] = {}
    records: list[Record] = []
    if place.evaluation is None:
        last = training_steps(place.folder)[-1]
        records = _filled(read_records(last, notes), last.stem, name)
        notes.append(
            f"{place.folder}: not evaluated after training; what it shows are the "
            f"completions of {last.name}, made during training."
        )
    else:
        if (place.evaluation / METRICS).is_file():
            head = read_object(place.evaluation / METRICS, notes)
            if head.get("format", FORMAT) != FORMAT:
                notes.append(
                    f"{place.evaluation / METRICS}: of another version (format "
                    f"{head['format']}, not {FORMAT}); some of it may be missing here."
                )
        if (place.evaluation / COMPLETIONS).is_file():
            found = read_records(place.evaluation / COMPLETIONS, notes)
            model = head.get("model", name)
            records = _filled(found, str(head.get("data") or "data"), model)
    recipe = find_recipe(head, place.evaluation or place.folder, notes)
    return Run(
        name=name,
        folder=place.folder,
        groups=_groups(head, records),
        curves=read_curves(place.training, notes) if place.training else [],
        recipe_name=str(head.get("recipe") or ""),
        recipe=recipe,
        base_model=_string(head.get("base_model")) or _string(recipe.get("base_model")),
        num_parameters=_number(head.get("num_parameters")),
        seed=_number(head.get("seed", recipe.get("seed"))),
        train_rows=train_rows(recipe),
        max_train_length=_longest_trained(head, recipe),
        versions={
            str(key): str(value) for key, value in mapping(head.get("versions")).items()
        },
        explanations=[str(one) for one in listed(head.get("explanations"))]
        or said(recipe),
    )


def short_names(folders: Sequence[Path]) -> list[str]:
    """The folders' names without the path that they share.

    >>> short_names([Path("/runs/a/none"), Path("/runs/a/long")])
    ['none', 'long']
    """
    paths = [folder.resolve() for folder in folders]
    if len(set(paths)) == 1:
        return [path.name for path in paths]
    shared = os.path.commonpath(paths)
    return [
        path.relative_to(shared).as_posix() if str(path) != shared else path.name
        for path in paths
    ]


def _filled(records: list[Record], data: str, model: object) -> list[Record]:
    """Records with data and model named, where the file does not say them."""
    name = None if model is None else str(model)
    return [
        one
        if one.data and one.model != NOT_SAID
        else replace(
            one,
            data=one.data or data,
            model=name if one.model == NOT_SAID else one.model,
        )
        for one in records
    ]


def _groups(head: Mapping[str, Any], records: Sequence[Record]) -> list[Group]:
    """Counted from completions where they are kept, else taken from metrics.json."""
    kept: dict[tuple[str, str | None, str], list[Record]] = defaultdict(list)
    for one in records:
        kept[one.data, one.model, one.level].append(one)
    groups: dict[tuple[str, str | None, str], Group] = {}
    for data, model, level, entry in _stored(head):
        summary = from_metrics(mapping(entry.get("metrics")))
        if summary is not None:
            by = mapping(entry.get("by"))
            key = (data, model, level)
            groups[key] = Group(data, model, level, summary, by=by)
    for (data, model, level), members in kept.items():
        by = groups[data, model, level].by if (data, model, level) in groups else {}
        counted = summarise(members)
        groups[data, model, level] = Group(data, model, level, counted, members, by)
    return list(groups.values())


def _stored(
    head: Mapping[str, Any],
) -> list[tuple[str, str | None, str, Mapping[str, Any]]]:
    data, model = str(head.get("data") or "data"), _string(head.get("model"))
    entries = [
        entry for entry in map(mapping, listed(head.get("evaluations"))) if entry
    ]
    if not entries:
        return [
            (data, model, str(level), {"metrics": metrics})
            for level, metrics in mapping(head.get("levels")).items()
        ]
    return [
        (
            str(entry.get("data") or data),
            _string(entry["model"]) if "model" in entry else model,
            str(entry.get("level")),
            entry,
        )
        for entry in entries
    ]


def _longest_trained(head: Mapping[str, Any], recipe: Mapping[str, Any]) -> int | None:
    said = _number(head.get("max_train_length"))
    options = mapping(mapping(recipe.get("task_data")).get("options"))
    return said if said is not None else _number(options.get("max_length"))


def _string(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
