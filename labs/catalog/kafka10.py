"""The Kafka half of lab 10's symptom: a log that is kept, read by whoever wants, from wherever they want."""

from __future__ import annotations

from labs.catalog.onkafka10 import one_instance_a_partition
from labs.catalog.text10 import EVENTS, FOR_GERMANY, PARTITIONS, PLACED
from labs.contract import LabContext
from labs.notebook import Notebook, plot, shell, step
from labs.order_messages import handled, happened
from labs.ordering import out_of_order, outgoing
from labs.values import joined

KEPT = "Kafka: events in the topic"


def write_command(topic: str) -> str:
    """How the events would be written by hand."""
    return shell("kafka-console-producer", "--topic", topic, "--reader-property", "parse.key=true")


def read_command(topic: str, group: str) -> str:
    """How a group would read them by hand."""
    return shell("kafka-console-consumer", "--topic", topic, "--group", group, "--from-beginning")


def arrange(ctx: LabContext) -> None:
    """All events in a topic, handled by a group."""
    topic, group = ctx.name("orders"), ctx.name("shipping")
    command = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
    step(ctx, "arrange", f"A topic with {PARTITIONS} partitions", command)
    ctx.kafka.create_topic(topic, PARTITIONS)
    step(ctx, "arrange", f"{len(PLACED)} orders are created, paid and shipped: {EVENTS} events", write_command(topic))
    ctx.kafka.produce(topic, outgoing(happened(PLACED), key=True))
    step(ctx, "arrange", f"{group} handles all of them and commits", read_command(topic, group))
    ctx.kafka.read_group(group, topic, "earliest")


def a_log(ctx: LabContext, book: Notebook) -> None:
    """A second group, a replay, and order."""
    topic, first, second = ctx.name("orders"), ctx.name("shipping"), ctx.name("billing")
    describe = shell("kafka-consumer-groups", "--describe", "--group", second)
    step(ctx, "symptom", "Kafka: a second group reads the topic from its start", read_command(topic, second))
    records = ctx.kafka.read_group(second, topic, "earliest")
    committed = joined(ctx.kafka.committed(first, topic))
    text = f"The first group had committed {committed}, all there is; the second one got {len(records)} events."
    book.note("late-group-reads-all", text, float(len(records)), f"{len(records)} events", describe)

    strangers = sum(not _for_germany(record.key_text) for record in records)
    text = f"{FOR_GERMANY} of the events concern Germany. To find them, the group was handed {strangers} others."
    book.note("kafka-hands-out-all", text, float(strangers), f"{strangers} events", read_command(topic, second))

    reset = ["--group", first, "--topic", topic, "--reset-offsets", "--to-earliest", "--execute"]
    step(ctx, "symptom", "The first group goes back to 0", shell("kafka-consumer-groups", *reset))
    ctx.kafka.set_committed(first, topic, dict.fromkeys(range(PARTITIONS), 0))
    again = ctx.kafka.read_group(first, topic, "earliest")
    untouched = joined(ctx.kafka.committed(second, topic))
    text = f"Set back to 0, the first group got {len(again)} events again. The second one is still at {untouched}."
    book.note("replay-from-zero", text, float(len(again)), f"{len(again)} events", describe)

    step(ctx, "symptom", f"{PARTITIONS} instances handle the topic side by side", read_command(topic, first))
    done: list[bytes] = []
    one_instance_a_partition(ctx, topic, lambda record: done.append(record.value or b""))
    broken = len(out_of_order(handled(done)))
    text = f"{PARTITIONS} instances handled {len(done)} events; {broken} of {len(PLACED)} orders were out of sequence."
    book.note("order-per-partition", text, float(broken), f"{broken} orders", read_command(topic, first))
    plot(ctx, {KEPT: sum(ctx.kafka.log_end(topic).values())}, "messages")


def _for_germany(order_id: str) -> bool:
    return any(order.id == order_id and order.country == "de" for order in PLACED)
