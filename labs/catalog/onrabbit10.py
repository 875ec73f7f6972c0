"""The five kinds of work, done by RabbitMQ: exchanges, queues and consumers, each for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from labs.catalog.onkafka10 import handle_event
from labs.catalog.shift10 import LONG, URGENT, Shift, in_parallel
from labs.catalog.work10 import (
    ASKERS,
    EACH,
    EXPIRES_MS,
    JOBS,
    NOTICES,
    OLD,
    PLACED,
    SALES,
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
from labs.contract import LabContext
from labs.order_messages import event_messages, handled
from labs.ordering import out_of_order
from labs.rabbit.client import Rabbit, Subscription
from labs.rabbit.values import Delivery, Message
from labs.routing_plan import Rule
from labs.waits import wait_until

EXPIRY_SECONDS = 20.0
ANSWER_SECONDS = 10.0
TURN = 0.05
TOPIC_RULES: Mapping[str, tuple[Rule, ...]] = {
    "germany": (Rule("de.#"),),
    "urgent": (Rule("*.*.urgent"),),
    "books-austria": (Rule("at.books.*"),),
}


def order_events(ctx: LabContext, rabbit: Rabbit, name: str) -> Finding:
    """A queue that three instances share; then the queue of a team that did not exist when they were published."""
    exchange, queue = rabbit.exchange(name, "fanout"), rabbit.queue(f"{name}-shipping")
    rabbit.bind(queue, exchange)
    messages = event_messages(PLACED, at_once=1)
    rabbit.publish(exchange, messages)
    done: list[bytes] = []
    _share(ctx, rabbit, queue, lambda d: handle_event(ctx, d.body, done), lambda: len(done) >= len(messages))
    late = rabbit.queue(f"{name}-fraud")
    rabbit.bind(late, exchange)
    return orders_found(len(out_of_order(handled(done))), len(rabbit.drain(late)))


def jobs(ctx: LabContext, rabbit: Rabbit, name: str) -> Finding:
    """One queue with priorities, one job at a time for each worker."""
    queue = rabbit.queue(name, {"x-max-priority": 9})
    published = [LONG, *(f"job-{number}" for number in range(JOBS)), URGENT]
    rabbit.publish("", [Message(j.encode(), queue, priority=9 if j in (LONG, URGENT) else 1) for j in published])
    shift = Shift(len(published), ctx.stop)
    _share(ctx, rabbit, queue, lambda delivery: shift.work(delivery.text), lambda: shift.over)
    return jobs_found(shift.waited, shift.urgent_rank)


def notifications(ctx: LabContext, rabbit: Rabbit, name: str) -> Finding:
    """A topic exchange; each mailbox binds its own queue with its rule."""
    return notices_found(into_mailboxes(rabbit, name, "topic", TOPIC_RULES))


def into_mailboxes(rabbit: Rabbit, name: str, kind: str, rules: Mapping[str, Sequence[Rule]]) -> dict[str, list[str]]:
    """Declare an exchange and a queue for each mailbox, publish the notifications; what came where."""
    exchange = rabbit.exchange(name, kind)
    queues = {box: rabbit.queue(f"{name}-{box}") for box in rules}
    for box, bound in rules.items():
        for rule in bound:
            rabbit.bind(queues[box], exchange, rule.key, rule.arguments)
    rabbit.publish(exchange, [Message(n.id.encode(), ".".join(n.words), n.headers) for n in NOTICES])
    return {box: [delivery.text for delivery in rabbit.drain(queue)] for box, queue in queues.items()}


def price_checks(ctx: LabContext, rabbit: Rabbit, name: str) -> Finding:
    """Questions that expire, and an answer queue for each asker."""
    asked = rabbit.queue(f"{name}-asked")
    rabbit.publish("", [Message(f"{OLD}{number}".encode(), asked, expires_ms=EXPIRES_MS) for number in range(STALE)])
    wait_until(lambda: rabbit.depth(asked) == 0, ctx.stop, EXPIRY_SECONDS, "old questions to expire")
    answers = {asker: rabbit.queue(f"{name}-{asker}") for asker in ASKERS}
    with rabbit.subscribe(asked, prefetch=0) as service:  # it waits: a new question does not lie in the queue
        for asker, queue in answers.items():
            fresh = [text.encode() for text in questions(asker)]
            rabbit.publish("", [Message(body, asked, expires_ms=EXPIRES_MS, reply_to=queue) for body in fresh])
        seen = _answer_all(rabbit, service)
    handed = {asker: [delivery.text for delivery in rabbit.drain(queue)] for asker, queue in answers.items()}
    return questions_found(seen, handed)


def _answer_all(rabbit: Rabbit, service: Subscription) -> list[str]:
    """Answer what comes; the questions, in their order."""
    seen: list[str] = []
    while (delivery := service.receive(ANSWER_SECONDS if len(seen) < EACH * len(ASKERS) else TURN)) is not None:
        seen.append(delivery.text)
        if delivery.reply_to:
            rabbit.publish("", [Message(delivery.body, delivery.reply_to)])
        service.ack(delivery)
    return seen


def tax_corrections(ctx: LabContext, rabbit: Rabbit, name: str) -> Finding:
    """Analytics has acknowledged everything; then it looks for what it can have once more."""
    queue = rabbit.queue(name)
    rabbit.publish("", [Message(f"sale-{number}".encode(), queue) for number in range(SALES)])
    rabbit.drain(queue)
    return again_found(len(rabbit.drain(queue)))


DRIVES: Mapping[str, Callable[[LabContext, Rabbit, str], Finding]] = {
    "order-events": order_events,
    "jobs": jobs,
    "notifications": notifications,
    "price-checks": price_checks,
    "tax-corrections": tax_corrections,
}


def _share(
    ctx: LabContext, rabbit: Rabbit, queue: str, handle: Callable[[Delivery], None], over: Callable[[], bool]
) -> None:
    """Let a pool of workers share a queue, one message at a time each, until it is over."""
    with ExitStack() as stack:
        pool = [stack.enter_context(rabbit.subscribe(queue, prefetch=1)) for _ in range(WORKERS)]

        def worker(consumer: Subscription) -> None:
            while not over():
                ctx.stop.check()
                if (delivery := consumer.receive(TURN)) is not None:
                    handle(delivery)
                    consumer.ack(delivery)

        in_parallel(worker, pool)
