"""Runs wait for memory."""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.sweep.machine import GIB
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.run_file import RunState, write_state


def test_a_run_waits_until_there_is_memory_for_it() -> None:
    free = [5 * GIB]
    gate = MemoryGate(need=2 * GIB, free=lambda: free[0], settle=3600)
    looks = iter([False, True])
    gate.enter(lambda: next(looks))
    # The first has not taken its memory yet: 5 GiB hold two runs of 2, not three.
    gate.enter(lambda: next(looks))
    looks = iter([False, False, True])
    gate.enter(lambda: next(looks))
    assert next(looks, None) is None


def test_the_only_run_never_waits_for_memory() -> None:
    def stopped() -> bool:
        raise AssertionError("it waits")

    MemoryGate(need=2 * GIB, free=lambda: 0).enter(stopped)


def test_a_run_that_was_measured_says_what_the_next_one_needs(tmp_path: Path) -> None:
    write_state(tmp_path, RunState("a", True, "e", {}, 7 * GIB))
    gate = MemoryGate(free=lambda: 100 * GIB)
    gate.enter(lambda: False)
    gate.leave(tmp_path)
    assert gate.need == 7 * GIB
