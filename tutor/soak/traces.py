"""What one home has on this machine: processes that carry its name, run directories, temporary files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from labs.dirs import HOME_VARIABLE

PATIENCE = 30.0
"""Seconds in which everything must be gone after a death."""
SLICE = 0.05


@dataclass(frozen=True, slots=True)
class Place:
    """A home of its own, and a directory for temporary files that nobody else uses."""

    home: Path
    scratch: Path

    def environment(self) -> dict[str, str]:
        """For the programs that are watched: every process of theirs inherits it."""
        return {**os.environ, HOME_VARIABLE: str(self.home), "TMPDIR": str(self.scratch)}


def processes(place: Place) -> list[psutil.Process]:
    """Every living process with this home in its environment, whoever its parent is; not this one."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _belongs(process, place)]


def _belongs(process: psutil.Process, place: Place) -> bool:
    try:
        return process.environ().get(HOME_VARIABLE) == str(place.home) and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def left(place: Place, seconds: float = PATIENCE) -> list[str]:
    """What is still there once it has had time to go; empty: nothing."""
    soon(lambda: not any(_traces(place)), seconds)
    return list(_traces(place))


def _traces(place: Place) -> Iterator[str]:
    yield from (f"process {told(process)}" for process in processes(place))
    yield from (f"run {path.name}" for path in _entries(place.home / "state" / "runs"))
    yield from (f"temporary {path.name}" for path in _entries(place.scratch))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def told(process: psutil.Process) -> str:
    """A process in a line."""
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:100]}"
    except psutil.Error:
        return str(process.pid)


def soon(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until it holds; whether it did in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(SLICE)
    return True
