"""Runs on a cluster, by Ray: https://docs.ray.io

All machines see the folder that the sweep is started in, at the same path, and have the
same packages.
"""

from __future__ import annotations

import os
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.backend import Environment, OnStep
from axolotl_explain.sweep.commands import Commands, StoppedError
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import EVALUATING, TRAINING, SweepRun
from axolotl_explain.sweep.run_file import read_state

QUEUED = "queued"
POLL_INTERVAL = 1.0
"""Seconds between two looks at a run."""


class RayBackend:
    """Hands each run to Ray, which finds a GPU for it; without GPUs, a core.

    A run whose machine is lost goes on from its checkpoint on another one. See
    `Backend` for the methods.
    """

    def __init__(self) -> None:
        """Join the cluster that RAY_ADDRESS names or that runs here; else start one.

        Raises:
            ExplainError: if Ray is not installed.
        """
        try:
            import ray
        except ImportError:
            raise ExplainError(
                "--ray: Ray is not installed; `pip install ray` installs it, and "
                "without --ray the runs go to this machine."
            ) from None
        self.ray = ray
        ray.init(log_to_driver=False, ignore_reinit_error=True)
        resources = ray.cluster_resources()
        self.gpus = int(resources.get("GPU", 0))
        self.cores = int(resources.get("CPU", 1))
        self.tasks: set[Any] = set()
        self.stopped = False

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""
        return self.gpus > 0

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """The environment of each slot; without `jobs`, one for each GPU or core."""
        jobs = jobs or max(1, min(runs, self.gpus or self.cores))
        threads = str(max(1, self.cores // jobs))
        return [{"OMP_NUM_THREADS": threads} for _ in range(jobs)]

    def memory_gate(self) -> MemoryGate | None:
        """None: Ray looks after the memory of each machine."""
        return None

    def execute(self, run: SweepRun, slot: Environment, on_step: OnStep) -> None:
        """Execute one run to its end, on whatever machine Ray chooses.

        Raises:
            ExplainError: if it fails, or its machine is lost again and again.
            StoppedError: if it was stopped.
        """
        resources = {"num_gpus": 1} if self.has_gpu else {"num_cpus": 1}
        remote = self.ray.remote(_execute).options(**resources)
        task = remote.remote(run, dict(slot), os.getcwd())
        self.tasks.add(task)
        try:
            self._wait(task, run, on_step)
            self.ray.get(task)
        except self.ray.exceptions.RayError as error:
            if self.stopped:
                raise StoppedError from None
            cause = getattr(error, "cause", error)
            if isinstance(cause, ExplainError):
                raise ExplainError(str(cause)) from None
            raise ExplainError(f"{run.name}: Ray says: {error}") from None
        finally:
            self.tasks.discard(task)

    def stop(self) -> None:
        """End what runs; the guards end the commands once Ray's workers are gone."""
        self.stopped = True
        for task in list(self.tasks):
            self.ray.cancel(task, force=True)

    def _wait(self, task: Any, run: SweepRun, on_step: OnStep) -> None:
        """Report the steps of a run, as its folder shows them, until it has ended."""
        reported = QUEUED
        on_step(reported)
        while not self.ray.wait([task], timeout=POLL_INTERVAL)[0]:
            state = read_state(run.folder)
            if state is None or not run.progress_file.is_file():
                continue
            step = EVALUATING if state.trained else TRAINING
            if step != reported:
                reported = step
                on_step(step)


def _execute(run: SweepRun, environment: dict[str, str], folder: str) -> None:
    """What a worker of the cluster does."""
    os.chdir(folder)
    run.execute(Commands(), environment, lambda step: None)
