"""Where runs are executed: on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import SweepRun

Environment = Mapping[str, str]
"""Environment variables that a run gets besides those of this process."""

OnStep = Callable[[str], None]
"""Called with the name of each step of a run as it begins."""


class MachineLostError(ExplainError):
    """The machine that a run was executed on is lost; the run can go on on another."""


class Backend(Protocol):
    """Executes runs, one in each of its slots at a time."""

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""

    def ready(self, out: Path) -> AbstractContextManager[str]:
        """Hold everything ready for runs while the block runs.

        Args:
            out: the folder of the sweep, which is there.

        Returns:
            With a line that says where runs go; empty where that is this machine.

        Raises:
            ExplainError: if something is wrong with a machine, before anything trains.
        """

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """The environment of each slot.

        Args:
            jobs: how many slots; None lets the backend decide.
            runs: how many runs there are in all.
        """

    def memory_gate(self) -> MemoryGate | None:
        """What delays runs until there is memory for them; None if nothing has to."""

    def execute(self, run: SweepRun, slot: Environment, on_step: OnStep) -> None:
        """Execute one run to its end.

        Raises:
            ExplainError: if it fails.
            MachineLostError: if it would go on on another machine.
            StoppedError: if it was stopped.
        """

    def stop(self) -> None:
        """End the runs that are under way, and start no others."""
