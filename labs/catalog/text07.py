"""Lab 7 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.broker.interface import ClusterSpec
from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal

PARTITIONS = 12
REPLICAS = 3
EVENTS = 200
ITEMS = 58
"""Lines of an order: an event of 3 KB."""
WINDOW = 0.5
"""Seconds for which each setting is measured …"""
JAVA_WINDOW = 0.5
"""… and for which a Java producer is, once it is warm."""
WARM_SECONDS = 0.4
LARGE = 131_072
LINGER = 100
FACTOR = 8
"""What the learner's properties must reach, in multiples of the template's pace."""
FEWER = 0.34
"""What is left of the bytes, so that it counts as a third or less."""

PACES: tuple[Choice, ...] = (
    Choice("get", "send, then .get(), for every record; batch.size=16384, linger.ms=0"),
    Choice("tiny", "send without waiting; batch.size=1, linger.ms=0"),
    Choice("large", f"send without waiting; batch.size={LARGE}, linger.ms={LINGER}"),
    Choice("default", "send without waiting; batch.size=16384, linger.ms=0"),
    Choice("get-large", f"send, then .get(), for every record; batch.size={LARGE}, linger.ms={LINGER}"),
)
ORDER = ("large", "default", "tiny", "get", "get-large")
"""As a healthy run measures it, the fastest first."""

FACTS = {
    "speed-order": Fact(
        "A request costs about the same whether it carries one record or a hundred, so what counts is how many records "
        "share one. Under .get() it is one, and a linger that nobody can fill only adds its milliseconds.",
        points=("linger", "batch_size", "sync_send", "request_overhead", "client_side"),
        refutes=("m_linger0_fastest", "m_sync_faster"),
        question="order",
        holds=equal(ORDER),
    ),
    "sync-linger": Fact(
        f"The thread waits for the answer before it sends the next record, so the batch never fills and every record waits "
        f"its full {LINGER} ms: ten a second at the very most, whatever the brokers could do.",
        points=("sync_send", "linger"),
        refutes=("m_sync_faster",),
        question="sync-linger",
        holds=between(0.2, 1000 / LINGER),
    ),
    "records-per-request": Fact(
        "Headers, a round trip, a place in the broker's queue, replication and an answer are paid per request.",
        points=("request_overhead", "metrics"),
        holds=between(5, 10_000),
    ),
    "batch-is-bytes": Fact(
        "batch.size counts bytes, for one partition: 16384 bytes hold five of these events, and batch.size=1 holds one, "
        "because a record that is larger than a batch gets a batch of its own.",
        points=("batch_size", "metrics"),
        refutes=("m_batch_is_count",),
        holds=between(4, 6),
    ),
    "acks-latency": Fact(
        "With acks=1 the leader answers when it has written the record itself. With acks=all its answer waits until every "
        "replica that is in sync has fetched it.",
        points=("acks_cost", "tradeoff"),
        holds=between(0.5, 1000),
    ),
    "java-tuned": Fact(
        "The brokers, the topic and the events are the same. Only the file of the client's settings is another one.",
        points=("client_side", "linger", "batch_size", "inflight", "tradeoff"),
        refutes=("m_add_brokers", "m_linger0_fastest"),
        holds=between(2, 100_000),
    ),
    "compression-bytes": Fact(
        "Whole batches are compressed, and stay so on the wire, in replication and on the disk. JSON repeats itself, and a "
        "large batch shows the codec more repetitions. The price is CPU in the client.",
        points=("compression",),
        question="compression",
        holds=equal("third"),
    ),
    "all-waits": Fact(
        "No in-sync replica confirms, so the leader says nothing. The producer keeps the records and tries on.",
        points=("acks_cost", "durability_caveat"),
        holds=between(0, 80),
    ),
    "lost-all": Fact(
        "What was acknowledged was on at least min.insync.replicas=2 brokers, and a new leader is chosen from those in sync.",
        points=("durability_caveat", "tradeoff"),
        question="lost-all",
        holds=equal(0.0),
    ),
    "lost-one": Fact(
        "The leader alone had them when it said yes. The new leader never saw them, and when the old one comes back it cuts "
        "its log to what the new one has.",
        points=("durability_caveat", "tradeoff", "acks_cost"),
        refutes=("m_acks_free",),
        question="lost-one",
        holds=equal("some"),
    ),
    "zero-blind": Fact(
        "With acks=0 nobody answers: a record counts as sent once it is in the buffer of the connection, even to a process "
        "that does not run.",
        points=("durability_caveat", "tradeoff"),
        refutes=("m_acks_free",),
        question="zero-blind",
        holds=equal("success"),
    ),
    "lost-zero": Fact(
        "All of these were reported as sent. Nothing in the producer's log tells you that they are gone.",
        points=("durability_caveat",),
        refutes=("m_acks_free",),
        holds=between(1, 1_000_000),
    ),
    "two-are-enough": Fact(
        "acks=all waits for the replicas in sync at that moment. The dead broker left the ISR, and two are enough for "
        "min.insync.replicas=2.",
        points=("acks_cost", "durability_caveat"),
        refutes=("m_all_replicas",),
        holds=between(1, 1_000_000),
    ),
}

INFO = LabInfo(
    number=7,
    slug="slow-producer",
    title="A slow producer on a healthy cluster",
    summary=(
        "Three brokers, one topic, five ways to write to it, all with acks=all: you say which is fastest. Then the leader of "
        "a partition is killed under producers with acks 0, 1 and all, and you see what of the acknowledged records is left."
    ),
    seconds=20,
    questions=(
        Question(
            "order",
            "Five producers write the same 3 KB events with acks=all to the same topic, one after the other. Put them in "
            "order, the most records a second first.",
            "order",
            choices=PACES,
        ),
        Question(
            "sync-linger",
            f"One thread sends a record, calls .get(), sends the next. Somebody raises linger.ms to {LINGER} to help it. "
            "How many records a second does it send now?",
            "number",
            "records/s",
            tolerance=0.6,
        ),
        Question(
            "compression",
            f"compression.type=lz4 is added to batch.size={LARGE}; the events are JSON. How much of the bytes is left on the "
            "broker's disk?",
            "choice",
            choices=(
                Choice("same", "nearly all of them"),
                Choice("half", "about half"),
                Choice("third", "a third or less"),
            ),
        ),
        Question(
            "lost-all",
            "acks=all, min.insync.replicas=2. Both followers stand still for half a second, then the leader is killed with "
            "SIGKILL. How many acknowledged records are gone?",
            "number",
            "records",
        ),
        Question(
            "lost-one",
            "The same with acks=1. How many acknowledged records are gone?",
            "choice",
            choices=(
                Choice("none", "none: the leader had written them"),
                Choice("some", "some: those that no follower had yet"),
                Choice("every", "every record of the run"),
            ),
        ),
        Question(
            "zero-blind",
            "The same with acks=0. Before it is killed, the leader itself stands still for a moment. What does the producer "
            "tell about the records it sends then?",
            "choice",
            choices=(
                Choice("waits", "nothing: it waits for the leader"),
                Choice("error", "an error for each"),
                Choice("success", "that they are sent"),
            ),
        ),
    ),
    needs=NEEDS[7],
    task=Task(
        goal=(
            f"Edit producer.properties so that Kafka's own load generator writes at least {FACTOR} times as fast as with the "
            "file as it is now, with acks=all in force and two replicas in sync demanded ($TOPIC), and so that nothing "
            "that was acknowledged is gone when the leader of a partition is killed in mid-run."
        ),
        starters=(
            "kafka-topics --describe --topic $TOPIC",
            "kafka-producer-perf-test --topic $TOPIC --num-records 500 --throughput -1 --record-size 3000 "
            "--command-config $WORKSPACE/producer.properties",
            "kafka-configs --describe --entity-type topics --entity-name $TOPIC --all",
        ),
        files=("producer.properties",),
    ),
    cluster=ClusterSpec(
        nodes=3,
        heap_mb=256,
        settings={"broker.session.timeout.ms": "1500", "broker.heartbeat.interval.ms": "300"},
    ),
    scaling=(
        Scaling("minutes of load on machines of their own", f"{WINDOW} s a setting, client and brokers on one machine"),
        Scaling(
            "the milliseconds in which an acknowledged record is on the leader only",
            "half a second: the followers are stopped (SIGSTOP), as a long pause or a lost network would stop them",
        ),
        Scaling("a dead broker is noticed after 9 s (broker.session.timeout.ms)", "1.5 s"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "orders"},
)
