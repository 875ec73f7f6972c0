"""Run directories: what a running cluster has on disk, and the sweep of what a crash left."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from labs.broker.download import disk_fault
from labs.broker.processes import ProcessName, is_alive, kill, own_name
from labs.broker.supervisor import MARKER, remove_run
from labs.dirs import Dirs

KEPT_LOGS = 20
"""Log directories kept for the learner, newest first."""
YOUNG = 60.0
"""Seconds for which a run directory without its record is taken for one being made."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who belongs to a run."""

    app: ProcessName
    supervisor: ProcessName | None = None
    nodes: tuple[ProcessName, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run: a directory that goes with it, and one with logs that stays."""

    directory: Path
    logs: Path

    def write(self, record: Record) -> None:
        """Replace the record, whole or not at all."""
        part = self.directory / f"{MARKER}.part"
        part.write_text(json.dumps(asdict(record)), encoding="utf-8")
        part.replace(self.directory / MARKER)

    def remove(self) -> None:
        """Remove the run directory."""
        remove_run(self.directory)


def new_run(dirs: Dirs) -> Run:
    """Make the directories of a new run. Raises EnvironmentFault."""
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}-{secrets.token_hex(3)}"
    run = Run(dirs.state / "runs" / name, dirs.state / "logs" / name)
    try:
        run.directory.mkdir(parents=True)
        run.write(Record(own_name()))
        run.logs.mkdir(parents=True)
        _prune_logs(run.logs.parent)
    except OSError as error:
        shutil.rmtree(run.directory, ignore_errors=True)
        raise disk_fault(error, dirs.state) from error
    return run


def _prune_logs(logs: Path) -> None:
    """Names begin with the time, so the order of names is the order of age."""
    for old in sorted(path for path in logs.iterdir() if path.is_dir())[:-KEPT_LOGS]:
        shutil.rmtree(old, ignore_errors=True)


def read_record(directory: Path) -> Record | None:
    """The record of a run directory; None where there is none that can be read."""
    try:
        row = json.loads((directory / MARKER).read_text(encoding="utf-8"))
        supervisor = row["supervisor"]
        return Record(
            ProcessName(**row["app"]),
            ProcessName(**supervisor) if supervisor else None,
            tuple(ProcessName(**node) for node in row["nodes"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stale_runs(dirs: Dirs) -> list[Path]:
    """Run directories whose app and supervisor are both gone."""
    try:
        candidates = [path for path in (dirs.state / "runs").iterdir() if path.is_dir()]
    except OSError:
        return []
    return [path for path in candidates if _is_stale(path)]


def _is_stale(directory: Path) -> bool:
    record = read_record(directory)
    if record is None:
        return _age(directory) > YOUNG
    return not is_alive(record.app) and not (record.supervisor and is_alive(record.supervisor))


def _age(directory: Path) -> float:
    try:
        return time.time() - directory.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0.0


def sweep(dirs: Dirs) -> int:
    """Kill and remove what crashed runs left; returns how many there were."""
    stale = stale_runs(dirs)
    for directory in stale:
        record = read_record(directory)
        for node in record.nodes if record else ():
            kill(node)
        shutil.rmtree(directory, ignore_errors=True)
    return len(stale)


def with_node(record: Record, node: ProcessName | None) -> Record:
    """The record with one more node process."""
    return record if node is None else replace(record, nodes=(*record.nodes, node))
