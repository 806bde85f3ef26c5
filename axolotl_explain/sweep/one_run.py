"""One run: a recipe trained and evaluated by the usual commands, kept, and resumed.

Its folder is the output_dir of the training. `run.json` in it says what the run is made
of, by fingerprints, and how far it has come.
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
from axolotl_explain.results.store import METRICS
from axolotl_explain.support.progress_file import PROGRESS, VARIABLE
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.archive import set_aside
from axolotl_explain.sweep.commands import Commands, lock_of
from axolotl_explain.sweep.locks import wait_until_free
from axolotl_explain.sweep.run_file import Kept, read_kept, write_kept

TRAINING, EVALUATING = "training", "evaluating"
CPU = ("accelerate", "launch", "--cpu", "--quiet", "-m", "axolotl.cli.train")
GPU = (
    *("accelerate", "launch", "--num_processes", "1", "--quiet"),
    *("-m", "axolotl.cli.train"),
)

Stage = Literal["new", "changed", "interrupted", "trained", "finished"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, in a folder of its own.

    Attributes:
        recipe: the file that is written for it.
        content: what goes into that file.
        data: what it is evaluated on.
        asked: further options of `axolotl explain eval`.
        training: fingerprint of all that decides the model.
        evaluation: fingerprint of all that decides the results.
        aside: folder for the results of other recipes that stood in its place.
        cpu: whether it is trained without a GPU.
    """

    name: str
    recipe: Path
    content: Mapping[str, Any]
    folder: Path
    data: Sequence[str]
    training: str
    evaluation: str
    aside: Path
    asked: Sequence[str] = ()
    cpu: bool = True

    @property
    def results(self) -> Path:
        """Where metrics.json and completions.jsonl are kept."""
        return self.folder / "evaluation"

    @property
    def log(self) -> Path:
        """What the commands have printed."""
        return self.folder / "commands.log"

    @property
    def progress(self) -> Path:
        """What the command that runs has done so far (`progress_file`)."""
        return self.folder / PROGRESS

    def commands(self) -> dict[str, list[str]]:
        """What a user would type, by the name of the step."""
        evaluate = ["axolotl_explain", "eval", "--recipe", str(self.recipe)]
        evaluate += ["--model", str(self.folder)]
        for path in self.data:
            evaluate += ["--data", path]
        evaluate += [*self.asked, "--out", str(self.results)]
        train = [*(CPU if self.cpu else GPU), str(self.recipe)]
        return {TRAINING: train, EVALUATING: evaluate}

    def stage(self) -> Stage:
        """How far it has come."""
        kept = read_kept(self.folder)
        if kept is None:
            # A model that something else has trained there is not this run's.
            return "changed" if self.folder.is_dir() else "new"
        if kept.training != self.training:
            return "changed"
        if not kept.trained:
            return "interrupted"
        evaluated = kept.evaluation == self.evaluation
        whole = evaluated and (self.results / METRICS).is_file()
        return "finished" if whole else "trained"

    def carry_out(
        self,
        commands: Commands,
        environment: Mapping[str, str],
        on_step: Callable[[str], None],
    ) -> None:
        """Train and evaluate, as far as that is not done.

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
            set_aside(self.folder, self.aside)
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = read_kept(self.folder) or Kept(self.training)
        write_kept(self.folder, kept)
        self._write_recipe()
        for step, command in self.commands().items():
            if step == TRAINING and kept.trained:
                continue
            if step == TRAINING:
                discard_broken_checkpoints(self.folder)
            on_step(step)
            kept = self._step(step, command, kept, commands, environment)
            write_kept(self.folder, kept)
            if step == TRAINING:
                self._discard_prepared()

    def _step(
        self,
        step: str,
        command: list[str],
        kept: Kept,
        commands: Commands,
        environment: Mapping[str, str],
    ) -> Kept:
        self.progress.unlink(missing_ok=True)
        told = {**environment, VARIABLE: str(self.progress)}
        try:
            outcome = commands.run(command, self.folder, self.log, told)
        except ExplainError as error:
            raise ExplainError(f"{step} {self.name} {error}") from None
        finally:
            self.progress.unlink(missing_ok=True)
        return replace(
            kept,
            trained=True,
            evaluation=self.evaluation if step == EVALUATING else None,
            seconds={**kept.seconds, step: outcome.seconds},
            peak_memory=max(kept.peak_memory, outcome.peak_memory),
        )

    def _discard_prepared(self) -> None:
        """Remove the data that Axolotl has prepared: nobody else reads them."""
        folder = self.content.get("dataset_prepared_path")
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _write_recipe(self) -> None:
        text = yaml.safe_dump(dict(self.content), sort_keys=False)
        self.recipe.parent.mkdir(parents=True, exist_ok=True)
        if not self.recipe.is_file() or self.recipe.read_text("utf-8") != text:
            write_whole(self.recipe, text)


def discard_broken_checkpoints(folder: Path) -> None:
    """Remove checkpoints that were being written when their training was killed.

    transformers writes `trainer_state.json` last, so one without it is not whole.
    """
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            json.loads((checkpoint / "trainer_state.json").read_text("utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(checkpoint)
