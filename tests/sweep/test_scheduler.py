"""Several runs at a time, whatever becomes of one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.backend import Environment, MachineLostError, OnStep
from axolotl_explain.sweep.commands import StoppedError
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_file import RunState, write_state
from axolotl_explain.sweep.scheduler import MOST_LOSSES, RunEnd, Scheduler


@dataclass
class QuickBackend:
    """Executes runs in no time; those whose name says so fail."""

    most: int = 0
    slots_seen: list[Environment] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
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
            self.executed.append(run.name)
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
    lost: list[str] = field(default_factory=list)
    on_tick: Callable[[], None] = lambda: None

    def step_began(self, run: SweepRun, step: str) -> None:
        assert run.name not in self.ends

    def machine_lost(self, run: SweepRun, why: str) -> None:
        self.lost.append(run.name)

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


def test_so_many_run_at_a_time_as_there_are_slots(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    backend = QuickBackend(meanwhile=lambda: both.wait(30) and None)
    planned = runs(tmp_path, *"abcdef")
    slots = [{"GPU": "0"}, {"GPU": "1"}]
    assert Scheduler(planned, slots, backend, Heard()).execute() == {}
    assert backend.most == 2
    assert [backend.slots_seen.count(slot) for slot in slots] == [3, 3]


def test_what_is_finished_is_not_executed(tmp_path: Path) -> None:
    one, two = runs(tmp_path, "one", "two")
    one.results.mkdir(parents=True)
    (one.results / "metrics.json").write_text("{}")
    write_state(one.folder, RunState("a", True, "e"))
    backend, heard = QuickBackend(), Heard()
    Scheduler([one, two], [{}], backend, heard).execute()
    assert backend.executed == ["two"]
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
    assert backend.executed == ["one"]
    assert heard.ends == {"one": "stopped"}


def test_a_fault_of_this_package_is_not_taken_for_a_failed_run(tmp_path: Path) -> None:
    def fault() -> None:
        raise ZeroDivisionError

    backend = QuickBackend(meanwhile=fault)
    with pytest.raises(ZeroDivisionError):
        Scheduler(runs(tmp_path, "one"), [{}], backend, Heard()).execute()


def loses(times: int) -> QuickBackend:
    """A backend whose runs lose their machine so many times before they go through."""
    backend = QuickBackend()

    def meanwhile() -> None:
        if len(backend.executed) <= times:
            raise MachineLostError("c3 is lost")

    backend.meanwhile = meanwhile
    return backend


def test_a_run_that_loses_its_machine_is_executed_again(tmp_path: Path) -> None:
    backend = loses(2)
    heard = Heard()
    assert Scheduler(runs(tmp_path, "one"), [{}], backend, heard).execute() == {}
    assert heard.lost == ["one", "one"]
    assert heard.ends == {"one": "finished"}


def test_a_run_that_loses_its_machine_again_and_again_is_given_up(
    tmp_path: Path,
) -> None:
    backend = loses(100)
    heard = Heard()
    errors = Scheduler(runs(tmp_path, "one"), [{}], backend, heard).execute()
    assert "c3 is lost; that is loss 4 of one, which is given up" in str(errors["one"])
    assert heard.lost == ["one"] * MOST_LOSSES
    assert heard.ends == {"one": "failed"}
