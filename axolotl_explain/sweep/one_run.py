"""One run: a recipe trained and evaluated by the usual commands, kept, and resumed.

Its folder is the output_dir of the training. `run.json` in it says what the run was
made from, by fingerprints, and how far it has come. A run whose recipe takes
explanations away again is trained as a chain, and its kept stage is evaluated.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.internalise_options import is_chain
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.results.chain_record import KEPT
from axolotl_explain.results.store import METRICS
from axolotl_explain.support.progress_file import PROGRESS, VARIABLE
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.archive import archive_run
from axolotl_explain.sweep.commands import Commands, lock_of
from axolotl_explain.sweep.locks import wait_until_free
from axolotl_explain.sweep.run_file import RunState, read_state, write_state

WRITTEN = (
    "# Written by axolotl-explain, which writes it anew: change what it is made from.\n"
)
TRAINING, EVALUATING = "training", "evaluating"
CHAIN = "chain"
CPU = ("accelerate", "launch", "--cpu", "--quiet", "-m", "axolotl.cli.train")
GPU = (
    *("accelerate", "launch", "--num_processes", "1", "--quiet"),
    *("-m", "axolotl.cli.train"),
)

Stage = Literal["new", "changed", "interrupted", "trained", "finished"]
"""How far a run has come; `changed` is one of another recipe, in the same folder."""


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One run, in a folder of its own.

    Attributes:
        recipe_file: written before the training, with `recipe` as its content.
        eval_data: files of rows, or hub datasets, that it is evaluated on.
        training_fingerprint: of everything that determines the model.
        evaluation_fingerprint: of everything that determines the results.
        archive: where runs of other recipes go that are found in `folder`.
        eval_options: further options of `axolotl explain eval`.
        cpu: whether it is trained without a GPU.
        given: a trained folder that is evaluated, where nothing is to be trained.
        untrained: whether the base model itself is evaluated.
    """

    name: str
    recipe_file: Path
    recipe: Mapping[str, Any]
    folder: Path
    eval_data: Sequence[str]
    training_fingerprint: str
    evaluation_fingerprint: str
    archive: Path
    eval_options: Sequence[str] = ()
    cpu: bool = True
    given: Path | None = None
    untrained: bool = False

    @property
    def chain(self) -> Path | None:
        """The folder of its stages; None where it is a single training."""
        return self.folder / CHAIN if is_chain(self.recipe) else None

    @property
    def results(self) -> Path:
        """Where metrics.json and completions.jsonl are kept."""
        return self.folder / "evaluation"

    @property
    def log(self) -> Path:
        """What the commands have printed."""
        return self.folder / "commands.log"

    @property
    def progress_file(self) -> Path:
        """Where the command that runs writes how far it has come."""
        return self.folder / PROGRESS

    def commands(self) -> dict[str, list[str]]:
        """What a user would type, by the name of the step."""
        recipe, model = str(self.recipe_file), self.given or self.folder
        train = [*(CPU if self.cpu else GPU), recipe]
        if self.chain is not None:
            train = ["axolotl-explain", "internalise", recipe, "--in-place"]
            train += ["--out", str(self.chain)]
            model = self.chain / KEPT
        evaluate = ["axolotl-explain", "eval", "--recipe", recipe]
        evaluate += [] if self.untrained else ["--model", str(model)]
        for path in self.eval_data:
            evaluate += ["--data", path]
        evaluate += [*self.eval_options, "--out", str(self.results)]
        if self.given is not None or self.untrained:
            return {EVALUATING: evaluate}
        return {TRAINING: train, EVALUATING: evaluate}

    def stage(self) -> Stage:
        """How far it has come."""
        state = read_state(self.folder)
        if state is None:
            # A model that something else has trained there is not this run's.
            return "changed" if self.folder.is_dir() else "new"
        if state.training != self.training_fingerprint:
            return "changed"
        if not state.trained:
            return "interrupted"
        evaluated = state.evaluation == self.evaluation_fingerprint
        whole = evaluated and (self.results / METRICS).is_file()
        return "finished" if whole else "trained"

    def execute(
        self,
        commands: Commands,
        environment: Mapping[str, str],
        on_step: Callable[[str], None],
    ) -> None:
        """Train and evaluate, as far as that is not done yet.

        Args:
            on_step: called with the name of each step as it begins.

        Raises:
            ExplainError: if a command fails, with its last lines.
            StoppedError: if the commands were stopped.
        """
        wait_until_free(lock_of(self.folder))
        stage = self.stage()
        if stage == "finished":
            return
        if stage == "changed":
            archive_run(self.folder, self.archive)
        self.folder.mkdir(parents=True, exist_ok=True)
        state = read_state(self.folder) or RunState(self.training_fingerprint)
        write_state(self.folder, state)
        self.write_recipe()
        if self.untrained and self.recipe.get("task_data") is not None:
            ensure_task_data(self.recipe["task_data"])
        for step, command in self.commands().items():
            if step == TRAINING and state.trained:
                continue
            if step == TRAINING:
                discard_broken_checkpoints(self.folder)
                self._discard_half_prepared()
            on_step(step)
            state = self._step(step, command, state, commands, environment)
            write_state(self.folder, state)
            if step == TRAINING:
                self._discard_prepared()

    def _step(
        self,
        step: str,
        command: list[str],
        state: RunState,
        commands: Commands,
        environment: Mapping[str, str],
    ) -> RunState:
        self.progress_file.unlink(missing_ok=True)
        variables = {**environment, VARIABLE: str(self.progress_file)}
        try:
            result = commands.run(command, self.folder, self.log, variables)
        except ExplainError as error:
            raise ExplainError(f"{step} {self.name} {error}") from None
        finally:
            self.progress_file.unlink(missing_ok=True)
        return replace(
            state,
            trained=True,
            evaluation=self.evaluation_fingerprint if step == EVALUATING else None,
            seconds={**state.seconds, step: result.seconds},
            peak_memory=max(state.peak_memory, result.peak_memory),
        )

    def _discard_prepared(self) -> None:
        """Remove the data that Axolotl has prepared, which no other run reads."""
        folder = self.recipe.get("dataset_prepared_path")
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _discard_half_prepared(self) -> None:
        """Remove prepared data that were being saved when their training was killed.

        Axolotl takes any folder for whole; `datasets` writes dataset_info.json last.
        """
        folder = self.recipe.get("dataset_prepared_path")
        for prepared in Path(folder).glob("*/") if folder is not None else ():
            if not is_whole_json(prepared / "dataset_info.json"):
                shutil.rmtree(prepared)

    def write_recipe(self) -> None:
        """Write the recipe, unless it stands there already."""
        text = WRITTEN + yaml.safe_dump(dict(self.recipe), sort_keys=False)
        file = self.recipe_file
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_file() or file.read_text("utf-8") != text:
            write_whole(file, text)


def discard_broken_checkpoints(folder: Path) -> None:
    """Remove checkpoints that were being written when their training was killed.

    transformers writes `trainer_state.json` last, so one without it is not whole.
    """
    for checkpoint in folder.glob("checkpoint-*"):
        if not is_whole_json(checkpoint / "trainer_state.json"):
            shutil.rmtree(checkpoint)


def is_whole_json(path: Path) -> bool:
    """Whether a file is there and was written to its end."""
    try:
        json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True
