"""Loads that a producer of ours writes: as fast as it can for a while, or evenly, acknowledgements counted one by one."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from labs import quirks
from labs.client import Kafka
from labs.values import Out

AT_ONCE = 512
"""Records without an answer: what buffer.memory is for in Java's producer."""
LOOK = 0.05
"""Seconds between two looks at whether the load is still wanted."""
LEAST = 3
"""Answers without which a load says nothing: then it goes on …"""
LONGEST = 8
"""… up to so many times as long."""
TELL = 0.1
"""Seconds between two points of a plot."""


def order_events(count: int, items: int, seed: int = 7) -> list[bytes]:
    """JSON events of orders, about 52 bytes an item: as repetitive as such events are."""
    rng = random.Random(seed)
    return [json.dumps(_order(rng, number, items)).encode() for number in range(count)]


def _order(rng: random.Random, number: int, items: int) -> dict[str, Any]:
    lines = [
        {"sku": f"sku-{rng.randrange(500)}", "quantity": rng.randrange(1, 4), "price": rng.randrange(100, 99_999)}
        for _ in range(items)
    ]
    return {"event": "order-placed", "order": f"order-{number:08}", "customer": rng.randrange(10**6), "items": lines}


# --- as fast as it can -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """What a load reached."""

    acknowledged: int
    seconds: float
    metrics: Mapping[str, float]
    """The `producer-metrics` at its end."""

    @property
    def rate(self) -> float:
        """Acknowledged records a second."""
        return self.acknowledged / self.seconds

    def plus(self, more: Pace) -> Pace:
        """Both measurements together; the metrics of the later one."""
        return Pace(self.acknowledged + more.acknowledged, self.seconds + more.seconds, more.metrics)


def full_speed(
    kafka: Kafka,
    topic: str,
    events: Sequence[bytes],
    seconds: float,
    settings: Mapping[str, Any],
    on_rate: Callable[[float], None],
    *,
    each: bool = False,
) -> Pace:
    """Send for so long, in turn to every partition, and count what is acknowledged meanwhile; drop the rest.

    `each`: wait for every acknowledgement before the next send.
    """
    unwanted = threading.Event()
    partitions = len(kafka.partitions(topic))
    outs = (Out(event, partition=number % partitions) for number, event in enumerate(itertools.cycle(events)))
    pump = _Pump(topic, outs, 1 if each else AT_ONCE, on_rate, unwanted)
    with kafka.producer(**settings) as producer:
        try:
            return producer.use(f"write to {topic}", lambda raw: pump.run(raw, seconds))
        finally:
            unwanted.set()


class _Pump:
    """Sends as fast as answers allow. Runs on the producer's thread; the answers come on the client's own."""

    def __init__(
        self,
        topic: str,
        outs: Iterator[Out],
        at_once: int,
        on_rate: Callable[[float], None],
        unwanted: threading.Event,
    ) -> None:
        self._topic = topic
        self._outs = outs
        self._free = threading.Semaphore(at_once)
        self._on_rate = on_rate
        self._unwanted = unwanted
        self._answered = 0

    def run(self, producer: Any, seconds: float) -> Pace:
        producer.partitions_for(self._topic)  # the first send would wait for it
        began = told = time.monotonic()
        counted = 0
        while self._goes_on(now := time.monotonic(), began, seconds):
            if self._free.acquire(timeout=max(min(LOOK, began + seconds - now), 0.001)):
                self._send(producer, next(self._outs))
            if now - told >= TELL:
                self._on_rate((self._answered - counted) / (now - told))
                told, counted = now, self._answered
        pace = Pace(self._answered, time.monotonic() - began, dict(producer.metrics().get("producer-metrics", {})))
        quirks.drop_unsent(producer)
        return pace

    def _goes_on(self, now: float, began: float, seconds: float) -> bool:
        """Until the time is over; on a busy machine until there is something to count."""
        enough = now >= began + seconds and (self._answered >= LEAST or now >= began + LONGEST * seconds)
        return not enough and not self._unwanted.is_set()

    def _send(self, producer: Any, out: Out) -> None:
        sent = producer.send(self._topic, value=out.value, partition=out.partition)
        sent.add_callback(self._came)
        sent.add_errback(lambda _: self._free.release())

    def _came(self, _: object) -> None:
        self._answered += 1
        self._free.release()


# --- one at a time ---------------------------------------------------------------------------------------------------


def medians(
    kafka: Kafka, topic: str, event: bytes, seconds: float, settings: Sequence[Mapping[str, Any]]
) -> list[float]:
    """Seconds until an acknowledgement, as a median, for producers of these settings that take turns."""
    times: list[list[float]] = [[] for _ in settings]
    with ExitStack() as stack:
        producers = [stack.enter_context(kafka.producer(**one)) for one in settings]
        for producer in producers:
            producer.send_all(topic, [Out(event, partition=0)])  # finds the leader
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for producer, taken in zip(producers, times, strict=True):
                began = time.monotonic()
                producer.send_all(topic, [Out(event, partition=0)])
                taken.append(time.monotonic() - began)
    return [statistics.median(taken) for taken in times]
