"""What there is in the world of the labs: in the cluster, on the disk, among processes, ports and threads.

Taken before and after a lab, two of them show what it has left behind, in whatever place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from labs.broker.interface import Cluster
from labs.client import Kafka

Kind = str
KINDS: tuple[Kind, ...] = ("topics", "groups", "transactions", "files", "processes", "ports", "threads")
"""Every place in which a lab could leave something."""
MARK = "KAFKA_TUTOR_CENSUS"
"""Environment variable by which processes are known that left their parents."""
_ENDED = ("Empty", "CompleteCommit", "CompleteAbort", "Dead")
_KEPT = ("runs", "logs")
"""Of the state directory: the brokers' own."""

Census = Mapping[Kind, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where files and processes of labs are looked for."""

    state: Path
    scratch: Path
    """The directory for temporary files, of nobody else."""
    token: str
    """The value of MARK in the environment of this process."""


def census(kafka: Kafka, cluster: Cluster, places: Places) -> Census:
    """Everything there is now."""
    nodes = {node.pid: f"node {node.id}" for node in cluster.nodes if node.pid is not None}
    running = {process.pid: process for process in _processes(places)}
    return {
        "topics": frozenset(name for name in kafka.topics() if not name.startswith("__")),
        "groups": frozenset(kafka.groups()),
        "transactions": frozenset(
            f"{name}: {state}" for name, state in kafka.transactions("").items() if state not in _ENDED
        ),
        "files": frozenset(_files(places)),
        "processes": frozenset(nodes.get(pid) or _told(process) for pid, process in running.items()),
        "ports": frozenset(port for process in (*running.values(), psutil.Process()) for port in _ports(process)),
        "threads": frozenset(thread.name for thread in threading.enumerate()),
    }


def left(before: Census, after: Census) -> dict[Kind, tuple[str, ...]]:
    """What there is now and was not before; and nodes of the cluster that are gone. Only kinds with something."""
    found = {kind: set(after[kind] - before[kind]) for kind in KINDS}
    found["processes"] |= {f"{name} is down" for name in before["processes"] - after["processes"] if _is_node(name)}
    return {kind: tuple(sorted(names)) for kind, names in found.items() if names}


def _is_node(name: str) -> bool:
    return name.startswith("node ")


def _files(places: Places) -> Iterator[str]:
    for root in (places.state, places.scratch):
        for path in root.rglob("*"):
            inside = path.relative_to(root)
            if (
                inside.parts[0] not in _KEPT
                and not (path.suffix == ".lock" and inside.parts[0] == "labs")
                and path.is_file()
            ):
                yield str(inside if root == places.state else path)
    labs = places.state / "labs"
    yield from (f"labs/{path.name}/" for path in labs.glob("*") if path.is_dir())


def _processes(places: Places) -> Iterator[psutil.Process]:
    """Descendants of this process, and those that have left it and still carry its mark."""
    own = {child.pid for child in psutil.Process().children(recursive=True)}
    for process in psutil.process_iter():
        if process.pid != os.getpid() and (process.pid in own or _is_marked(process, places.token)) and _lives(process):
            yield process


def _is_marked(process: psutil.Process, token: str) -> bool:
    try:
        return process.environ().get(MARK) == token
    except (psutil.Error, OSError):
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _told(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:120]}"
    except psutil.Error:
        return f"{process.pid}"


def _ports(process: psutil.Process) -> Iterator[str]:
    try:
        for found in process.net_connections(kind="inet"):
            if found.status == psutil.CONN_LISTEN:
                yield str(found.laddr.port)
    except psutil.Error:
        return
