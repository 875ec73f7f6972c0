"""The session file: how another terminal finds a running lab, and how the next start finds what a crash left behind."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from labs.broker.interface import Node
from labs.dirs import Dirs
from labs.facts import read_json, write_json


@dataclass(frozen=True, slots=True)
class LabPaths:
    """Where one lab keeps its things."""

    home: Path
    """`state/labs/NN`: all of it goes when the lab ends."""

    @property
    def workspace(self) -> Path:
        """The files the learner edits."""
        return self.home / "work"

    @property
    def session(self) -> Path:
        """The session file."""
        return self.home / "session.json"

    @property
    def facts(self) -> Path:
        """What the lab remembers."""
        return self.home / "facts.json"

    @property
    def lock(self) -> Path:
        """The lock: beside the directory, which comes and goes."""
        return self.home.with_name(f"{self.home.name}.lock")


def lab_paths(dirs: Dirs, number: int) -> LabPaths:
    """The paths of a lab. Creates nothing."""
    return LabPaths(dirs.state / "labs" / f"{number:02}")


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that cannot be mistaken for another with the same id."""

    pid: int
    started: float
    """Seconds since the epoch, as the operating system has it."""

    @property
    def alive(self) -> bool:
        """Whether that very process runs."""
        started = process_started(self.pid)
        # Two processes work the time out from the boot time, which a clock adjustment moves a little.
        return started is not None and abs(started - self.started) < 2.0


@dataclass(frozen=True, slots=True)
class Session:
    """A running lab, as written down for others."""

    lab: int
    prefix: str
    owner: Owner
    provider: str
    bootstrap_servers: str
    nodes: tuple[Node, ...]
    opened_at: str
    """UTC, ISO 8601."""
    arranged: bool = False
    """Whether the broken situation stands, so that verify makes sense."""
    secured: bool = False
    """Whether a client needs more than the address; what it needs is not written down."""


def process_started(pid: int) -> float | None:
    """When a process began; None where it is gone."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def this_process() -> Owner:
    """The owner to write down for this process."""
    pid = os.getpid()
    return Owner(pid, process_started(pid) or 0.0)


def write_session(paths: LabPaths, session: Session) -> None:
    """Write the session file. Raises EnvironmentFault."""
    row = asdict(session)
    row["nodes"] = [_node_row(node) for node in session.nodes]
    write_json(paths.session, row)


def read_session(paths: LabPaths) -> Session | None:
    """The session of a lab; None where there is none that can be read."""
    row = read_json(paths.session)
    try:
        return _session(row) if isinstance(row, dict) else None
    except (KeyError, TypeError):
        return None


def _session(row: dict[str, Any]) -> Session:
    nodes = tuple(_node(node) for node in row["nodes"])
    return Session(**{**row, "owner": Owner(**row["owner"]), "nodes": nodes})


def _node_row(node: Node) -> dict[str, Any]:
    return {**asdict(node), "data_dir": _text(node.data_dir), "log_file": _text(node.log_file)}


def _node(row: dict[str, Any]) -> Node:
    return Node(**{**row, "data_dir": _path(row["data_dir"]), "log_file": _path(row["log_file"])})


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
