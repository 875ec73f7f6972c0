"""The RabbitMQ half of lab 10's symptom: exchanges, acknowledgements, workers that compete, and messages given back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from labs.catalog.kafka10 import KEPT
from labs.catalog.text10 import EVENTS, FOR_GERMANY, HELD, PLACED, PREFETCH
from labs.contract import LabContext
from labs.errors import RabbitError
from labs.notebook import Notebook, plot, step
from labs.order_messages import event_messages, from_deliveries
from labs.ordering import out_of_order
from labs.rabbit.client import Rabbit, Subscription
from labs.rabbit.values import Delivery, Message

SECONDS = 20.0
"""How long a message that must come is waited for: it comes in milliseconds."""
SILENCE = 0.7
"""Seconds without a message after which no more come."""
TURN = 0.02
WORKERS = 3
DEPTH = "RabbitMQ: messages in the queue"


def admin(*args: str) -> str:
    """A command of RabbitMQ's own tool, which takes a node with the management plugin."""
    return " ".join(["rabbitmqadmin", *args])


def half(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    """All that is shown of RabbitMQ."""
    _both(ctx, book, rabbit)
    _direct_and_fanout(ctx, book, rabbit)
    _topic(ctx, book, rabbit)
    _headers_and_nowhere(ctx, book, rabbit)
    _compete(ctx, book, rabbit)
    _push_and_nack(ctx, book, rabbit)
    _single_messages(ctx, book, rabbit)


def _both(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    """The same orders, acknowledged, and then looked for again."""
    exchange, queue = rabbit.exchange(ctx.name("all"), "fanout"), rabbit.queue(ctx.name("all"))
    rabbit.bind(queue, exchange)
    command = admin("publish", f"exchange={exchange}", "routing_key=order.de.books.urgent", "payload='{…}'")
    step(
        ctx, "symptom", f"RabbitMQ: the same {EVENTS} events are published to a fanout exchange with one queue", command
    )
    rabbit.publish(exchange, event_messages(PLACED))
    depth, kept = rabbit.depth(queue), sum(ctx.kafka.log_end(ctx.name("orders")).values())
    plot(ctx, {DEPTH: depth, KEPT: kept}, "messages")
    text = f"{depth} messages are in RabbitMQ's queue, {kept} records in Kafka's topic."
    book.note("same-orders-in-both", text, float(depth), f"{depth} in both", admin("list", "queues"))

    read = admin("get", f"queue={queue}", f"count={EVENTS}", "ackmode=ack_requeue_false")
    step(ctx, "symptom", "A consumer takes all of them and acknowledges each", read)
    taken = len(rabbit.drain(queue))
    again = len(rabbit.drain(queue))
    plot(ctx, {DEPTH: rabbit.depth(queue), KEPT: kept}, "messages")
    text = f"After {taken} messages of a RabbitMQ queue had been acknowledged, a second consumer of it got {again}."
    book.note("acked-is-gone", text, float(again), f"{again} messages", read)

    late = rabbit.queue(ctx.name("all-late"))
    rabbit.bind(late, exchange)
    found = len(rabbit.drain(late))
    text = f"A RabbitMQ queue that was bound to the exchange afterwards holds {found} of the {EVENTS} messages."
    book.note("late-queue-is-empty", text, float(found), f"{found} messages", admin("list", "queues"))


def _direct_and_fanout(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    countries = [Message(message.body, message.headers["country"]) for message in event_messages(PLACED)]
    direct = rabbit.exchange(ctx.name("direct"), "direct")
    queues = [_bound(rabbit, direct, ctx.name(f"direct-{number}"), "de") for number in (1, 2)]
    command = admin("declare", "binding", f"source={direct}", f"destination={queues[0]}", "routing_key=de")
    step(ctx, "symptom", "A direct exchange; two queues are bound with `de`", command)
    rabbit.publish(direct, countries)
    counts = [rabbit.depth(queue) for queue in queues]
    text = f"{FOR_GERMANY} messages had the routing key `de`; the two queues held {counts[0]} and {counts[1]}."
    book.note("direct-copies", text, float(sum(counts)), f"{sum(counts)} messages", command)

    fanout = rabbit.exchange(ctx.name("fanout"), "fanout")
    queue = _bound(rabbit, fanout, ctx.name("fanout"), "nowhere")
    command = admin("declare", "binding", f"source={fanout}", f"destination={queue}", "routing_key=nowhere")
    step(ctx, "symptom", "A fanout exchange; its queue is bound with a key that no message has", command)
    rabbit.publish(fanout, countries)
    found = rabbit.depth(queue)
    text = f"The queue that is bound with `nowhere` got {found} of {EVENTS} messages."
    book.note("fanout-ignores-keys", text, float(found), f"{found} messages", command)


def _topic(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    topic = rabbit.exchange(ctx.name("topic"), "topic")
    star = _bound(rabbit, topic, ctx.name("topic-star"), "order.*.urgent")
    rest = _bound(rabbit, topic, ctx.name("topic-hash"), "order.#.urgent")
    command = admin("declare", "binding", f"source={topic}", f"destination={star}", "'routing_key=order.*.urgent'")
    step(
        ctx, "symptom", "A topic exchange; one queue is bound with order.*.urgent, another with order.#.urgent", command
    )
    rabbit.publish(topic, event_messages(PLACED))
    stars, hashes = rabbit.depth(star), rabbit.depth(rest)
    text = f"Of keys like order.de.books.urgent, order.*.urgent got {stars}."
    book.note("topic-star-is-one-word", text, float(stars), f"{stars} messages", command)
    book.note("topic-hash-is-any", f"order.#.urgent got {hashes}.", float(hashes), f"{hashes} messages", command)


def _headers_and_nowhere(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    headers = rabbit.exchange(ctx.name("headers"), "headers")
    wanted = {"country": "de", "urgency": "urgent"}
    queues = [rabbit.queue(ctx.name(f"headers-{match}")) for match in ("all", "any")]
    for queue, match in zip(queues, ("all", "any"), strict=True):
        rabbit.bind(queue, headers, arguments={"x-match": match, **wanted})
    declare = ["declare", "binding", f"source={headers}", f"destination={queues[0]}"]
    command = admin(*declare, """arguments='{"x-match":"all","country":"de","urgency":"urgent"}'""")
    step(ctx, "symptom", "A headers exchange: country=de and urgency=urgent, all of them or any of them", command)
    rabbit.publish(headers, event_messages(PLACED))
    both, either = map(rabbit.depth, queues)
    text = f"With x-match=all the queue got {both} messages, with x-match=any {either}."
    book.note("headers-all-and-any", text, f"{both} and {either}", f"{both} and {either} messages", command)

    lonely = rabbit.exchange(ctx.name("lonely"), "direct")
    queue = _bound(rabbit, lonely, ctx.name("lonely"), "de")
    confirmed = rabbit.publish_confirmed(lonely, Message(b"{}", "xx"))
    found = rabbit.depth(queue)
    word = "confirmed" if confirmed else "not confirmed"
    text = f"A message with a routing key that no queue is bound with was {word}; {found} messages are in the queue."
    command = admin("publish", f"exchange={lonely}", "routing_key=xx", "payload={}")
    book.note("unroutable-is-dropped", text, float(found), f"{found} messages", command)


def _bound(rabbit: Rabbit, exchange: str, queue: str, key: str) -> str:
    rabbit.queue(queue)
    rabbit.bind(queue, exchange, key)
    return queue


# --- consumers -----------------------------------------------------------------------------------------------------------


def _compete(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    """Three workers, of which one hangs in its first job until the others find nothing more to do."""
    queue = rabbit.queue(ctx.name("work"))
    rabbit.publish("", [Message(message.body, queue) for message in event_messages(PLACED)])
    step(ctx, "symptom", f"{WORKERS} workers share a queue of {EVENTS} jobs; the first one hangs in its first job")
    done: list[Delivery] = []
    with ExitStack() as stack:
        stuck, *others = (stack.enter_context(rabbit.subscribe(queue, prefetch=1)) for _ in range(WORKERS))
        first = must_come(stuck)
        shares = _work(ctx, rabbit, queue, others, done)
        text = (
            f"While the first worker hung, the other two did {shares[0]} and {shares[1]} jobs: {len(done)} of {EVENTS}."
        )
        command = admin("list", "consumers")
        book.note("competing-consumers", text, float(len(done)), f"{len(done)} jobs", command)
        stuck.ack(first)
    broken = len(out_of_order(from_deliveries([*done, first])))
    text = f"All {len(done) + 1} jobs are done. Of {broken} of {len(PLACED)} orders the events were out of sequence."
    display = f"{broken} order{'' if broken == 1 else 's'}"
    book.note("competing-lose-order", text, float(broken), display, command)


def _work(
    ctx: LabContext, rabbit: Rabbit, queue: str, workers: Sequence[Subscription], done: list[Delivery]
) -> list[int]:
    """Let the workers do what comes until nothing does and the queue is empty; how much each did."""
    shares = [0 for _ in workers]
    last = time.monotonic()
    while time.monotonic() - last < SILENCE or rabbit.depth(queue) > 0:
        for number, worker in enumerate(workers):
            if (delivery := worker.receive(TURN)) is not None:
                worker.ack(delivery)
                done.append(delivery)
                shares[number] += 1
                last = time.monotonic()
        if len(done) % 24 < len(workers):
            plot(ctx, {DEPTH: rabbit.depth(queue)}, "messages")
    return shares


def must_come(consumer: Subscription) -> Delivery:
    """A message that has to come. Raises RabbitError where it does not."""
    if (delivery := consumer.receive(SECONDS)) is None:
        raise RabbitError("RabbitMQ did not hand out a message", f"None came within {SECONDS:.0f} s.", "Type `reset`.")
    return delivery


def _push_and_nack(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    queue = rabbit.queue(ctx.name("push"))
    rabbit.publish("", [Message(message.body, queue) for message in event_messages(PLACED)])
    step(ctx, "symptom", f"A consumer with a prefetch count of {PREFETCH} acknowledges nothing")
    with rabbit.subscribe(queue, PREFETCH) as consumer:
        pushed = 0
        while consumer.receive(SECONDS if pushed < PREFETCH else SILENCE) is not None:
            pushed += 1
    text = f"Of {EVENTS} messages in the queue RabbitMQ pushed {pushed}, and then waited."
    command = admin("list", "queues", "name", "messages_ready", "messages_unacknowledged")
    book.note("prefetch-limits-push", text, float(pushed), f"{pushed} messages", command)

    queue = rabbit.queue(ctx.name("nack"))
    rabbit.publish("", [Message(name.encode(), queue) for name in ("m1", "m2", "m3")])
    step(
        ctx,
        "symptom",
        f"A consumer holds {HELD} messages (prefetch {HELD}) and gives the first one back, to be requeued",
    )
    order: list[Delivery] = []
    with rabbit.subscribe(queue, HELD) as consumer:
        held = [must_come(consumer) for _ in range(HELD)]
        consumer.nack(held[0], requeue=True)
        for delivery in held[1:]:
            consumer.ack(delivery)
            order.append(delivery)
        while len(order) < HELD:
            order.append(must_come(consumer))
            consumer.ack(order[-1])
    names = tuple(delivery.text for delivery in order)
    again = [delivery.text for delivery in order if delivery.redelivered]
    text = f"They were acknowledged in the order {', '.join(names)}; `redelivered` was set on {', '.join(again) or 'none'}."
    command = admin("get", f"queue={queue}", "ackmode=reject_requeue_true")
    book.note("nack-reorders", text, names, " > ".join(names), command)


def _single_messages(ctx: LabContext, book: Notebook, rabbit: Rabbit) -> None:
    """Away with one, and one before all others."""
    dead = rabbit.queue(ctx.name("dead"))
    queue = rabbit.queue(ctx.name("rejects"), {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead})
    rabbit.publish("", [Message(name.encode(), queue) for name in ("good-1", "bad", "good-2")])
    step(ctx, "symptom", "One of three messages is rejected; its queue has a dead letter exchange")
    with rabbit.subscribe(queue, 1) as consumer:
        for _ in range(3):
            delivery = must_come(consumer)
            if delivery.text == "bad":
                consumer.nack(delivery, requeue=False)
            else:
                consumer.ack(delivery)
    letters = [delivery.text for delivery in rabbit.drain(dead)]
    text = f"In the dead letter queue there is {', '.join(letters) or 'nothing'}; the other two messages are done."
    command = admin("get", f"queue={queue}", "ackmode=reject_requeue_false")
    book.note("reject-to-dead-letters", text, float(len(letters)), f"{len(letters)} message", command)

    queue = rabbit.queue(ctx.name("priorities"), {"x-max-priority": 9})
    waiting = [Message(f"normal-{number}".encode(), queue, priority=1) for number in range(20)]
    rabbit.publish("", [*waiting, Message(b"vip", queue, priority=9)])
    rank = [delivery.text for delivery in rabbit.drain(queue)].index("vip") + 1
    text = f"Published after {len(waiting)} others, the message with priority 9 came out as number {rank}."
    command = admin("declare", "queue", f"name={queue}", """arguments='{"x-max-priority":9}'""")
    book.note("priority-first", text, float(rank), f"number {rank}", command)
