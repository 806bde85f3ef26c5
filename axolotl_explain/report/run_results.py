"""One run: its completions, its metrics, what it was trained with, its curves."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.description import describe
from axolotl_explain.recipe.explain_file import read_explain_file
from axolotl_explain.recipe.folder_recipe import recipe_of
from axolotl_explain.report.level_results import LevelResults, level_results
from axolotl_explain.report.number_format import format_parameters
from axolotl_explain.results.changed_steps import ChangedSteps, read_changed_steps
from axolotl_explain.results.completion import UNRECORDED, Completion
from axolotl_explain.results.curves import Curve, read_curves, tokens_trained
from axolotl_explain.results.find_runs import RunFolder
from axolotl_explain.results.json_values import (
    as_integer,
    as_list,
    as_mapping,
    as_text,
)
from axolotl_explain.results.lenient import read_object, readable_completions
from axolotl_explain.results.loss_curves import LossesByKind, read_losses_by_kind
from axolotl_explain.results.run_settings import Settings, run_settings
from axolotl_explain.results.step_files import step_files
from axolotl_explain.results.store import COMPLETIONS, FORMAT, METRICS
from axolotl_explain.results.trained_recipe import (
    find_recipe,
    train_rows,
    trained_recipe,
)
from axolotl_explain.results.tuned_keys import tuned_keys


@dataclass(frozen=True, slots=True)
class RunResults:
    """Everything that the report shows of one run."""

    name: str
    folder: Path
    levels: Sequence[LevelResults]
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
    losses: LossesByKind = field(default_factory=LossesByKind)
    """During training, of explanations and of answers."""
    tuned: frozenset[str] = frozenset()
    """Keys of the recipe that a sweep has chosen for its arm."""
    changed_steps: Sequence[ChangedSteps] = ()
    """What was answered behind explanations with a changed step."""
    shots: int = 0
    """Solved rows in front of each question to its base model."""
    tokens_trained: int | None = None
    """As the training logged them: in the loss, else all."""

    @property
    def settings(self) -> Settings:
        """What must agree with another run's for their levels to be compared."""
        return run_settings(self.recipe, self.base_model, self.train_rows, self.tuned)

    @property
    def only_level(self) -> str:
        """The level that its trained model was evaluated at; "" for several."""
        levels = {one.level for one in self.levels if one.model is not None}
        return levels.pop() if len(levels) == 1 else ""

    @property
    def model_name(self) -> str:
        """The base model, with its size where that is known.

        One made from scratch lies in a folder for each seed of its weights, so its
        kind stands for it.
        """
        made = as_mapping(as_mapping(self.recipe.get("scratch_model")).get("config"))
        kind = made.get("model_type")
        name = f"{kind} from scratch" if kind else self.base_model or "the model"
        size = self.num_parameters
        return name if size is None else f"{name} ({format_parameters(size)})"


def read_run_results(run: RunFolder, name: str, notes: list[str]) -> RunResults:
    """Read all files of a run.

    Args:
        notes: gets a sentence for everything that could not be read.
    """
    metrics, completions = _read_evaluation(run, name, notes)
    recipe = find_recipe(metrics, run.evaluation or run.folder, notes)
    recipe = recipe or _told_by_folder(run.training)
    versions = as_mapping(metrics.get("versions"))
    stored = [str(one) for one in as_list(metrics.get("explanations"))]
    return RunResults(
        name=name,
        folder=run.folder,
        levels=level_results(metrics, completions),
        curves=read_curves(run.training, notes) if run.training else [],
        recipe_name=str(metrics.get("recipe") or ""),
        recipe=recipe,
        base_model=as_text(metrics.get("base_model"))
        or as_text(recipe.get("base_model")),
        num_parameters=as_integer(metrics.get("num_parameters")),
        seed=as_integer(metrics.get("seed", recipe.get("seed"))),
        train_rows=train_rows(recipe),
        max_train_length=_longest_trained(metrics, recipe),
        versions={str(key): str(value) for key, value in versions.items()},
        explanations=stored or describe(recipe),
        losses=(
            read_losses_by_kind(run.training, notes) if run.training else LossesByKind()
        ),
        tuned=tuned_keys(run.folder),
        changed_steps=(
            read_changed_steps(run.evaluation, notes) if run.evaluation else []
        ),
        shots=as_integer(as_mapping(metrics.get("settings")).get("shots")) or 0,
        tokens_trained=tokens_trained(run.training) if run.training else None,
    )


def _told_by_folder(training: Path | None) -> dict[str, Any]:
    """The recipe in the card of a trained folder, or what its explain.json tells."""
    if training is None:
        return {}
    if card := trained_recipe(str(training)):
        return card
    try:
        return recipe_of(read_explain_file(training))
    except ExplainError:
        return {}


def _read_evaluation(
    run: RunFolder, name: str, notes: list[str]
) -> tuple[dict[str, Any], list[Completion]]:
    """The content of metrics.json and the completions, as far as there are any."""
    folder = run.evaluation
    if folder is None:
        last = step_files(run.folder)[-1]
        notes.append(
            f"{run.folder}: not evaluated after training; what it shows are the "
            f"completions of {last.name}, made during training."
        )
        return {}, _filled(readable_completions(last, notes), last.stem, name)
    metrics: dict[str, Any] = {}
    if (folder / METRICS).is_file():
        metrics = read_object(folder / METRICS, notes)
        if metrics.get("format", FORMAT) != FORMAT:
            notes.append(
                f"{folder / METRICS}: of another version (format "
                f"{metrics['format']}, not {FORMAT}); some of it may be missing here."
            )
    if not (folder / COMPLETIONS).is_file():
        return metrics, []
    found = readable_completions(folder / COMPLETIONS, notes)
    data, model = str(metrics.get("data") or "data"), metrics.get("model", name)
    return metrics, _filled(found, data, as_text(model))


def _filled(
    completions: list[Completion], data: str, model: str | None
) -> list[Completion]:
    """Completions with data and model named, where their file does not say them."""
    return [
        one
        if one.data and one.model != UNRECORDED
        else replace(
            one,
            data=one.data or data,
            model=model if one.model == UNRECORDED else one.model,
        )
        for one in completions
    ]


def _longest_trained(
    metrics: Mapping[str, Any], recipe: Mapping[str, Any]
) -> int | None:
    stored = as_integer(metrics.get("max_train_length"))
    options = as_mapping(as_mapping(recipe.get("task_data")).get("options"))
    return stored if stored is not None else as_integer(options.get("max_length"))


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


def merged_versions(runs: Iterable[RunResults]) -> dict[str, str]:
    """Package -> version, or all versions where runs differ."""
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for package, version in run.versions.items():
            found.setdefault(package, {})[version] = None
    return {package: ", ".join(each) for package, each in found.items()}
