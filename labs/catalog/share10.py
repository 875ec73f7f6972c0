"""Kafka's own queues in lab 10's symptom: a share group (KIP-932), by Java's consumers, for kafka-python has none."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any, Self

from labs.catalog.kafka10 import read_command
from labs.catalog.text10 import EVENTS, PLACED
from labs.contract import LabContext
from labs.errors import LabStopped, LearnerError
from labs.notebook import Notebook, plot, shell, step
from labs.order_messages import happened
from labs.ordering import outgoing
from labs.waits import StopFlag, wait_until

TOOL = "kafka-verifiable-share-consumer"
START = "share.auto.offset.reset"
"""Where a share group begins. A setting of the group, which outlives it."""
START_SECONDS = 90.0
HAND_OUT_SECONDS = 60.0
JOIN_SECONDS = 30.0
SHORT_GAP, LONG_GAP = 0.1, 0.5
"""Seconds between two records while a member has not been handed one yet: it may still be joining …"""
PATIENT = EVENTS // 2
"""… short for so many records, longer for the others."""


class SharePool:
    """Two members of one share group, on a topic with one partition. Use it in a `with`."""

    def __init__(self, ctx: LabContext) -> None:
        self._ctx = ctx
        self.topic, self.group = ctx.name("queue"), ctx.name("pool")
        self._flag = StopFlag(parent=ctx.stop)
        self._said: tuple[list[str], list[str]] = ([], [])
        self._fault: LearnerError | None = None
        self._threads = [threading.Thread(target=self._consume, args=(said,), daemon=True) for said in self._said]

    @property
    def handed(self) -> tuple[int, int]:
        """Records that each of the two was handed."""
        first, second = (count(said, "records_consumed") for said in self._said)
        return first, second

    @property
    def acknowledged(self) -> int:
        """Records that the two have acknowledged."""
        return sum(count(said, "offsets_acknowledged") for said in self._said)

    @property
    def _options(self) -> list[str]:
        return ["--topic", self.topic, "--group-id", self.group, "--acknowledgement-mode", "sync"]

    def _consume(self, said: list[str]) -> None:
        try:
            with suppress(LabStopped):
                self._ctx.tools.run([TOOL, *self._options], lambda line, _: said.append(line), self._flag)
        except LearnerError as error:
            self._fault = error

    def __enter__(self) -> Self:
        """Make topic and group, and start the two, which takes some seconds: other things may go on meanwhile."""
        ctx = self._ctx
        ctx.kafka.create_topic(self.topic)
        group = ["--alter", "--entity-type", "groups", "--entity-name", self.group]
        command = shell("kafka-configs", *group, "--add-config", f"{START}=earliest")
        step(ctx, "symptom", "Kafka's own queues: a share group, which is to begin at the start of its topic", command)
        ctx.kafka.set_config(self.group, {START: "earliest"}, "group")
        text = "Two consumers of that group start; their topic has one partition"
        step(ctx, "symptom", text, shell(TOOL, *self._options))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let both leave the group. Safe to call twice."""
        self._flag.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(10.0)

    def hand_out(self) -> None:
        """Write all events, slowly until both members have had one, and wait until all are acknowledged."""
        wait_until(self._started, self._ctx.stop, START_SECONDS, "two share consumers to start")
        events = outgoing(happened(PLACED), key=True)
        with self._ctx.kafka.producer() as producer:
            written = 0
            while written < len(events) and not all(self.handed):
                producer.send_all(self.topic, [events[written]])
                written += 1
                self._ctx.stop.wait(SHORT_GAP if written < PATIENT else LONG_GAP)
            for event in events[written:]:  # one at a time: what is written together is handed out together
                producer.send_all(self.topic, [event])
        wait_until(self._done, self._ctx.stop, HAND_OUT_SECONDS, "the share group to acknowledge everything")

    def _started(self) -> bool:
        self._check()
        return all(any(name_of(line) == "startup_complete" for line in said) for said in self._said)

    def _done(self) -> bool:
        self._check()
        first, second = self.handed
        plot(self._ctx, {"share group: member 1": first, "share group: member 2": second}, "records")
        return self.acknowledged >= EVENTS

    def _check(self) -> None:
        if self._fault is not None:
            raise self._fault


def name_of(line: str) -> str:
    """The name of an event of the tool; empty where the line is none."""
    return str(_event(line).get("name", ""))


def count(said: Sequence[str], name: str) -> int:
    """The records of all events with a name."""
    return sum(int(event["count"]) for event in map(_event, list(said)) if event.get("name") == name)


def _event(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def own_queues(ctx: LabContext, book: Notebook, pool: SharePool) -> None:
    """Who is handed what of one partition, and what is left when all is acknowledged."""
    step(ctx, "symptom", f"{EVENTS} events are written to the partition that the share group reads")
    pool.hand_out()
    pool.stop()
    first, second = pool.handed
    total = first + second
    who = "each" if total > EVENTS else "both" if first and second else "one"
    text = f"Of one partition with {EVENTS} records the two members were handed {first} and {second}."
    describe = shell("kafka-share-groups", "--describe", "--group", pool.group)
    book.note("share-group-both", text, who, f"{first} and {second} records", describe)
    _ordinary_group(ctx, book, pool)


def _ordinary_group(ctx: LabContext, book: Notebook, pool: SharePool) -> None:
    group = ctx.name("audit")
    command = read_command(pool.topic, group)
    step(ctx, "symptom", "An ordinary group reads the same topic from its start", command)
    left = len(ctx.kafka.read_group(group, pool.topic, "earliest"))
    text = f"The share group has acknowledged {pool.acknowledged} records; an ordinary group still reads {left}."
    book.note("share-acked-stays", text, float(left), f"{left} records", command)
    busy = _members_with_a_partition(ctx, group, pool.topic)
    text = (
        f"Two members of an ordinary group on a topic with one partition: {busy} of them has it, the other one idles."
    )
    members = shell("kafka-consumer-groups", "--describe", "--group", group, "--members")
    book.note("one-partition-one-member", text, float(busy), f"{busy} member", members)


def _members_with_a_partition(ctx: LabContext, group: str, topic: str) -> int:
    with ExitStack() as stack:
        members = [stack.enter_context(ctx.kafka.consumer(group)) for _ in range(2)]
        for member in members:
            member.subscribe(topic)
        busy = -1

        def settled() -> bool:
            nonlocal busy
            for member in members:
                member.poll()
            found = ctx.kafka.group(group)
            busy = sum(bool(member.partitions) for member in found.members)
            return found.state == "Stable" and len(found.members) == len(members)

        wait_until(settled, ctx.stop, JOIN_SECONDS, "two members to join", every=0.0)
        return busy
