"""Runs on this machine: one on each GPU, or as many as cores and memory carry."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from axolotl_explain.sweep.backend import Environment, OnStep
from axolotl_explain.sweep.commands import Commands
from axolotl_explain.sweep.machine import Machine, this_machine
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.warm_start import can_start_warm


@dataclass(slots=True)
class LocalBackend:
    """Executes each run by commands of its own; see `Backend` for the methods."""

    machine: Machine = field(default_factory=this_machine)
    commands: Commands = field(default_factory=Commands)

    def __post_init__(self) -> None:
        """A process that has looked at a GPU must not be forked."""
        self.commands.warm = can_start_warm() and not self.has_gpu

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""
        return bool(self.machine.gpus)

    def ready(self, out: Path) -> AbstractContextManager[str]:
        """This machine always is."""
        return nullcontext("")

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """The environment of each slot."""
        return self.machine.slots(jobs or self.machine.default_jobs(runs))

    def memory_gate(self) -> MemoryGate | None:
        """A gate on the free memory of this machine."""
        return MemoryGate()

    def execute(self, run: SweepRun, slot: Environment, on_step: OnStep) -> None:
        """Execute one run to its end."""
        run.execute(self.commands, slot, on_step)

    def stop(self) -> None:
        """End the commands that run, and start no others."""
        self.commands.stop()
