"""The machines of a Ray cluster, and what must be so before runs go to them."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, Faults
from axolotl_explain.sweep import node_probe
from axolotl_explain.sweep.node_probe import NodeFacts
from axolotl_explain.sweep.run_fingerprint import HOST_PACKAGES

CONNECT_TIME = 10.0
"""Seconds that a cluster has to take a connection; Ray itself tries for minutes."""

ANSWER_TIME = 120.0
"""Seconds that a machine has to answer; the first worker of one takes some to begin."""


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A machine of a cluster, with what Ray may give of it to runs."""

    id: str
    host: str
    address: str
    cores: int
    gpus: int

    def __str__(self) -> str:
        return f"{self.host} ({self.address}, node {self.id[:8]})"


def join_cluster() -> Any:
    """The module of Ray, connected to a cluster.

    That is the one that RAY_ADDRESS names or that runs on this machine; without any,
    one that begins now, of this machine alone.

    Raises:
        ExplainError: if Ray is not installed, no cluster answers, or the cluster has
            another version of Ray or of Python.
    """
    try:
        import ray
    except ImportError:
        raise ExplainError(
            "--ray: Ray is not installed; `pip install 'axolotl-explain[ray]'` "
            "installs it, and without --ray the runs go to this machine."
        ) from None
    named = os.environ.get("RAY_ADDRESS", "")
    where = f"the cluster at RAY_ADDRESS={named}" if named else "a cluster"
    if named.startswith("ray://"):
        raise ExplainError(
            f"--ray: RAY_ADDRESS={named} is an address of the Ray Client, by which "
            "runs cannot be followed; start the sweep on a machine of the cluster, "
            "with RAY_ADDRESS=auto."
        )
    try:
        _connect(named)
        ray.init(
            log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise ExplainError(
            f"--ray: {where} could not be joined: {str(error).strip()}\n"
            "Start Ray there (`ray start --head`, and `ray start --address=…` on each "
            "other machine), all with one version of Ray and of Python; or leave --ray "
            "out, and the runs go to this machine."
        ) from None
    return ray


def _connect(address: str) -> None:
    """See whether anything listens at an address, where it is one and no word.

    Raises:
        OSError: if nothing does.
    """
    host, _, port = address.rpartition(":")
    if port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIME).close()


def nodes_of(ray: Any) -> list[ClusterNode]:
    """The machines of the cluster that live."""
    found = []
    for node in ray.nodes():
        has = node["Resources"]
        cores, gpus = int(has.get("CPU", 0)), int(has.get("GPU", 0))
        names = (node["NodeID"], node["NodeManagerHostname"])
        if node["Alive"]:
            found.append(ClusterNode(*names, node["NodeManagerAddress"], cores, gpus))
    return found


def useful(nodes: Sequence[ClusterNode]) -> list[ClusterNode]:
    """The machines that runs can go to: those with a GPU; without any, with a core."""
    return [one for one in nodes if one.gpus] or [one for one in nodes if one.cores]


def described(nodes: Sequence[ClusterNode]) -> str:
    """The machines that runs go to and those that they cannot go to, in a line."""
    able = useful(nodes)
    unit, count = "core", sum(one.cores for one in able)
    if any(one.gpus for one in able):
        unit, count = "GPU", sum(one.gpus for one in able)
    line = f"Ray: {len(able)} machine{'s' * (len(able) > 1)} with {count} {unit}"
    line += "s" * (count > 1)
    others = ", ".join(str(one) for one in nodes if one not in able)
    return f"{line}; none goes to {others}, without a {unit}." if others else f"{line}."


def unshared(mark: str, what: str) -> str:
    """That a machine does not share the folder of a mark, in words behind its name.

    Args:
        what: as `node_probe.trouble` says it.
    """
    return (
        f"{what} {Path(mark).parent}, where the sweep runs. All machines read and "
        "write the folders of a sweep, at one path: put them on storage that all "
        "share, such as NFS, and start the sweep there; or leave --ray out, and the "
        "runs go to this machine."
    )


def check_nodes(ray: Any, nodes: Sequence[ClusterNode], marks: Sequence[str]) -> None:
    """Ask each machine whether it can train for this sweep.

    Args:
        marks: which it must find; see `node_probe`.

    Raises:
        Faults: one for each thing that is wrong, with the machines that have it.
    """
    ray.cloudpickle.register_pickle_by_value(node_probe)
    here = node_probe.look([], HOST_PACKAGES)["versions"]
    found: dict[str, list[str]] = {}
    for node, answer in _answers(ray, nodes, marks):
        told = [answer] if isinstance(answer, str) else _faults(answer, here)
        for fault in told:
            found.setdefault(fault, []).append(str(node))
    if found:
        raise Faults(
            f"--ray: {', '.join(names)} {fault}" for fault, names in found.items()
        )


def _answers(
    ray: Any, nodes: Sequence[ClusterNode], marks: Sequence[str]
) -> list[tuple[ClusterNode, NodeFacts | str]]:
    """What each machine answers; a text of one that does not."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    task = ray.remote(node_probe.look)
    asked = {}
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node.id, soft=False)
        options = task.options(num_cpus=0, max_retries=0, scheduling_strategy=there)
        asked[options.remote(list(marks), HOST_PACKAGES)] = node
    ray.wait([*asked], num_returns=len(asked), timeout=ANSWER_TIME)
    answers: list[tuple[ClusterNode, NodeFacts | str]] = []
    for ref, node in asked.items():
        try:
            answers.append((node, ray.get(ref, timeout=0)))
        except ray.exceptions.GetTimeoutError:
            silent = (
                f"did not answer within {ANSWER_TIME:.0f} seconds; see `ray status`."
            )
            answers.append((node, silent))
        except ray.exceptions.RayError as error:
            answers.append((node, f"could not be asked: {error}"))
    return answers


def _faults(facts: NodeFacts, here: dict[str, str]) -> list[str]:
    """What is wrong with a machine, in words that follow its name."""
    troubles = facts["troubles"]
    faults = [unshared(mark, what) for mark, what in troubles.items() if what]
    there = facts["versions"]
    for name in sorted(here | there):
        ours, theirs = here.get(name, "none"), there.get(name, "none")
        # 2.13.0+cpu and 2.13.0+cu130 are one version, built for two kinds of machines.
        if ours.partition("+")[0] != theirs.partition("+")[0]:
            faults.append(
                f"has {name} {theirs}, and this machine {ours}. A run gives the same "
                f"everywhere only with the same packages: install {name} {ours} there "
                "and start Ray there anew."
            )
    return faults
