"""Starts learners' programs fast: a process that has imported what they import, and forks for each of them.

A lab that crashes a program at every point starts it dozens of times; each start would import the Kafka client anew, which
takes longer than the run itself. A forked program is a process of its own in every other respect: its own session,
directory, environment, output, limits and death.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from labs import launcher
from labs.broker.access import without_secrets

MAX_MESSAGE = 1024 * 1024
PRELOAD = ("json", "sqlite3", "kafka", "urllib.request", "encodings.idna")
THREADS_SECONDS = 3.0
"""How long the threads of the warming up may take to end."""


def available() -> bool:
    """Whether programs may be forked: other systems' libraries do not all survive a fork without an exec."""
    return sys.platform.startswith("linux")


@dataclass(frozen=True, slots=True)
class Spawn:
    """What a program is started with."""

    arguments: tuple[str, ...]
    """As `labs.launcher` takes them, without `--parent-fd`."""
    cwd: Path
    env: Mapping[str, str]
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What its Kafka clients are let in with, unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What the forking process does once itself: the Kafka client compiles each kind of message at its first use."""

    bootstrap_servers: str
    topic: str
    """Has a record."""
    group: str
    transactional_id: str = ""
    """Empty: no transaction is tried."""
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What it is let in with."""


class Child:
    """A forked program, with what `subprocess.Popen` has of it."""

    def __init__(self, nursery: Nursery, number: int, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._nursery = nursery
        self._number = number
        self.stdout = stdout
        self.stderr = stderr

    @property
    def pid(self) -> int:
        """Process id."""
        return self._nursery.pid_of(self._number)

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._nursery.status_of(self._number)

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self._nursery.wait_for(self._number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """Send a signal; a process that has ended gets none."""
        self._nursery.signal(self._number, number)


class Nursery:
    """The forking process. Use as a context manager: leaving it ends the process and all that it started."""

    def __init__(self, preload: Sequence[str] = PRELOAD, warm_up: WarmUp | None = None) -> None:
        self._pids: dict[int, int] = {}
        self._status: dict[int, int] = {}
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._spawned = 0
        self._over = False
        self._ready = False
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = mine
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        with its:
            self._process = subprocess.Popen(
                _command(its.fileno(), preload, warm_up),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(its.fileno(),),
                start_new_session=True,
                env={
                    **without_secrets(os.environ),
                    "PYTHONPATH": path,
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONUNBUFFERED": "1",
                },
            )
        if warm_up is not None:  # through the socket: others see a command line
            mine.send(json.dumps(dict(warm_up.client)).encode())
        self._reader = threading.Thread(target=self._read, name="nursery", daemon=True)
        self._reader.start()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the forking process."""
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Whether it has imported everything, so that programs start at once; also true where it has ended."""
        return self._ready or self._over

    def spawn(self, what: Spawn, lifeline: int) -> Child:
        """Fork a program. `lifeline`: the read end of a pipe whose end ends it. Raises OSError."""
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        stdout, stderr = os.fdopen(out_read, "rb"), os.fdopen(err_read, "rb")
        try:
            number = self._request(what, [out_write, err_write, lifeline])
            with self._changed:
                self._changed.wait_for(lambda: number in self._pids or self._over)
                if number not in self._pids:
                    raise OSError("the process that starts programs has ended")
        except BaseException:
            stdout.close()
            stderr.close()
            raise
        finally:
            os.close(out_write)
            os.close(err_write)
        return Child(self, number, stdout, stderr)

    def _request(self, what: Spawn, descriptors: list[int]) -> int:
        with self._sending:
            self._spawned += 1
            row = {
                "id": self._spawned,
                "arguments": what.arguments,
                "cwd": str(what.cwd),
                "env": dict(what.env),
                "client": dict(what.client),
            }
            socket.send_fds(self._socket, [json.dumps(row).encode()], descriptors)
            return self._spawned

    def pid_of(self, number: int) -> int:
        """Process id of a program."""
        return self._pids[number]

    def status_of(self, number: int) -> int | None:
        """Exit status of a program; None while it runs."""
        with self._changed:
            return self._status.get(number, -signal.SIGKILL if self._over else None)

    def wait_for(self, number: int) -> int:
        """Exit status of a program, once it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: number in self._status or self._over)
            return self._status.get(number, -signal.SIGKILL)

    def signal(self, number: int, signum: int) -> None:
        """Have a signal sent. The forking process does it: it alone knows whether the process id is still the program's."""
        with self._sending, contextlib.suppress(OSError):
            self._socket.send(json.dumps({"id": number, "signal": int(signum)}).encode())

    def close(self) -> None:
        """End it and everything it started. Safe to call twice."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self._ready:  # it is importing, and has started nothing
            self._process.kill()
        self._process.wait()
        self._reader.join(5)
        self._socket.close()

    def _read(self) -> None:
        try:
            while message := self._socket.recv(MAX_MESSAGE):
                row = json.loads(message)
                with self._changed:
                    if "ready" in row:
                        self._ready = True
                        continue
                    self._pids.setdefault(row["id"], row["pid"])
                    if "status" in row:
                        self._status[row["id"]] = row["status"]
                    self._changed.notify_all()
        except OSError:
            pass
        with self._changed:
            self._over = True
            self._changed.notify_all()


# --- the forking process ---------------------------------------------------------------------------------------------


class _Server:
    """Serves requests in the only thread of its process: a fork copies no lock that another thread holds."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}
        """Process id → number of the program."""
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def serve(self) -> launcher.Options | None:
        """Serve until the other end is gone (None), or until this is a forked program, which has to be run now."""
        self._tell({"ready": True})
        while True:
            ready, _, _ = select.select([self._control.fileno(), self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._control.fileno() in ready:
                data, descriptors, _, _ = socket.recv_fds(self._control, MAX_MESSAGE, 3)
                if not data:
                    self._end_children()
                    return None
                options = self._handle(json.loads(data), descriptors)
                if options is not None:
                    return options

    def _handle(self, row: dict[str, Any], descriptors: list[int]) -> launcher.Options | None:
        if "signal" in row:
            for pid in [pid for pid, number in self._children.items() if number == row["id"]]:
                os.kill(pid, row["signal"])
            return None
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            launcher.die_with_parent(-1)
            if os.getppid() != parent:  # it died before it could be watched
                os._exit(1)
            self._forget()
            return become(row, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[pid] = row["id"]
        self._tell({"id": row["id"], "pid": pid})
        return None

    def _reap(self) -> None:
        for pid in list(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                number = self._children.pop(pid)
                self._tell({"id": number, "pid": pid, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, row: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._control.send(json.dumps(row).encode())

    def _end_children(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _forget(self) -> None:
        """In the forked process: let go of what belongs to the forking one."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        os.close(self._woken)
        os.close(self._wake)


def become(row: dict[str, Any], descriptors: Sequence[int]) -> launcher.Options:
    """Make this process the one that was asked for."""
    out, err, lifeline = descriptors
    os.setsid()
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    os.environ.clear()
    os.environ.update(row["env"])
    os.chdir(row["cwd"])
    return replace(launcher.parse(["--parent-fd", str(lifeline), *row["arguments"]]), client=row["client"])


def _command(descriptor: int, preload: Sequence[str], warm_up: WarmUp | None) -> list[str]:
    row = json.dumps(None if warm_up is None else asdict(replace(warm_up, client={})))
    return [sys.executable, "-m", "labs.nursery", str(descriptor), row, *preload]


def exercise(what: WarmUp) -> bool:
    """Read, commit and write once as programs do; whether no thread of it is left, so that a fork is safe."""
    from labs.client import Kafka
    from labs.errors import LearnerError
    from labs.values import Out
    from labs.waits import Deadline, wait_until

    stop = Deadline(10.0)
    with contextlib.suppress(LearnerError), Kafka(what.bootstrap_servers, stop, what.client) as kafka:
        kafka.read_group(what.group, what.topic, "earliest")
        if what.transactional_id:
            with kafka.producer(transactional_id=what.transactional_id) as producer:
                producer.begin()
                producer.send_all(what.topic, [Out(b"warm-up")])
                producer.commit()
    with contextlib.suppress(LearnerError):
        wait_until(lambda: threading.active_count() == 1, stop, THREADS_SECONDS, "threads to end", every=0.01)
    return threading.active_count() == 1


def main() -> None:
    """Import, warm up, serve, and run the program where this turns out to be one."""
    descriptor, warm_up, preload = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    launcher.die_with_parent(-1)
    for name in preload:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    control = socket.socket(fileno=descriptor)
    if warm_up is not None:
        client = json.loads(control.recv(MAX_MESSAGE))
        if not exercise(WarmUp(**{**warm_up, "client": client})):
            os.execv(sys.executable, _command(descriptor, preload, None))
    gc.collect()
    gc.freeze()  # what is there now is never collected: looking at it would copy its memory in every fork
    options = _Server(control).serve()
    if options is not None:
        launcher.run(options)


if __name__ == "__main__":
    main()
