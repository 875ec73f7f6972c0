"""Other parts of the world that a payment program changes: events that it publishes, cards that it has charged."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from labs import handouts, payments
from labs.contract import LabContext
from labs.errors import LearnerError
from labs.payments import Payment
from labs.program import Limits, Program
from labs.trials import Bench, Sums, Trial
from labs.waits import StopFlag, wait_until

HOST = "127.0.0.1"
START_SECONDS = 20.0
DRAIN_SECONDS = 15.0


class Events:
    """Reads the events of a topic as they come, those of committed transactions only. Use as a context manager."""

    def __init__(self, ctx: LabContext, topic: str) -> None:
        self._ctx = ctx
        self._topic = topic
        self._flag = StopFlag(parent=ctx.stop)
        self._lock = threading.Lock()
        self._sums: dict[str, Counter[str]] = {}
        """Payment id → account → rupees."""
        self._consumer = ctx.kafka.consumer(isolation_level="read_committed")
        self._thread = threading.Thread(target=self._read, name="events", daemon=True)

    def __enter__(self) -> Self:
        self._consumer.assign(self._topic, {0: 0})
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._flag.stop()
        self._thread.join(2)
        self._consumer.close()

    def _read(self) -> None:
        with contextlib.suppress(LearnerError):
            while True:
                self._flag.check()
                for record in self._consumer.poll():
                    payment = payments.parse(record.text)
                    if payment is not None:
                        self._take(payment)

    def _take(self, payment: Payment) -> None:
        with self._lock:
            self._sums.setdefault(payment.id, Counter())[payment.account] += payment.amount

    def sums(self, trial: Trial) -> Sums:
        """What the events of a trial add up to so far, by account."""
        total: Counter[str] = Counter()
        with self._lock:
            for payment in (*trial.book.payments, trial.book.later):
                total.update(self._sums.get(payment.id, {}))
        return dict(total)

    def drain(self) -> None:
        """Wait until everything that is in the topic now has been read."""
        end = self._ctx.kafka.log_end(self._topic)[0]
        what = "the last events to be readable"
        wait_until(lambda: self._consumer.positions(self._topic).get(0, 0) >= end, self._ctx.stop, DRAIN_SECONDS, what)


class Gateway:
    """A payment gateway in a process of its own, on a loopback port. Use as a context manager."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._database = bench.home / "gateway.db"
        self._reader = payments.Reader(self._database)
        self._port = 0
        self._program: Program | None = None

    def __enter__(self) -> Self:
        self._bench.await_nursery()
        script = handouts.path(9, "gateway.py")
        program = self._program = Program(
            script,
            [str(self._database)],
            limits=Limits(seconds=3600.0, lines=20),
            on_line=self._said,
            cwd=self._bench.home,
            nursery=self._bench.nursery,
        )
        try:
            wait_until(
                lambda: bool(self._port) or not program.running,
                self._bench.ctx.stop,
                START_SECONDS,
                "the gateway to start",
            )
        except BaseException:
            program.close()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._program is not None:
            self._program.close()
        self._reader.close()

    def _said(self, line: str, _: object) -> None:
        if line.startswith("port "):
            self._port = int(line.removeprefix("port "))

    def env(self, trial: Trial) -> dict[str, str]:
        """How a program of a trial finds it: each trial is another customer of the gateway."""
        return {"GATEWAY": f"http://{HOST}:{self._port}/{trial.name}", "NO_PROXY": HOST, "no_proxy": HOST}

    def sums(self, trial: Trial) -> Sums | None:
        """What it has charged for a trial so far, by account; None where its database cannot be read now."""
        query = "SELECT account, SUM(amount) FROM charges WHERE who = ? GROUP BY account"
        rows = self._reader.rows(query, trial.name)
        return None if rows is None else {str(account): int(total) for account, total in rows}

    def charges(self, trial: Trial, payment: Payment) -> int:
        """How often it has charged a card for an account of a payment."""
        return (self.sums(trial) or {}).get(payment.account, 0) // payment.amount
