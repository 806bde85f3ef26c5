"""An arm of the demo: one recipe file, trained and evaluated by the usual commands.

What is finished is kept: a stamp beside the results says which recipe made them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.errors import ExplainError
from axolotl_explain.evaluation.store import METRICS, write_whole
from axolotl_explain.levels import Level

STAMP = "finished.json"
LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Arm:
    """One level of the demo, in a folder of its own."""

    level: Level
    recipe: Path
    folder: Path
    data: Path
    """The test split."""

    @property
    def evaluation(self) -> Path:
        """Where metrics.json and completions.jsonl are kept."""
        return self.folder / "evaluation"

    @property
    def log(self) -> Path:
        """What the commands have printed."""
        return self.folder / "commands.log"

    def commands(self) -> dict[str, list[str]]:
        """What a user would type, by the name of the step."""
        train = ["accelerate", "launch", "--cpu", "--quiet", "-m", "axolotl.cli.train"]
        evaluate = ["axolotl_explain", "eval", "--recipe", str(self.recipe)]
        evaluate += ["--model", str(self.folder), "--data", str(self.data)]
        evaluate += ["--batch-size", "250", "--out", str(self.evaluation)]
        return {"training": [*train, str(self.recipe)], "evaluating": evaluate}

    def finished(self) -> bool:
        """Whether results of this very recipe are there."""
        stamp = self.folder / STAMP
        if not (stamp.is_file() and (self.evaluation / METRICS).is_file()):
            return False
        return bool(json.loads(stamp.read_text("utf-8"))["recipe"] == self._digest())

    def discard_other(self) -> None:
        """Remove the results of another recipe; keep an interrupted run of this one."""
        stamp = self.folder / STAMP
        started = self.folder / "started.json"
        if stamp.is_file() or (
            started.is_file() and started.read_text("utf-8") != self._digest()
        ):
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(started, self._digest())

    def run(self, threads: int, on_step: Callable[[str], None]) -> None:
        """Train and evaluate, unless that is done.

        Args:
            threads: processor cores to use.
            on_step: called with the name of each step as it begins.

        Raises:
            ExplainError: if a command fails, with its last lines.
        """
        if self.finished():
            return
        self.discard_other()
        for step, command in self.commands().items():
            on_step(step)
            self._command(step, command, threads)
        write_whole(self.folder / STAMP, json.dumps({"recipe": self._digest()}) + "\n")

    def metrics(self) -> dict[str, Any]:
        """The metrics of this level."""
        text = (self.evaluation / METRICS).read_text("utf-8")
        levels: dict[str, dict[str, Any]] = json.loads(text)["levels"]
        return {**levels[self.level], "steps": self._steps()}

    def _steps(self) -> int:
        states = sorted(
            self.folder.glob("checkpoint-*/trainer_state.json"),
            key=lambda path: int(path.parent.name.rpartition("-")[2]),
        )
        return int(json.loads(states[-1].read_text("utf-8"))["global_step"])

    def _digest(self) -> str:
        return hashlib.sha256(self.recipe.read_bytes()).hexdigest()

    def _command(self, step: str, command: list[str], threads: int) -> None:
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "AXOLOTL_DO_NOT_TRACK": os.environ.get("AXOLOTL_DO_NOT_TRACK", "1"),
            "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1"),
        }
        module = {"accelerate": "accelerate.commands.accelerate_cli"}
        line = [sys.executable, "-m", module.get(command[0], command[0]), *command[1:]]
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            code = subprocess.run(
                line, stdout=log, stderr=log, env=environment, check=False
            ).returncode
        if code:
            tail = self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
            raise ExplainError(
                f"{step} at level {self.level} ended with exit code {code}; the last "
                f"lines of {self.log}:\n  " + "\n  ".join(tail)
            )
