"""What was acknowledged, and what of it is still there: producers of ours that write on while a leader dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labs import quirks
from labs.client import Kafka
from labs.contract import StopToken
from labs.values import Out
from labs.waits import SLICE, wait_until

EVERY = 0.004
"""Seconds between two records of a writer."""
AT_ONCE = 2000
CLOSE_SECONDS = 8.0
MARK = b"mark"


@dataclass(slots=True)
class Writer:
    """Writes numbers evenly to one partition until it is told to stop, and remembers which were acknowledged."""

    topic: str
    partition: int
    settings: Mapping[str, Any]
    acknowledged: set[int] = field(default_factory=set)
    sent: int = 0
    failed: int = 0
    fault: Exception | None = None
    """What ended it early."""
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, kafka: Kafka, on_count: Callable[[int], None]) -> None:
        """Begin to write, on a thread of its own."""
        self._thread = threading.Thread(
            target=self._run, args=(kafka, on_count), name=f"write-{self.topic}", daemon=True
        )
        self._thread.start()

    @property
    def count(self) -> int:
        """How many are acknowledged so far."""
        return len(self.acknowledged)

    def more(self, count: int, stop: StopToken, seconds: float) -> int:
        """Wait for so many further acknowledgements, or so long; returns how many came."""
        before, end = self.count, time.monotonic() + seconds
        while self.count < before + count and time.monotonic() < end and self.fault is None:
            stop.wait(SLICE)
        return self.count - before

    def stop(self) -> None:
        """Send nothing more; what waits for an answer may still get it."""
        self._over.set()

    def join(self, stop: StopToken) -> None:
        """Wait for the last answers."""
        thread = self._thread
        wait_until(
            lambda: thread is None or not thread.is_alive(), stop, 2 * CLOSE_SECONDS, "the last acknowledgements"
        )
        if self.fault is not None:
            raise self.fault

    def _run(self, kafka: Kafka, on_count: Callable[[int], None]) -> None:
        try:
            with kafka.producer(**self.settings) as producer:
                producer.use(f"write to {self.topic}", lambda raw: self._write(raw, on_count))
        except Exception as error:  # told by join, on the thread that waits
            self.fault = error

    def _write(self, raw: Any, on_count: Callable[[int], None]) -> None:
        raw.partitions_for(self.topic)
        told = time.monotonic()
        while not self._over.wait(EVERY):
            if self.sent - len(self.acknowledged) - self.failed < AT_ONCE:
                self._send(raw, self.sent)
            if time.monotonic() - told > 0.1:
                told = time.monotonic()
                on_count(len(self.acknowledged))
        self._finish(raw)
        on_count(len(self.acknowledged))

    def _send(self, raw: Any, number: int) -> None:
        self.sent += 1
        future = raw.send(self.topic, value=str(number).encode(), partition=self.partition)
        future.add_callback(lambda _: self.acknowledged.add(number))
        future.add_errback(self._lost)

    def _lost(self, _: object) -> None:
        self.failed += 1

    def _finish(self, raw: Any) -> None:
        end = time.monotonic() + CLOSE_SECONDS
        while self.sent > len(self.acknowledged) + self.failed and time.monotonic() < end:
            time.sleep(0.02)
        quirks.drop_unsent(raw)


def gone(kafka: Kafka, acknowledged: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """The acknowledged numbers that are not in their topics. Call it when the topics have leaders again."""
    with kafka.producer() as producer:
        for topic in acknowledged:
            producer.send_all(topic, [Out(MARK)])  # acknowledged by all in sync: what lies before it can be read
    return {topic: numbers - _there(kafka, topic) for topic, numbers in acknowledged.items()}


def _there(kafka: Kafka, topic: str) -> set[int]:
    return {int(record.text) for record in kafka.read_all(topic) if record.value != MARK}
