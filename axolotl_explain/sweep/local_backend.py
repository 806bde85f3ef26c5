"""Runs on this machine: one on each GPU, or as many as cores and memory carry."""

from __future__ import annotations

from dataclasses import dataclass, field

from axolotl_explain.sweep.commands import Commands
from axolotl_explain.sweep.machine import Machine, this_machine
from axolotl_explain.sweep.one_run import Run
from axolotl_explain.sweep.scheduler import Environment, Memory, OnStep


@dataclass(slots=True)
class Local:
    """Carries out each run by commands of its own."""

    machine: Machine = field(default_factory=this_machine)
    commands: Commands = field(default_factory=Commands)

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""
        return bool(self.machine.gpus)

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """One environment for each run at a time."""
        return self.machine.slots(jobs or self.machine.default_jobs(runs))

    def memory(self) -> Memory | None:
        """What keeps runs from beginning where there is no room for them."""
        return Memory()

    def carry_out(self, run: Run, slot: Environment, on_step: OnStep) -> None:
        """Carry out one run to its end."""
        run.carry_out(self.commands, slot, on_step)

    def stop(self) -> None:
        """End the commands that run, and begin no others."""
        self.commands.stop()
