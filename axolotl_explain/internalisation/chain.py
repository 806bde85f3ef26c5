"""A base recipe -> its chain: a run for each stage, with folders and fingerprints.

OUT/stage-1.yml, stage-1/    a stage's recipe; its model, log and evaluation
OUT/data/, base/             what task_data and scratch_model make, for all stages
OUT/kept/, kept.yml          the stage that is kept, and its recipe
OUT/internalise.json         the curve: exact match and tokens of every stage
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from axolotl_explain.internalisation.explained_folder import ExplainedFolder
from axolotl_explain.internalisation.stage_recipe import stage_recipe
from axolotl_explain.recipe.internalise_options import (
    InternaliseOptions,
    internalise_block,
)
from axolotl_explain.sweep.grid_runs import GridRun
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_fingerprint import (
    evaluation_fingerprint,
    generated_folders,
    training_fingerprint,
)
from axolotl_explain.sweep.run_folders import (
    EARLIER,
    RunFolders,
    relocate,
    with_folders,
)
from axolotl_explain.targets.stages import num_stages


@dataclass(frozen=True, slots=True)
class ExplanationUnits:
    """What the training rows hold.

    Attributes:
        longest: units of the longest explanation.
        rows: training rows.
        explained: those of them with an explanation.
    """

    longest: int
    rows: int
    explained: int


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What every stage is asked.

    Attributes:
        held_out: files of rows by which a stage is chosen.
        tests: files that only say how good the choice is.
        options: further options of `axolotl explain eval`.
    """

    held_out: Sequence[str]
    tests: Sequence[str] = ()
    options: Sequence[str] = ()

    @property
    def data(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys([*self.held_out, *self.tests]))


@dataclass(frozen=True, slots=True)
class Chain:
    """All stages of a recipe, the first of which learns with explanations."""

    out: Path
    options: InternaliseOptions
    units: ExplanationUnits
    runs: Sequence[GridRun]
    held_out: Sequence[str]
    """As the runs name them."""
    tests: Sequence[str]

    @property
    def adapter(self) -> bool:
        """Whether stages are adapters."""
        return bool(self.runs[0].run.recipe.get("adapter"))


def own_recipe(
    base: Mapping[str, Any], out: Path, in_place: bool = False
) -> dict[str, Any]:
    """The base recipe with what it makes below the chain's folder.

    Args:
        in_place: whether data and model are made where the recipe names them.
    """
    folders = _folders(out, "stage-0")
    if in_place and base.get("task_data"):
        folders = replace(folders, data=Path(base["task_data"]["folder"]))
    if in_place and base.get("scratch_model"):
        folders = replace(folders, model=Path(base["base_model"]))
    return with_folders(base, folders)


def plan_chain(  # noqa: PLR0913
    base: Mapping[str, Any],
    out: Path,
    units: ExplanationUnits,
    asked: EvaluationPlan,
    *,
    explained: ExplainedFolder | None = None,
    cpu: bool = True,
    in_place: bool = False,
) -> Chain:
    """The runs of all stages, in order.

    Args:
        base: the recipe as it is written.
        asked: with the paths of the base recipe.
        explained: a model that has learned with explanations already.
        in_place: as `own_recipe` has it.
    """
    options = internalise_block(base) or InternaliseOptions()
    base = {**base, "explain": {"internalise": {}, **(base.get("explain") or {})}}
    own = own_recipe(base, out, in_place)
    last = num_stages(units.longest, options.step, options.max_stages)
    runs: list[GridRun] = []
    for stage in range(last + 1):
        before = runs[-1].run if runs else None
        given = explained if stage == 0 else None
        training = _fingerprint(base, stage, units.rows, before, given)
        run = SweepRun(
            name=f"stage-{stage}",
            recipe_file=_folders(out, f"stage-{stage}").recipe,
            recipe=_own_stage(own, out, stage, before, units.rows),
            folder=_folders(out, f"stage-{stage}").run,
            eval_data=_moved(asked.data, base, own),
            training_fingerprint=training,
            evaluation_fingerprint=evaluation_fingerprint(
                training, asked.data, asked.options, generated_folders(base)
            ),
            archive=out / EARLIER,
            eval_options=tuple(asked.options),
            cpu=cpu,
            given=None if given is None else given.folder,
        )
        runs.append(GridRun(run, {"stage": stage}))
    held_out = _moved(asked.held_out, base, own)
    return Chain(out, options, units, runs, held_out, _moved(asked.tests, base, own))


def _own_stage(
    own: Mapping[str, Any], out: Path, stage: int, before: SweepRun | None, rows: int
) -> dict[str, Any]:
    """The recipe of a stage, with the folders that it has in the chain."""
    weights = None if before is None else before.given or before.folder
    folders = _folders(out, f"stage-{stage}")
    return {
        **stage_recipe(own, stage, weights, rows),
        "output_dir": folders.run.as_posix(),
        "dataset_prepared_path": folders.prepared.as_posix(),
    }


def _fingerprint(
    base: Mapping[str, Any],
    stage: int,
    rows: int,
    before: SweepRun | None,
    given: ExplainedFolder | None,
) -> str:
    """Of everything that determines a stage, those before it included.

    What only says which stage is kept, or how many there are, is no part of it.
    """
    recipe = stage_recipe(base, stage, rows=rows)
    recipe["explain"]["internalise"] = _determining(recipe)
    own = training_fingerprint(recipe)
    parts = [own, before.training_fingerprint if before else ""]
    if given is not None:
        parts.append(given.fingerprint)
    if before is None and given is None:
        return own
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _determining(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What of the block changes the training of a stage."""
    options = internalise_block(recipe) or InternaliseOptions()
    cut = options.cut(0)
    if cut is None:
        return {}
    most = cut.max_stages
    return {
        **asdict(cut),
        "max_stages": most is not None and cut.stage >= most,
        "until": options.until,
        "reset_optimizer": options.reset_optimizer,
    }


def _folders(out: Path, name: str) -> RunFolders:
    return RunFolders(
        recipe=out / f"{name}.yml",
        run=out / name,
        prepared=out / "prepared" / name,
        data=out / "data",
        model=out / "base",
    )


def _moved(
    data: Sequence[str], base: Mapping[str, Any], own: Mapping[str, Any]
) -> list[str]:
    """Paths of data; those that are generated, where the chain has them."""
    block = base.get("task_data")
    moves = {str(block["folder"]): own["task_data"]["folder"]} if block else {}
    moved: list[str] = relocate(list(data), moves)
    return moved
