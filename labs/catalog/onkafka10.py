"""The five kinds of work, done by Kafka: topics, partitions and consumer groups, each for real."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from labs.catalog.shift10 import LONG, URGENT, Shift, in_parallel
from labs.catalog.work10 import (
    ASKERS,
    EXPIRES_MS,
    JOBS,
    NOTICES,
    OLD,
    PLACED,
    SALES,
    SINCE,
    STALE,
    WORKERS,
    Finding,
    again_found,
    jobs_found,
    notices_found,
    orders_found,
    questions,
    questions_found,
)
from labs.client import Consumer
from labs.contract import LabContext
from labs.notebook import now_ms
from labs.order_messages import handled, happened
from labs.ordering import out_of_order, outgoing
from labs.routing_plan import MAILBOXES
from labs.values import Out, Record

SLOW_STAGE, SLOW_SECONDS = 0, 0.01
"""To handle `created` takes longer than what follows."""


def order_events(ctx: LabContext, name: str) -> Finding:
    """Keyed by order id over three partitions; then a group that did not exist when they were written."""
    ctx.kafka.create_topic(name, WORKERS)
    ctx.kafka.produce(name, outgoing(happened(PLACED, at_once=1), key=True))
    done: list[bytes] = []

    def handle(record: Record) -> None:
        handle_event(ctx, record.value or b"", done)

    one_instance_a_partition(ctx, name, handle)
    late = ctx.kafka.read_group(f"{name}-fraud", name, "earliest")
    return orders_found(len(out_of_order(handled(done))), len(late))


def handle_event(ctx: LabContext, body: bytes, done: list[bytes]) -> None:
    """What an instance does with an event."""
    if json.loads(body)["step"] == SLOW_STAGE + 1:
        ctx.stop.wait(SLOW_SECONDS)
    done.append(body)


def jobs(ctx: LabContext, name: str) -> Finding:
    """Spread over as many partitions as there are workers: that is as many as can work."""
    ctx.kafka.create_topic(name, WORKERS)
    written = [LONG, *(f"job-{number}" for number in range(JOBS)), URGENT]
    ctx.kafka.produce(name, [Out(job.encode(), partition=at % WORKERS) for at, job in enumerate(written)])
    shift = Shift(len(written), ctx.stop)
    one_instance_a_partition(ctx, name, lambda record: shift.work(record.text))
    return jobs_found(shift.waited, shift.urgent_rank)


def notifications(ctx: LabContext, name: str) -> Finding:
    """One topic, for the sender knows no mailboxes; each mailbox reads it with a group of its own."""
    ctx.kafka.create_topic(name)
    ctx.kafka.produce(name, [Out(notice.id.encode(), ".".join(notice.words).encode()) for notice in NOTICES])
    handed = {box: [r.text for r in ctx.kafka.read_group(f"{name}-{box}", name, "earliest")] for box in MAILBOXES}
    return notices_found(handed)


def price_checks(ctx: LabContext, name: str) -> Finding:
    """A topic for questions, a topic for answers. While the service is away, questions become too old."""
    asked, answers = f"{name}-asked", f"{name}-answers"
    ctx.kafka.create_topics([asked, answers])
    ctx.kafka.produce(asked, [Out(f"{OLD}{number}".encode()) for number in range(STALE)])
    ctx.stop.wait(1.5 * EXPIRES_MS / 1000)
    ctx.kafka.produce(asked, [Out(text.encode()) for asker in ASKERS for text in questions(asker)])
    seen = [record.text for record in ctx.kafka.read_group(f"{name}-service", asked, "earliest")]
    ctx.kafka.produce(answers, [Out(text.encode()) for text in seen if not text.startswith(OLD)])
    handed = {asker: [r.text for r in ctx.kafka.read_group(f"{name}-{asker}", answers, "earliest")] for asker in ASKERS}
    return questions_found(seen, handed)


def tax_corrections(ctx: LabContext, name: str) -> Finding:
    """The group has handled everything; then it is taken back to a moment."""
    group = f"{name}-analytics"
    ctx.kafka.create_topic(name)
    ctx.kafka.produce(name, [Out(f"sale-{number}".encode()) for number in range(SINCE)])
    ctx.stop.wait(0.01)
    since = now_ms()
    ctx.kafka.produce(name, [Out(f"sale-{number}".encode()) for number in range(SINCE, SALES)])
    ctx.kafka.read_group(group, name, "earliest")
    ctx.kafka.set_committed(group, name, ctx.kafka.offsets_at(name, since))
    return again_found(len(ctx.kafka.read_group(group, name, "earliest")))


DRIVES: Mapping[str, Callable[[LabContext, str], Finding]] = {
    "order-events": order_events,
    "jobs": jobs,
    "notifications": notifications,
    "price-checks": price_checks,
    "tax-corrections": tax_corrections,
}


def one_instance_a_partition(ctx: LabContext, topic: str, handle: Callable[[Record], None]) -> None:
    """Read a topic with one instance for each partition, side by side, to its end as it is now."""
    end = ctx.kafka.log_end(topic)
    with ExitStack() as stack:
        readers: dict[int, Consumer] = {p: stack.enter_context(ctx.kafka.consumer()) for p in end}
        for p, reader in readers.items():
            reader.assign(topic, {p: 0})

        def instance(p: int) -> None:
            left = end[p]
            while left > 0:
                ctx.stop.check()
                for record in readers[p].poll(left):
                    handle(record)
                    left -= 1

        in_parallel(instance, list(end))
