"""How many runs a machine carries, and what each of them gets."""

from __future__ import annotations

import pytest

from axolotl_explain.sweep.machine import GIB, Machine


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
