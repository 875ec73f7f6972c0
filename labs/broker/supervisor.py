"""Keeps the Java processes of one run, and ends them however their app ends.

A process of its own: `python supervisor.py RUN_DIR`, standard library only (it is started with `-I -S` for speed).
Commands come as JSON lines on stdin, events go as JSON lines to stdout. End of file on stdin means that the app is
gone, `kill -9` included: every process is killed and the run directory removed. Where the system can (Linux), the
Java processes die with this process too.

`python supervisor.py --guard FD[,FD…] COMMAND…` does the same for one command whose output and exit status are wanted:
the app holds the other end of the first pipe; the command inherits the others.
"""

from __future__ import annotations

# This process starts before every broker: pathlib, typing and shutil would double its 20 ms.
# ruff: noqa: PTH113, PTH118, PTH123
import json
import os
import selectors
import signal
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

MARKER = "run.json"
"""Only a directory with this file in it is ever removed."""
PARENT_CHECK = 0.5
"""Seconds between looks at the parent: a forked child of the app may hold the pipe open after the app is gone."""
GRACE = 1.0
"""Seconds for a process to vanish after SIGKILL (it may be in the middle of a disk write)."""


class Supervisor:
    """The processes of one run."""

    def __init__(self, run_dir: str, parent: int) -> None:
        self._run_dir = run_dir
        self._parent = parent
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._ending = False
        self._input = b""
        self._before_exec = _before_exec()

    def serve(self) -> None:
        """Work until told to stop or alone, then leave nothing."""
        try:
            self._loop()
        finally:
            self._end()

    def _loop(self) -> None:
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        os.set_blocking(0, False)
        signal.set_wakeup_fd(write_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop())
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(read_end, selectors.EVENT_READ)
            while not self._ending and os.getppid() == self._parent:
                for key, _ in selector.select(PARENT_CHECK):
                    if key.fd == 0:
                        self._read_commands()
                    else:
                        os.read(read_end, 512)
                self._reap()

    def _stop(self) -> None:
        self._ending = True

    def _read_commands(self) -> None:
        try:
            data = os.read(0, 65536)
        except BlockingIOError:
            return
        if not data:
            self._stop()
            return
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, command: dict[str, Any]) -> None:
        if command["do"] == "start":
            self._start(command)
        elif command["do"] == "kill":
            child = self._children.get(command["node"])
            if child is not None:
                child.send_signal(command["signal"])
        else:
            self._stop()

    def _start(self, command: dict[str, Any]) -> None:
        node = command["node"]
        try:
            with open(command["output"], "ab") as output:
                child = subprocess.Popen(
                    command["argv"],
                    cwd=command["cwd"],
                    env=command["env"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # A group of its own: a JVM that writes an AOT cache has a child, which must go with it.
                    process_group=0,
                    preexec_fn=self._before_exec,
                )
        except (OSError, subprocess.SubprocessError) as error:
            self._tell(event="refused", node=node, error=str(error))
            return
        self._children[node] = child
        self._tell(event="started", node=node, pid=child.pid)

    def _reap(self) -> None:
        for node, child in list(self._children.items()):
            status = child.poll()
            if status is not None:
                del self._children[node]
                self._tell(event="exited", node=node, pid=child.pid, status=status)

    def _tell(self, **event: object) -> None:
        try:
            os.write(1, json.dumps(event).encode() + b"\n")
        except OSError:  # nobody listens any more
            self._stop()

    def _end(self) -> None:
        for child in self._children.values():
            kill_group(child.pid)
        for child in self._children.values():
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                continue
        remove_run(self._run_dir)
        self._tell(event="ended")


def kill_group(leader: int) -> None:
    """SIGKILL a process and what it started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def remove_run(run_dir: str | Path) -> None:
    """Remove a run directory, and only that."""
    if os.path.isfile(os.path.join(run_dir, MARKER)):
        import shutil

        shutil.rmtree(run_dir, ignore_errors=True)


def _before_exec() -> Callable[[], object] | None:
    """What a child does before it becomes Java: on Linux, ask for a signal when its parent dies."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    set_death_signal = 1  # PR_SET_PDEATHSIG of sys/prctl.h
    return lambda: prctl(set_death_signal, int(signal.SIGKILL), 0, 0, 0)


def guard(pipe: int, inherited: list[int], command: list[str]) -> int:
    """Run a command until it ends or nobody holds the other end of the pipe; returns its exit status as a shell would."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = subprocess.Popen(command, preexec_fn=_before_exec(), pass_fds=inherited)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        selector.register(read_end, selectors.EVENT_READ)
        while child.poll() is None:
            for key, _ in selector.select():
                if key.fd == pipe:
                    child.kill()
                    child.wait()
                else:
                    os.read(read_end, 512)
    status = child.returncode
    return 128 - status if status < 0 else status


def main() -> None:
    """Serve the run, or guard the command, named on the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the app to handle
    if sys.argv[1] == "--guard":
        lifeline, *inherited = map(int, sys.argv[2].split(","))
        sys.exit(guard(lifeline, inherited, sys.argv[3:]))
    Supervisor(sys.argv[1], int(sys.argv[2])).serve()


if __name__ == "__main__":
    main()
