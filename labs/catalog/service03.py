"""Lab 3: the profile service, and programs that call it, each in a process of its own."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from labs import handouts, nursery
from labs.calls import Journal
from labs.catalog.text03 import FAST, SLOW
from labs.contract import LabContext
from labs.errors import LearnerError
from labs.nursery import Nursery
from labs.program import Limits, OnLine, Program
from labs.trials import ignored, make_directory
from labs.waits import wait_until

HOST = "127.0.0.1"
START_SECONDS = 30.0
FOREVER = 3600.0
MEMORY_MB = 1024
LINES = 200


class Service:
    """A profile service in a process of its own, on loopback ports. Use as a context manager.

    It can be frozen and killed, and then started again, with the same log.
    """

    def __init__(self, ctx: LabContext, home: Path, fork: Nursery | None, seconds: Sequence[float] = (SLOW,)) -> None:
        """`seconds`: how long a call takes, for each port."""
        self._ctx = ctx
        self._home = home
        self._fork = fork
        self._seconds = seconds
        self._log = home / "profiles.log"
        self._read = 0
        self._ports: list[int] = []
        self._program: Program | None = None
        self._journal = Journal()

    def __enter__(self) -> Service:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, or start it again. Raises LabError where it does not."""
        self._ports = []
        program = self._program = Program(
            handouts.path(3, "profiles.py"),
            [str(self._log), *map(str, self._seconds)],
            limits=Limits(FOREVER, lines=20),
            on_line=self._said,
            cwd=self._home,
            nursery=self._fork,
        )
        try:
            wait_until(
                lambda: bool(self._ports) or not program.running, self._ctx.stop, START_SECONDS, "the service to start"
            )
        except BaseException:
            self.kill()
            raise

    def freeze(self) -> None:
        """It answers nothing any more, and its connections stay open."""
        if self._program is not None:
            self._program.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it, frozen or not; calls that are under way have no effect. Safe to call twice."""
        if self._program is not None:
            self._program.close()
            self._program = None

    def _said(self, line: str, _: object) -> None:
        word, *ports = line.split()
        if word == "ports":
            self._ports = [int(port) for port in ports]

    def env(self, who: str, seconds: float = SLOW) -> dict[str, str]:
        """How a program finds it."""
        port = self._ports[self._seconds.index(seconds)]
        return {"PROFILES": f"http://{HOST}:{port}/{who}", "NO_PROXY": HOST, "no_proxy": HOST}

    @property
    def journal(self) -> Journal:
        """All that it has written down so far."""
        with contextlib.suppress(FileNotFoundError), self._log.open("rb") as log:
            log.seek(self._read)
            whole, _, _ = log.read().rpartition(b"\n")
            if whole:
                self._read += len(whole) + 1
                for line in whole.decode().split("\n"):
                    self._journal.take(line)
        return self._journal


@dataclass(frozen=True, slots=True)
class Rig:
    """What programs are started with: names, a directory and processes that go when it is left."""

    ctx: LabContext
    home: Path
    fork: Nursery | None
    stack: ExitStack
    token: str

    def name(self, suffix: str) -> str:
        """A topic or group of this rig."""
        return self.ctx.name(f"{self.token}-{suffix}")

    def service(self, seconds: Sequence[float] = (FAST, SLOW)) -> Service:
        """A profile service that ends with the rig."""
        if self.fork is not None:
            wait_until(lambda: self.fork is None or self.fork.ready, self.ctx.stop, START_SECONDS, "Python to start")
        return self.stack.enter_context(Service(self.ctx, self.home, self.fork, seconds))

    def start(
        self, script: Path, env: Mapping[str, str], seconds: float, on_line: OnLine = ignored, memory_mb: int = 0
    ) -> Program:
        """Start a program that ends with the rig."""
        program = Program(
            script,
            env={"BOOTSTRAP": self.ctx.cluster.bootstrap_servers, **env},
            limits=Limits(seconds, memory_mb, LINES),
            on_line=on_line,
            cwd=self.home,
            nursery=self.fork,
            access=self.ctx.cluster.access,
        )
        return self.stack.enter_context(program)


@contextlib.contextmanager
def rig(ctx: LabContext) -> Iterator[Rig]:
    """A rig of its own, for one run; its topics and groups are removed at the end."""
    token = f"run-{secrets.token_hex(3)}"
    home = ctx.workspace.parent / "runs" / token
    make_directory(home)
    try:
        with ExitStack() as stack:
            fork = stack.enter_context(Nursery()) if nursery.available() else None
            yield Rig(ctx, home, fork, stack, token)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        with contextlib.suppress(LearnerError):  # a stop or a dead broker: the end of the lab removes them
            _remove(ctx, ctx.name(token))


def _remove(ctx: LabContext, prefix: str) -> None:
    ctx.kafka.delete_topics(ctx.kafka.topics(prefix))
    for group in ctx.kafka.delete_groups(list(ctx.kafka.groups(prefix))):
        ctx.kafka.evict(group)
        ctx.kafka.delete_groups([group])
