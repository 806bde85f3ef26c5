"""Runs on a cluster, by Ray: https://docs.ray.io

All machines see the folders of the sweep at the same paths and have the same packages,
which is checked before anything trains.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.backend import Environment, MachineLostError, OnStep
from axolotl_explain.sweep.commands import Commands, StoppedError, lock_of
from axolotl_explain.sweep.locks import wait_until_free
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.node_probe import marks_in, trouble
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.ray_cluster import (
    check_nodes,
    described,
    join_cluster,
    nodes_of,
    unshared,
    useful,
)
from axolotl_explain.sweep.warm_start import can_start_warm

CARRIED = (
    *("AXOLOTL_", "COMET_", "DATASETS_", "DO_NOT_TRACK", "HF_", "LOG_LEVEL", "MLFLOW_"),
    *("PYTORCH_", "TOKENIZERS_", "TRANSFORMERS_", "WANDB_"),
)
"""How the variables begin that a run gets from the environment of the sweep."""

POLL_INTERVAL = 1.0
"""Seconds between two looks at whether a run that waits can still begin."""


class RayBackend:
    """Hands each run to Ray, which finds a GPU for it; without GPUs, cores.

    A run whose machine is lost ends in a `MachineLostError`, so that the scheduler says
    so and begins it again. See `Backend` for the methods.
    """

    def __init__(self) -> None:
        """Join a cluster; see `join_cluster`.

        Raises:
            ExplainError: if that fails, or no machine of it can train.
        """
        self.ray = join_cluster()
        self.nodes = nodes_of(self.ray)
        able = useful(self.nodes)
        if not able:
            raise ExplainError(
                f"--ray: no machine of the cluster has a core or a GPU for runs: "
                f"{', '.join(map(str, self.nodes))}. Start Ray with `--num-cpus` or "
                "`--num-gpus` there, or add a machine with `ray start --address=…`."
            )
        self.gpus = sum(one.gpus for one in able)
        self.cores = sum(one.cores for one in able)
        self.fewest_cores = min(one.cores for one in able)
        self.marks: Sequence[str] = ()
        self.tasks: dict[str, Any] = {}
        self.stopped = False
        self.lock = threading.Lock()

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""
        return self.gpus > 0

    @contextmanager
    def ready(self, out: Path) -> Iterator[str]:
        """Hold all machines ready for the sweep; see `Backend`."""
        here = Path.cwd()
        folders = [out] if out.resolve().is_relative_to(here) else [here, out]
        with marks_in(folders) as self.marks:
            check_nodes(self.ray, useful(self.nodes), self.marks)
            yield described(self.nodes)

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """The environment of each slot; without `jobs`, one for each GPU or core.

        All have as many threads, so that a run gives the same wherever it is trained.
        """
        jobs = jobs or max(1, min(runs, self.gpus or self.cores))
        threads = max(1, min(self.cores // jobs, self.fewest_cores))
        return [{"OMP_NUM_THREADS": str(threads)} for _ in range(jobs)]

    def memory_gate(self) -> MemoryGate | None:
        """None: Ray looks after the memory of each machine."""
        return None

    def execute(self, run: SweepRun, slot: Environment, on_step: OnStep) -> None:
        """Execute one run to its end, on whatever machine Ray chooses.

        Raises:
            ExplainError: if it fails.
            MachineLostError: if its machine is lost.
            StoppedError: if it was stopped.
        """
        told = self._submit(run, slot)
        machine = "a machine of the cluster"
        try:
            self._wait_until_begun(told)
            node = self.ray.get(next(told))
            machine = self._name(node)
            for said in told:
                on_step(self.ray.get(said))
        except self.ray.exceptions.RayError as error:
            if not self.stopped:
                raise self._meaning(machine, error) from None
            wait_until_free(lock_of(run.folder))
            raise StoppedError from None
        finally:
            self.tasks.pop(run.name, None)

    def stop(self) -> None:
        """End what runs; the guards end the commands once Ray's workers are gone."""
        with self.lock:
            self.stopped = True
        for told in list(self.tasks.values()):
            self.ray.cancel(told, force=True)

    def _submit(self, run: SweepRun, slot: Environment) -> Any:
        """Give a run to Ray; what it tells while it runs, as it comes."""
        carried = {
            key: os.environ[key] for key in os.environ if key.startswith(CARRIED)
        }
        needs = {"num_cpus": int(slot["OMP_NUM_THREADS"])}
        if self.has_gpu:
            needs = {"num_cpus": 0, "num_gpus": 1}
        options = {**needs, "max_retries": 0, "num_returns": "streaming"}
        remote = self.ray.remote(_execute).options(**options)
        with self.lock:
            if self.stopped:
                raise StoppedError
            told = remote.remote(run, {**carried, **slot}, os.getcwd(), self.marks)
            self.tasks[run.name] = told
        return told

    def _wait_until_begun(self, told: Any) -> None:
        """Wait for a machine, while there is any."""
        while not self.ray.wait([told], timeout=POLL_INTERVAL)[0]:
            left = nodes_of(self.ray)
            if not any(one.gpus if self.has_gpu else one.cores for one in left):
                self.ray.cancel(told, force=True)
                raise ExplainError(
                    "all machines of the cluster that it could run on are lost; start "
                    "Ray on some again, and then the sweep, which goes on where it was."
                )

    def _name(self, node: str) -> str:
        """What a machine is called, also one that has joined since the beginning."""
        known = {one.id: str(one) for one in (*self.nodes, *nodes_of(self.ray))}
        return known.get(node, f"node {node[:8]}")

    def _meaning(self, machine: str, error: Exception) -> ExplainError:
        """What an error of Ray says about a run on a machine."""
        known = self.ray.exceptions
        if isinstance(error, known.NodeDiedError):
            return MachineLostError(f"{machine} is lost")
        if isinstance(error, known.OutOfMemoryError):
            return MachineLostError(f"the memory of {machine} ran out, says Ray")
        if isinstance(error, known.WorkerCrashedError | known.LocalRayletDiedError):
            return MachineLostError(f"Ray's worker on {machine} was lost")
        cause = getattr(error, "cause", error)
        if isinstance(cause, ExplainError):
            return ExplainError(str(cause))
        return ExplainError(f"{machine}: Ray says: {error}")


def _execute(
    run: SweepRun, environment: dict[str, str], folder: str, marks: Sequence[str]
) -> Iterator[str]:
    """What a worker of the cluster does: tell its node, then each step as it begins.

    Raises:
        ExplainError: if the run fails, or this machine has joined the cluster later and
            does not share the folders.
    """
    import ray

    yield ray.get_runtime_context().get_node_id()
    for mark in marks:
        if what := trouble(mark):
            raise ExplainError(f"{platform.node()} {unshared(mark, what)}")
    os.environ.update(environment)
    os.chdir(folder)
    steps: SimpleQueue[str | None] = SimpleQueue()
    commands = Commands(warm=run.cpu and can_start_warm())
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(run.execute, commands, environment, steps.put)
        ended.add_done_callback(lambda _: steps.put(None))
        # Not `yield from`: Ray sends values into the generator, which a queue lacks.
        for step in iter(steps.get, None):  # noqa: UP028
            yield step
        ended.result()
