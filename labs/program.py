"""A learner's program in a process of its own: limits on time, memory and output; live RSS; a real SIGKILL.

An endless loop, a crash, a syntax error and a flood of output end as a `ProgramResult` that says so, and harm nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, Protocol

import psutil

from labs.broker.access import OPEN, Access, without_secrets
from labs.contract import StopToken
from labs.launcher import Moment
from labs.nursery import Nursery, Spawn

OnLine = Callable[[str, Literal["out", "err"]], None]
OnRss = Callable[[float], None]
Ending = Literal["finished", "failed", "time limit", "memory limit", "killed"]
MIB = 1024 * 1024
SAMPLE_SECONDS = 0.05
MAX_LINE = 2000
ERROR_TAIL = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use."""

    seconds: float = 20.0
    memory_mb: int = 0
    """0: no limit."""
    lines: int = 500
    """Lines of output passed on; the rest is counted."""


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """How a program ended."""

    ending: Ending
    status: int
    """Exit status; negative: the signal that ended it."""
    seconds: float
    peak_rss_mb: float
    errors: tuple[str, ...]
    """The last lines of standard error."""
    dropped_lines: int = 0

    @property
    def explanation(self) -> str:
        """One sentence for the learner."""
        last = self.errors[-1] if self.errors else f"exit status {self.status}"
        return {
            "finished": f"The program finished after {self.seconds:.1f} s.",
            "failed": f"The program failed: {last}",
            "time limit": f"The program was still running after {self.seconds:.0f} s and was stopped. Does its loop ever end?",
            "memory limit": f"The program ran out of its memory limit at {self.peak_rss_mb:.0f} MB.",
            "killed": "The program was killed, as asked.",
        }[self.ending]


@dataclass(slots=True)
class _Reader:
    """Passes lines of one stream on, up to a limit, and keeps the last ones."""

    stream: IO[bytes]
    name: Literal["out", "err"]
    on_line: OnLine
    limit: int
    seen: int = 0
    tail: list[str] = field(default_factory=list)

    def run(self) -> None:
        with contextlib.closing(self.stream):
            while raw := self.stream.readline(MAX_LINE):
                self._take(raw.decode(errors="replace").rstrip("\r\n"))

    def _take(self, line: str) -> None:
        self.seen += 1
        self.tail = [*self.tail[-(ERROR_TAIL - 1) :], line]
        if self.seen <= self.limit:
            self.on_line(line, self.name)
        elif self.seen == self.limit + 1:
            self.on_line(f"… more than {self.limit} lines; the rest is not shown", self.name)


class _Process(Protocol):
    """What `subprocess.Popen` and `labs.nursery.Child` have in common."""

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> IO[bytes] | None: ...

    @property
    def stderr(self) -> IO[bytes] | None: ...

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...

    def kill(self) -> None: ...

    def send_signal(self, sig: int, /) -> None: ...


class Program:
    """One run of a Python file. Use as a context manager: leaving it kills the process."""

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str] = (),
        *,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        on_line: OnLine = lambda _line, _stream: None,
        on_rss: OnRss = lambda _mb: None,
        trace: Path | None = None,
        crash_at: int = 0,
        crash_when: Moment | None = None,
        watch: Sequence[str] = ("sqlite3", "kafka"),
        cwd: Path | None = None,
        nursery: Nursery | None = None,
        access: Access = OPEN,
    ) -> None:
        """Start it. `cwd`: where it runs, its own directory by default; `nursery`: what forks it, a fresh Python if None.

        `access`: what its Kafka clients are let in with, unless the program says otherwise.
        """
        self.limits = limits or Limits()
        self._on_rss = on_rss
        self._peak = 0.0
        self._killed = False
        self._over_memory = False
        self._began = time.monotonic()
        # The write end stays here: when this process dies, however it dies, the program reads the end of the pipe.
        read_end, self._lifeline = os.pipe()
        options = ["--memory-mb", str(self.limits.memory_mb), "--watch", ",".join(watch)]
        options += ["--trace", str(trace)] if trace else []
        options += ["--crash-at", str(crash_at)] if crash_at else []
        options += ["--crash-when", crash_when.to_json()] if crash_when else []
        words = (*options, str(script), *arguments)
        spawn = Spawn(words, cwd or script.parent, _environment(env or {}), access.client)
        try:
            self._process: _Process = nursery.spawn(spawn, read_end) if nursery else _start(spawn, read_end)
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(read_end)
        self._readers = self._start_readers(on_line)

    def _start_readers(self, on_line: OnLine) -> list[tuple[_Reader, threading.Thread]]:
        pairs = []
        streams: tuple[tuple[IO[bytes] | None, Literal["out", "err"]], ...] = (
            (self._process.stdout, "out"),
            (self._process.stderr, "err"),
        )
        for stream, name in streams:
            if stream is None:
                continue
            reader = _Reader(stream, name, on_line, self.limits.lines)
            thread = threading.Thread(target=reader.run, name=f"program-{name}", daemon=True)
            thread.start()
            pairs.append((reader, thread))
        return pairs

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id (also of its session)."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, as a crash would end it."""
        self._killed = True
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def send_signal(self, number: int) -> None:
        """Send a signal, e.g. SIGCONT to a program that was frozen."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    @property
    def frozen(self) -> bool:
        """Whether it is stopped by SIGSTOP."""
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        except psutil.Error:
            return False

    def wait(self, stop: StopToken, until: Callable[[], bool] = lambda: False) -> ProgramResult | None:
        """Watch until it ends or `until()` is true (then None). Raises what `stop` raises, after killing it."""
        try:
            while self.running:
                self._watch()
                if until():
                    return None
                stop.wait(SAMPLE_SECONDS)
        except BaseException:
            self.close()
            raise
        return self._result()

    def _watch(self) -> None:
        rss = rss_mb(self.pid)
        if rss:
            self._peak = max(self._peak, rss)
            self._on_rss(rss)
        # Where the kernel enforces no limit, this is the limit.
        if self.limits.memory_mb and not sys.platform.startswith("linux") and rss > self.limits.memory_mb:
            self._over_memory = True
            self._process.kill()
        if time.monotonic() - self._began > self.limits.seconds:
            self._process.kill()

    def _result(self) -> ProgramResult:
        seconds = time.monotonic() - self._began
        for _, thread in self._readers:
            thread.join(timeout=5)
        status = self._process.wait()
        errors = tuple(line for reader, _ in self._readers if reader.name == "err" for line in reader.tail)
        dropped = sum(max(0, reader.seen - reader.limit) for reader, _ in self._readers)
        return ProgramResult(self._ending(status, seconds, errors), status, seconds, self._peak, errors, dropped)

    def _ending(self, status: int, seconds: float, errors: Sequence[str]) -> Ending:
        if self._killed:
            return "killed"
        if self._over_memory or (
            status != 0 and self.limits.memory_mb and any("MemoryError" in line for line in errors)
        ):
            return "memory limit"
        if status == -9 and seconds >= self.limits.seconds:
            return "time limit"
        return "finished" if status == 0 else "failed"

    def close(self) -> None:
        """Kill it if it still runs, and let everything go. Safe to call twice."""
        if self.running:
            self.kill()
        self._process.wait()
        end_session(self.pid)
        for _, thread in self._readers:
            thread.join(timeout=5)
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def _start(spawn: Spawn, lifeline: int) -> subprocess.Popen[bytes]:
    """Start a program in a Python of its own. What its clients are let in with goes through a pipe: no list shows that."""
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, json.dumps(dict(spawn.client)).encode())
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "labs.launcher", "--parent-fd", str(lifeline)),
                *("--client-fd", str(read_end), *spawn.arguments),
            ],
            cwd=spawn.cwd,
            env=spawn.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(lifeline, read_end),
            start_new_session=True,
        )
    finally:
        os.close(read_end)
        os.close(write_end)


def end_session(leader: int) -> None:
    """SIGKILL for what a program has started itself (`multiprocessing`, `subprocess`) and left behind."""
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if pid != leader and os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MiB; 0 where it is gone."""
    try:
        return float(psutil.Process(pid).memory_info().rss) / MIB
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return {
        **without_secrets(os.environ),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
    }
