"""The slow service behind the consumers of lab 4: a process of its own, whose log says how often each invoice was handled."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from types import TracebackType
from typing import Self

from labs import handouts
from labs.program import Limits, Program
from labs.trials import Bench
from labs.waits import wait_until

HOST = "127.0.0.1"
START_SECONDS = 20.0


class Book:
    """What the log says, line by line: which caller had which invoice done, and which calls hang."""

    def __init__(self) -> None:
        self._done: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._hung: defaultdict[str, set[str]] = defaultdict(set)

    def line(self, text: str) -> None:
        """Take a line of the log: `done WHO/MEMBER INVOICE` or `hangs WHO/MEMBER INVOICE`."""
        match text.split():
            case ["done", caller, invoice]:
                self._done[caller.partition("/")[0]][invoice] += 1
            case ["hangs", caller, invoice]:
                self._hung[caller].add(invoice)

    def done(self, who: str) -> Mapping[str, int]:
        """How often each invoice of a group was handled."""
        return dict(self._done[who])

    def hung(self, caller: str) -> Set[str]:
        """The invoices with which a caller waits, or has waited, for an answer that did not come."""
        return frozenset(self._hung[caller])


class Downstream:
    """The service in a process of its own, on a loopback port. Use as a context manager."""

    def __init__(self, bench: Bench, seconds: float) -> None:
        """`seconds`: what it takes for an invoice."""
        self._bench = bench
        self._seconds = seconds
        self._log = bench.home / "service.log"
        self._hanging = bench.home / "hanging.txt"
        self._lock = threading.Lock()
        self._book = Book()
        self._read = 0
        self._port = 0
        self._program: Program | None = None

    def __enter__(self) -> Self:
        self._bench.await_nursery()
        self._hanging.write_text("")
        program = self._program = Program(
            handouts.path(4, "service.py"),
            [str(self._log), str(self._seconds), str(self._hanging)],
            limits=Limits(seconds=3600.0, lines=20),
            on_line=self._said,
            cwd=self._bench.home,
            nursery=self._bench.nursery,
        )
        try:
            stop = self._bench.ctx.stop
            wait_until(lambda: bool(self._port) or not program.running, stop, START_SECONDS, "the service to start")
        except BaseException:
            program.close()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._program is not None:
            self._program.close()

    def _said(self, line: str, _: object) -> None:
        if line.startswith("port "):
            self._port = int(line.removeprefix("port "))

    def env(self, who: str, member: str) -> dict[str, str]:
        """How a member of a group finds it, and is told apart."""
        return {"SERVICE": f"http://{HOST}:{self._port}/{who}/{member}", "NO_PROXY": HOST, "no_proxy": HOST}

    def hang(self, who: str, member: str) -> None:
        """Give this caller no more answers."""
        with self._lock, self._hanging.open("a") as file:
            file.write(f"{who}/{member}\n")

    def book(self) -> Book:
        """What it has done so far. Safe from any thread; what it returns goes on growing."""
        with self._lock:
            if self._log.exists():
                self._read_on()
            return self._book

    def _read_on(self) -> None:
        with self._log.open("rb") as file:
            file.seek(self._read)
            whole, _, _ = file.read().rpartition(b"\n")
        if whole:
            self._read += len(whole) + 1
            for line in whole.decode(errors="replace").split("\n"):
                self._book.line(line)
