"""Sweeps over a Ray cluster of several machines, of which one is lost on the way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from axolotl_explain.sweep.warm_start import COLD
from tests.fixtures import forked
from tests.fixtures.forked import Forked
from tests.fixtures.ray_nodes import (
    RayMachines,
    can_hide_folders,
    ray_machines,
    writing_into,
)
from tests.sweep.test_resumed_sweep import COMMAND, EVERY, RECIPE

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(3_600),
    pytest.mark.skipif(
        find_spec("ray") is None,
        reason="Ray is in the packages of axolotl-explain[ray]",
    ),
]

SEEDS = [1, 2, 3]
STANDS_STILL = "import time; print('begun', flush=True); time.sleep(600)"
"""In the place of a training: one that never ends."""


@pytest.fixture(scope="module")
def machines() -> Iterator[RayMachines]:
    """A cluster of a head, which takes no runs, and nothing else."""
    with ray_machines() as cluster:
        yield cluster


def write_grid(folder: Path, seeds: list[int]) -> None:
    (folder / "recipe.yml").write_text(yaml.safe_dump(RECIPE))
    content = {"recipe": "recipe.yml", "out": "sweep", "grid": {"seed": seeds}}
    (folder / "grid.yml").write_text(yaml.safe_dump(content))


def start(folder: Path, address: str, **env: str) -> Forked:
    words = ("sweep", "grid.yml", "--ray")
    return forked.start(
        "axolotl_explain", *words, cwd=folder, env={"RAY_ADDRESS": address, **env}
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def test_a_cluster_that_does_not_answer_is_one_error(tmp_path: Path) -> None:
    write_grid(tmp_path, [1])
    done = start(tmp_path, "127.0.0.1:1").wait()
    assert done.returncode == 1
    assert "--ray: the cluster at RAY_ADDRESS=127.0.0.1:1 could not be joined" in said(
        done
    )
    assert "or leave --ray out" in said(done)
    assert not (tmp_path / "sweep").exists()


def test_a_cluster_without_cores_is_one_error(
    machines: RayMachines, tmp_path: Path
) -> None:
    write_grid(tmp_path, [1])
    done = start(tmp_path, machines.address).wait()
    assert done.returncode == 1
    assert "no machine of the cluster has a core or a GPU for runs" in said(done)


@pytest.mark.skipif(not can_hide_folders(), reason="no folder can be hidden here")
def test_a_machine_with_other_files_and_packages_is_named_before_anything_trains(
    machines: RayMachines, tmp_path: Path
) -> None:
    packages = tmp_path / "packages/axolotl_explain-9.9.dist-info"
    packages.mkdir(parents=True)
    (packages / "METADATA").write_text("Name: axolotl-explain\nVersion: 9.9\n")
    folder = tmp_path / "shared"
    folder.mkdir()
    write_grid(folder, [1])
    machines.add_foreign(folder, {"PYTHONPATH": str(packages.parent)})
    try:
        done = start(folder, machines.address).wait()
    finally:
        machines.send_foreign_away()
    assert done.returncode == 1
    told = " ".join(said(done).split())
    assert f") does not see {folder / 'sweep'}, where the sweep runs." in told
    assert "put them on storage that all share" in told
    ours = version("axolotl-explain")
    assert f"has axolotl-explain 9.9, and this machine {ours}" in told
    assert not (folder / "sweep/runs").exists()
    assert not [*folder.rglob("*.mark*")]


@pytest.fixture(scope="module")
def two(machines: RayMachines) -> RayMachines:
    """The cluster with two machines of a core each."""
    machines.add()
    machines.add()
    return machines


@pytest.fixture
def standing(tmp_path: Path) -> Path:
    """A sweep of two runs whose trainings never end."""
    write_grid(tmp_path, [1, 2])
    program = tmp_path / "accelerate/commands"
    program.mkdir(parents=True)
    for package in (program.parent, program):
        (package / "__init__.py").touch()
    (program / "accelerate_cli.py").write_text(STANDS_STILL)
    return tmp_path


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_no_training_outlives_a_sweep_that_is_ended(
    two: RayMachines, standing: Path, ending: int
) -> None:
    logs = [standing / f"sweep/runs/seed{seed}/commands.log" for seed in (1, 2)]
    sweep = start(standing, two.address, **{COLD: "1"})
    until(lambda: all(begun(log) for log in logs), "both runs are trained", sweep)
    trainings = [one for log in logs for one in writing_into(log)]
    assert len(trainings) >= 2
    os.kill(sweep.process.pid or 0, ending)
    done = sweep.wait()
    if ending == signal.SIGINT:
        assert done.returncode == 130
        assert "Stopped. Started again, the sweep goes on where it was." in said(done)
        assert [one for one in trainings if runs(one)] == []
    _, alive = psutil.wait_procs(trainings, timeout=120)
    assert alive == []


def until(true: Callable[[], bool], what: str, sweep: Forked) -> None:
    """Wait until something is so; fail where the sweep ends before."""
    while not true():
        assert sweep.process.is_alive(), f"never: {what}\n{said(sweep.wait())}"
        time.sleep(0.02)


def runs(process: psutil.Process) -> bool:
    """Whether it does; what has ended and was not asked for yet does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def begun(log: Path) -> bool:
    return log.is_file() and "begun\n" in log.read_text()


class Ended:
    """A sweep over two machines that lost one in its third run, and one without Ray."""

    def __init__(self, cluster: RayMachines, folder: Path) -> None:
        self.folder, self.alone = folder / "ray", folder / "alone"
        for place in (self.folder, self.alone):
            place.mkdir()
            write_grid(place, SEEDS)
        sweep = start(self.folder, cluster.address)
        third = self.run("seed3")
        until(lambda: bool(self.checkpoints("seed3")), "seed3 is trained", sweep)
        self.lost = cluster.machine_of(third / "commands.log")
        cluster.lose(self.lost)
        self.host = socket.gethostname()
        self.whole_when_lost = self.checkpoints("seed3")
        self.done = sweep.wait()
        words = ("sweep", "grid.yml", "--jobs", "1")
        self.done_alone = forked.run(COMMAND, *words, cwd=self.alone)

    def run(self, name: str) -> Path:
        return self.folder / "sweep/runs" / name

    def checkpoints(self, name: str) -> dict[str, int]:
        """Checkpoint -> when its last file was written."""
        files = self.run(name).glob("checkpoint-*/trainer_state.json")
        return {file.parent.name: file.stat().st_mtime_ns for file in files}

    def commands(self, name: str) -> list[str]:
        lines = (self.run(name) / "commands.log").read_text().splitlines()
        return [line for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def ended(two: RayMachines, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return Ended(two, tmp_path_factory.mktemp("ray"))


def test_a_sweep_that_loses_a_machine_finishes_all_runs_and_says_so(
    ended: Ended,
) -> None:
    assert ended.done.returncode == 0, said(ended.done)
    told = " ".join(said(ended.done).split())
    assert "Ray: 2 machines with 2 cores; none goes to" in told
    lost = f"node {ended.lost.node_id[:8]}) is lost"
    assert f"seed3 goes on from its last checkpoint, if any: {ended.host} (" in told
    assert lost in told
    assert "1 of 3 runs lost a machine: seed3 (1×)." in told
    assert "3 of 3 runs are finished" in told


def test_the_lost_run_goes_on_from_its_checkpoint(ended: Ended) -> None:
    after = ended.checkpoints("seed3")
    steps = RECIPE["task_data"]["sizes"]["train"]
    assert 0 < len(ended.whole_when_lost) < len(after) == steps / EVERY
    assert {name: after[name] for name in ended.whole_when_lost} == (
        ended.whole_when_lost
    )
    train, again, evaluate = ended.commands("seed3")
    assert train == again
    assert " eval " in evaluate


def test_nothing_that_was_finished_is_trained_twice(ended: Ended) -> None:
    for name in ("seed1", "seed2"):
        train, evaluate = ended.commands(name)
        assert "axolotl.cli.train" in train
        assert " eval " in evaluate


def results(folder: Path) -> list[dict[str, Any]]:
    """The results of a sweep, without what it took and where it ran."""
    told = json.loads((folder / "sweep/results.json").read_text())["runs"]
    for run in told:
        del run["seconds"]
    return told


def test_the_results_are_those_of_a_sweep_without_ray(ended: Ended) -> None:
    assert ended.done_alone.returncode == 0, said(ended.done_alone)
    assert results(ended.folder) == results(ended.alone)
    for seed in SEEDS:
        model = f"sweep/runs/seed{seed}/model.safetensors"
        ours, alone = (place / model for place in (ended.folder, ended.alone))
        assert ours.read_bytes() == alone.read_bytes()


def test_nothing_is_left_behind(ended: Ended) -> None:
    assert not [*ended.folder.rglob("*.mark*")]
    logs = [ended.run(f"seed{seed}") / "commands.log" for seed in SEEDS]
    assert [one for log in logs for one in writing_into(log)] == []


def test_a_sweep_whose_machines_are_all_lost_says_so(
    ended: Ended, two: RayMachines, standing: Path
) -> None:
    """The last test: of two machines one was lost before."""
    log = standing / "sweep/runs/seed1/commands.log"
    sweep = start(standing, two.address, **{COLD: "1"})
    until(lambda: begun(log), "the first run is trained", sweep)
    two.lose(two.machine_of(log))
    done = sweep.wait()
    assert done.returncode == 1
    assert "1 of 2 runs lost a machine: seed1 (1×)." in said(done)
    for name in ("seed1", "seed2"):
        assert f"{name} failed: all machines of the cluster" in said(done)
