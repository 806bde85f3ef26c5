"""The cores, free memory and GPUs of this machine, and how many runs they carry."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30
RUN_MEMORY = 2 * GIB
"""Bytes that a run of a small model needs, nearly all of them for PyTorch and Axolotl:
a guess, until a run has been measured."""

VISIBLE = "CUDA_VISIBLE_DEVICES"
THREADS = "OMP_NUM_THREADS"
CGROUP = Path("/sys/fs/cgroup")
MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs may use."""

    cores: int
    memory: int
    """Bytes that are free now."""
    gpus: Sequence[str] = ()
    """As CUDA_VISIBLE_DEVICES names them."""
    threads: str | None = None
    """Of each run: the user's OMP_NUM_THREADS, where it is set."""

    def default_jobs(self, runs: int) -> int:
        """How many runs at a time: one for each GPU, else what cores and memory carry.

        >>> Machine(8, 10 * GIB).default_jobs(20)
        5
        >>> Machine(8, 10 * GIB, ["0", "1"]).default_jobs(20)
        2
        """
        room = max(1, self.memory // RUN_MEMORY)
        most = len(self.gpus) or self.cores
        return max(1, min(most, room, runs))

    def slots(self, jobs: int) -> list[dict[str, str]]:
        """The environment of each slot: its GPU, and its share of the cores.

        With more slots than GPUs, several share one.
        """
        threads = self.threads or str(max(1, self.cores // jobs))
        slots = []
        for number in range(jobs):
            slot = {THREADS: threads}
            if self.gpus:
                slot[VISIBLE] = self.gpus[number % len(self.gpus)]
            slots.append(slot)
        return slots


def this_machine() -> Machine:
    """What this process may use."""
    return Machine(_cores(), free_memory(), _gpus(os.environ), os.environ.get(THREADS))


def free_memory() -> int:
    """Bytes of memory that are free, within the limit of a container if any."""
    free = [_available(), _left_in_container()]
    known = [each for each in free if each is not None]
    return min(known) if known else 8 * GIB


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _available() -> int | None:
    if not MEMORY.is_file():
        return None
    for line in MEMORY.read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1_024
    return None


def _left_in_container() -> int | None:
    try:
        limit = (CGROUP / "memory.max").read_text("ascii").strip()
        used = int((CGROUP / "memory.current").read_text("ascii"))
        statistics = (CGROUP / "memory.stat").read_text("ascii").splitlines()
    except OSError:
        return None
    if limit == "max":
        return None
    # The system gives cached files back when it needs their memory.
    cached = dict(line.split() for line in statistics).get("inactive_file", "0")
    return max(0, int(limit) - used + int(cached))


def _gpus(environment: Mapping[str, str]) -> list[str]:
    visible = environment.get(VISIBLE)
    if visible is not None:
        names = [name.strip() for name in visible.split(",")]
        return [name for name in names if name not in ("", "-1")]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    found = subprocess.run(
        [program, "--query-gpu=index", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split() if found.returncode == 0 else []
