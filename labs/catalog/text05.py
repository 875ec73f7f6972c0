"""Lab 5 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

ORDERS = 60
BEFORE = 3
"""Partitions at first …"""
AFTER = 6
"""… and after the increase."""
EVENTS = 4 * ORDERS
FEW = 6
"""Up to a tenth of the orders."""

FACTS = {
    "no-key-disorder": Fact(
        "Without a key the client spreads records: this one picks a partition at random, Java's stays with one for about "
        "batch.size bytes and moves on. Partitions are read side by side, and nothing orders them among each other. "
        "The records were written with acks=all by an idempotent producer: that is about loss and duplicates.",
        points=("null_key", "no_cross_partition", "order_within_partition"),
        refutes=("m_global_order", "m_acks_order"),
        question="no-key",
        holds=equal("many"),
    ),
    "one-consumer-disorder": Fact(
        "A consumer takes what its fetches bring, partition by partition. Being alone gives it no order across them.",
        points=("no_cross_partition",),
        refutes=("m_single_consumer_order", "m_global_order"),
        holds=between(1, ORDERS),
    ),
    "timestamps-go-back": Fact(
        "Records are handed out by offset within a partition. Timestamps are carried along; nothing sorts by them.",
        points=("no_cross_partition",),
        refutes=("m_timestamp_order",),
        holds=between(1, EVENTS),
    ),
    "offsets-repeat": Fact(
        "Every partition counts its own offsets from 0. They say nothing about the order between partitions.",
        points=("order_within_partition",),
        refutes=("m_offset_global",),
        holds=equal(float(BEFORE)),
    ),
    "unique-key-disorder": Fact(
        "A key of its own for every event sends the events of one order to different partitions, as no key does.",
        points=("entity_key",),
        refutes=("m_random_key",),
        holds=between(1, ORDERS),
    ),
    "keyed-disorder": Fact(
        "All events of an order carry its id as key, so they lie in one partition, and a partition is read in the order "
        "in which it was written.",
        points=("order_within_partition", "key_hash", "entity_key"),
        question="keyed",
        holds=equal(0.0),
    ),
    "key-partition-before": Fact(
        "partition = (murmur2(key) & 0x7fffffff) % number of partitions: the same in every client that uses the default "
        "partitioner, and only as long as the number stays.",
        points=("key_hash", "multi_producer"),
        holds=equal(float(ORDERS)),
    ),
    "keys-moved": Fact(
        "The hash of a key stays, the number it is divided by does not. Records that were written stay where they are; "
        "new ones of the same key go to the new place.",
        points=("partition_count_change", "key_hash"),
        refutes=("m_key_survives",),
        question="moved",
        holds=equal(float(ORDERS // 2)),
    ),
    "disorder-after-increase": Fact(
        "The early events of a moved order wait in the old partition behind a backlog, its late ones lie in a new and "
        "empty partition that somebody else reads at once.",
        points=("partition_count_change", "no_cross_partition"),
        refutes=("m_more_partitions_order", "m_key_survives"),
        question="after-increase",
        holds=between(1, ORDERS),
    ),
}

INFO = LabInfo(
    number=5,
    slug="broken-order",
    title="Order that breaks",
    summary=(
        f"{ORDERS} orders, each created, paid, shipped and cancelled: without keys, with keys, and through an increase "
        "from 3 to 6 partitions. You count orders that are handled out of order, then make the increase safe."
    ),
    seconds=8,
    questions=(
        Question(
            "no-key",
            f"{ORDERS} orders with 4 events each are written without keys to {BEFORE} partitions, with acks=all, and read by "
            f"{BEFORE} consumers side by side. How many orders are handled out of order?",
            "choice",
            choices=(
                Choice("none", "none"),
                Choice("few", f"a few: 1 to {FEW}"),
                Choice("many", f"many: more than {FEW}"),
            ),
        ),
        Question(
            "keyed",
            "The same with the order id as key. How many orders are handled out of order?",
            "number",
            "orders",
        ),
        Question(
            "moved",
            f"{BEFORE} partitions become {AFTER}. How many of the {ORDERS} keys belong to another partition now?",
            "number",
            "keys",
            tolerance=0.2,
        ),
        Question(
            "after-increase",
            f"Keyed by order id, the increase to {AFTER} comes between paid and shipped, while the consumers are still "
            "behind. How many orders are handled out of order?",
            "number",
            "orders",
            tolerance=0.2,
        ),
    ),
    needs=NEEDS[5],
    task=Task(
        goal=(
            f"$TOPIC has {BEFORE} partitions and holds the first two events of {ORDERS} orders, none of them handled yet by "
            f"$GROUP. Bring it to {AFTER} partitions and get the other events in (rest.txt in the workspace, one "
            "key<TAB>value a line), so that no event of an order can be handled before an earlier one: by a plan that "
            "guarantees it, not by luck."
        ),
        starters=(
            "kafka-topics --describe --topic $TOPIC",
            "kafka-consumer-groups --describe --group $GROUP",
            "kafka-console-consumer --topic $TOPIC --group $GROUP --max-messages 5",
            "kafka-console-producer --topic $TOPIC --reader-property parse.key=true < rest.txt",
        ),
        files=("rest.txt",),
        solution=(
            f"kafka-console-consumer --topic $TOPIC --group $GROUP --max-messages {2 * ORDERS}",
            f"kafka-topics --alter --topic $TOPIC --partitions {AFTER}",
            "kafka-console-producer --topic $TOPIC --reader-property parse.key=true < rest.txt",
        ),
    ),
    scaling=(
        Scaling("millions of orders, a backlog of minutes", f"{ORDERS} orders, a backlog of {2 * ORDERS} records"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "orders", "GROUP": "shipping"},
)
