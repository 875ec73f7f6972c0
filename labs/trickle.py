"""A little traffic on a thread of its own, for as long as somebody needs it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Self

from labs.client import Kafka
from labs.contract import StopToken
from labs.errors import KafkaRefused, LearnerError
from labs.values import Out
from labs.waits import StopFlag

PATIENCE_MS = 2000
"""How long a record waits for its topic, which the learner may have deleted."""


def trickle(kafka: Kafka, topic: str, records: Callable[[], Sequence[Out]], seconds: float, stop: StopToken) -> None:
    """Write these records again and again, until `stop` ends it. A topic that is gone is waited for."""
    with kafka.producer(max_block_ms=PATIENCE_MS) as producer:
        while True:
            with contextlib.suppress(KafkaRefused):
                producer.send_all(topic, records())
            stop.wait(seconds)


class Trickle:
    """A trickle in the background: use it in a `with`."""

    def __init__(
        self,
        kafka: Kafka,
        topic: str,
        records: Sequence[Out] | Callable[[], Sequence[Out]],
        seconds: float,
        stop: StopToken,
    ) -> None:
        """`records`: the same each time, or what makes new ones."""
        self._stop = StopFlag(parent=stop)
        self._records = records
        self._thread = threading.Thread(target=self._run, args=(kafka, topic, seconds), daemon=True)

    def _next(self) -> Sequence[Out]:
        return self._records() if callable(self._records) else self._records

    def _run(self, kafka: Kafka, topic: str, seconds: float) -> None:
        with contextlib.suppress(LearnerError):
            trickle(kafka, topic, self._next, seconds, self._stop)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.stop()
        self._thread.join(5.0)
