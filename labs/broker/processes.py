"""Processes named so that a recycled process id is never taken for the old one."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

SAME_START = 1.5
"""Seconds by which two readings of one start time may differ: the system clock is set now and then."""


@dataclass(frozen=True, slots=True)
class ProcessName:
    """A process id together with the time it started at (seconds since the epoch)."""

    pid: int
    started: float


def name_of(pid: int) -> ProcessName | None:
    """The full name of a running process; None when it is gone."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessName(pid, process.create_time())
    except psutil.Error:
        return None


def own_name() -> ProcessName:
    """The name of the process that asks."""
    return name_of(os.getpid()) or ProcessName(os.getpid(), 0.0)


def is_alive(name: ProcessName) -> bool:
    """Whether that very process still runs."""
    now = name_of(name.pid)
    return now is not None and abs(now.started - name.started) <= SAME_START


def kill(name: ProcessName) -> None:
    """SIGKILL, if it is still that process."""
    if is_alive(name):
        try:
            os.kill(name.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
