"""Several runs at a time, whatever becomes of one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.backend import Environment, OnStep
from axolotl_explain.sweep.commands import StoppedError
from axolotl_explain.sweep.machine import GIB, Machine
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_file import RunState, write_state
from axolotl_explain.sweep.scheduler import RunEnd, Scheduler


@dataclass
class QuickBackend:
    """Executes runs in no time; those whose name says so fail."""

    most: int = 0
    slots_seen: list[Environment] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    meanwhile: Callable[[], None] = lambda: None
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    has_gpu = False

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        return [{}]

    def memory_gate(self) -> MemoryGate | None:
        return None

    def execute(self, run: SweepRun, slot: Environment, on_step: OnStep) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.slots_seen.append(slot)
            self.carried.append(run.name)
        on_step("training")
        try:
            self.meanwhile()
            if self.stopped.is_set():
                raise StoppedError
            if "bad" in run.name:
                raise ExplainError(f"training {run.name} ended with exit code 1")
        finally:
            with self._lock:
                self._now -= 1

    def stop(self) -> None:
        self.stopped.set()


@dataclass
class Heard:
    """Keeps what it is told."""

    ends: dict[str, RunEnd] = field(default_factory=dict)
    on_tick: Callable[[], None] = lambda: None

    def step_began(self, run: SweepRun, step: str) -> None:
        assert run.name not in self.ends

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        self.ends[run.name] = how

    def tick(self) -> None:
        self.on_tick()


def runs(tmp_path: Path, *names: str) -> list[SweepRun]:
    return [
        SweepRun(
            name=name,
            recipe_file=tmp_path / f"{name}.yml",
            recipe={},
            folder=tmp_path / name,
            eval_data=[],
            training_fingerprint="a",
            evaluation_fingerprint="e",
            archive=tmp_path / "earlier",
        )
        for name in names
    ]


def test_a_run_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    backend, heard = QuickBackend(), Heard()
    planned = runs(tmp_path, "one", "bad", "two", "three")
    errors = Scheduler(planned, [{}, {}], backend, heard).execute()
    assert list(errors) == ["bad"]
    assert "exit code 1" in str(errors["bad"])
    assert heard.ends == {
        "one": "finished",
        "bad": "failed",
        "two": "finished",
        "three": "finished",
    }


def test_so_many_run_at_a_time_as_there_are_places(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    backend = QuickBackend(meanwhile=lambda: both.wait(30) and None)
    planned = runs(tmp_path, *"abcdef")
    slots = [{"GPU": "0"}, {"GPU": "1"}]
    assert Scheduler(planned, slots, backend, Heard()).execute() == {}
    assert backend.most == 2
    assert [backend.slots_seen.count(slot) for slot in slots] == [3, 3]


def test_what_is_finished_is_not_carried_out(tmp_path: Path) -> None:
    one, two = runs(tmp_path, "one", "two")
    one.results.mkdir(parents=True)
    (one.results / "metrics.json").write_text("{}")
    write_state(one.folder, RunState("a", True, "e"))
    backend, heard = QuickBackend(), Heard()
    Scheduler([one, two], [{}], backend, heard).execute()
    assert backend.carried == ["two"]
    assert heard.ends["one"] == "kept"


def test_ctrl_c_stops_what_runs_and_begins_nothing_else(tmp_path: Path) -> None:
    backend = QuickBackend()
    backend.meanwhile = lambda: backend.stopped.wait(30) and None

    def ctrl_c() -> None:
        raise KeyboardInterrupt

    heard = Heard(on_tick=ctrl_c)
    planned = runs(tmp_path, "one", "two", "three")
    with pytest.raises(KeyboardInterrupt):
        Scheduler(planned, [{}], backend, heard).execute()
    assert backend.carried == ["one"]
    assert heard.ends == {"one": "stopped"}


def test_a_fault_of_this_package_is_not_taken_for_a_failed_run(tmp_path: Path) -> None:
    def fault() -> None:
        raise ZeroDivisionError

    backend = QuickBackend(meanwhile=fault)
    with pytest.raises(ZeroDivisionError):
        Scheduler(runs(tmp_path, "one"), [{}], backend, Heard()).execute()


def test_a_run_waits_until_there_is_memory_for_it(tmp_path: Path) -> None:
    (run,) = runs(tmp_path, "one")
    free = [5 * GIB]
    memory = MemoryGate(need=2 * GIB, free=lambda: free[0], settle=3600)
    looks = iter([False, True])
    memory.enter(lambda: next(looks))
    # The first has not taken its memory yet: 5 GiB hold two runs of 2, not three.
    memory.enter(lambda: next(looks))
    looks = iter([False, False, True])
    memory.enter(lambda: next(looks))
    assert next(looks, None) is None
    memory.leave(run)


def test_the_only_run_never_waits_for_memory() -> None:
    def stopped() -> bool:
        raise AssertionError("it waits")

    MemoryGate(need=2 * GIB, free=lambda: 0).enter(stopped)


def test_a_run_that_was_seen_says_what_the_next_one_needs(tmp_path: Path) -> None:
    (run,) = runs(tmp_path, "one")
    run.folder.mkdir()
    write_state(run.folder, RunState("a", True, "e", {}, 7 * GIB))
    memory = MemoryGate(free=lambda: 100 * GIB)
    memory.enter(lambda: False)
    memory.leave(run)
    assert memory.need == 7 * GIB


@pytest.mark.parametrize(
    ("machine", "runs", "jobs"),
    [
        (Machine(8, 64 * GIB), 3, 3),
        (Machine(2, 64 * GIB), 30, 2),
        (Machine(8, 5 * GIB), 30, 2),
        (Machine(8, GIB), 30, 1),
        (Machine(16, 64 * GIB, ["0", "3"]), 30, 2),
    ],
)
def test_jobs_are_as_many_as_the_machine_carries(
    machine: Machine, runs: int, jobs: int
) -> None:
    assert machine.default_jobs(runs) == jobs


def test_each_run_has_a_gpu_and_its_share_of_the_cores() -> None:
    two = Machine(8, GIB, ["1", "3"])
    assert two.slots(2) == [
        {"OMP_NUM_THREADS": "4", "CUDA_VISIBLE_DEVICES": "1"},
        {"OMP_NUM_THREADS": "4", "CUDA_VISIBLE_DEVICES": "3"},
    ]
    assert Machine(2, GIB).slots(4) == [{"OMP_NUM_THREADS": "1"}] * 4


def test_the_threads_that_a_user_has_set_have_their_way() -> None:
    assert Machine(8, GIB, threads="3").slots(1) == [{"OMP_NUM_THREADS": "3"}]
