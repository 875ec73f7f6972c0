"""Follows what the coordinator writes down about groups, live and without asking it: rebalances and commits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from labs import commit_log, group_log
from labs.broker.capabilities import OFFSETS_TOPIC
from labs.contract import LabContext
from labs.errors import LearnerError
from labs.group_log import Generation
from labs.values import Record
from labs.waits import StopFlag, wait_until

READY_SECONDS = 20.0


class GroupWatch:
    """Reads `__consumer_offsets` from now on, on a thread of its own. Use as a context manager."""

    def __init__(self, ctx: LabContext, topic: str, on_change: Callable[[Generation], None] = lambda _: None) -> None:
        """`topic`: any topic there is; `on_change`: called for each generation of a group of this lab, on that thread."""
        self._ctx = ctx
        self._topic = topic
        self._on_change = on_change
        self._lock = threading.Lock()
        self._generations: dict[str, list[Generation]] = {}
        self._committed: dict[str, dict[int, int]] = {}
        self._flag = StopFlag(parent=ctx.stop)
        self._consumer = ctx.kafka.consumer()
        self._thread = threading.Thread(target=self._read, name="group-watch", daemon=True)

    def __enter__(self) -> Self:
        """Raises KafkaRefused where the offsets topic must not be read."""
        kafka = self._ctx.kafka
        kafka.committed(
            self._ctx.name("nobody"), self._topic
        )  # the first question makes the coordinator make its topic
        wait_until(
            lambda: bool(kafka.partitions(OFFSETS_TOPIC)), self._ctx.stop, READY_SECONDS, "the coordinator's own topic"
        )
        self._consumer.assign(OFFSETS_TOPIC, kafka.log_end(OFFSETS_TOPIC))
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._flag.stop()
        if self._thread.ident is not None:
            self._thread.join(2)
        self._consumer.close()

    def generations(self, group: str) -> tuple[Generation, ...]:
        """All generations of a group so far, in order."""
        with self._lock:
            return tuple(self._generations.get(group, ()))

    def latest(self, group: str) -> Generation | None:
        """The generation that a group is in, as far as it has been read; None where it has had none."""
        with self._lock:
            found = self._generations.get(group)
            return found[-1] if found else None

    def committed(self, group: str) -> dict[int, int]:
        """The committed offset of each partition for which there is one."""
        with self._lock:
            return dict(self._committed.get(group, {}))

    def _read(self) -> None:
        with contextlib.suppress(LearnerError):  # whoever works in the foreground tells it
            while True:
                self._flag.check()
                self._take(self._consumer.poll())

    def _take(self, records: list[Record]) -> None:
        for generation in group_log.parse(records, self._ctx.prefix):
            with self._lock:
                self._generations.setdefault(generation.group, []).append(generation)
            self._on_change(generation)
        for group, commit in commit_log.parse_all(records, self._ctx.prefix):
            with self._lock:
                if commit.offset is not None:
                    self._committed.setdefault(group, {})[commit.partition] = commit.offset
