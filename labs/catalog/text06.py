"""Lab 6 in words: what it asks, and why what it measures is so."""

from __future__ import annotations

from labs.catalog.needs import NEEDS
from labs.contract import Choice, LabInfo, Question, Scaling, Task
from labs.notebook import Fact, between, equal
from labs.retention import MIB

RETENTION_MS = 3000
CHUNK = 64 * 1024
"""Bytes of a record of the bulk."""
SEGMENT = MIB
"""segment.bytes: the smallest that Kafka 4 takes."""
QUOTA = MIB
"""retention.bytes of the size experiment …"""
QUOTA_PARTITIONS = 3
QUOTA_MIB = 3.5
"""… and what is written to each of its partitions, in MiB."""
KEYS = 8
VERSIONS = 5
PARTITIONS = 2
"""Of the learner's topic …"""
BULK = 6 * MIB
"""… what is written to each …"""
LIMIT = 4 * MIB
"""… and what all of it may be."""
KEEP_SECONDS = 5.0
FIX = {"segment.bytes": str(MIB), "retention.ms": str(int(KEEP_SECONDS * 1000) + 1000)}
"""What must not be lost."""
TRICKLE = 8 * 1024
TRICKLE_SECONDS = 0.5
RATE = TRICKLE / TRICKLE_SECONDS
"""Bytes a second that go on being written to each partition."""

FACTS = {
    "consumed-not-deleted": Fact(
        "Reading and committing move a position. Retention alone removes data, whoever has read it; so every other group "
        "can still read all of it.",
        points=("not_deleted_on_consume", "replayability"),
        refutes=("m_deleted_after_ack",),
        question="consumed",
        holds=equal(0.0),
    ),
    "largest-topic": Fact(
        "The brokers know the size of every partition: that is where a search for the culprit starts, not in the folders.",
        points=("find_culprit",),
        refutes=("m_rm_files",),
        holds=between(1, 1000),
    ),
    "whole-segments": Fact(
        "A log is a row of segment files. Deletion removes files: a segment goes when its newest record has expired, with "
        "every record in it.",
        points=("segment_unit", "retention_time"),
        question="unit",
        holds=equal("segments"),
    ),
    "late-deletion": Fact(
        "A segment expires with its newest record, and somebody has to look: the check runs every "
        "log.retention.check.interval.ms (5 minutes by default), and the files go a little later still.",
        points=("check_interval", "retention_time"),
        refutes=("m_exact_expiry",),
        question="age",
        holds=equal("later"),
    ),
    "active-segment-stays": Fact(
        "The active segment is still written to, so its newest record never expires. Once segment.ms or segment.bytes closes "
        "it, it can go like the others.",
        points=("active_segment", "segment_roll"),
        refutes=("m_exact_expiry",),
        question="active",
        holds=equal("stay"),
    ),
    "slow-group-not-awaited": Fact(
        "Deletion does not ask who has read what. A group that is too slow loses records, and its offset is out of range.",
        points=("not_deleted_on_consume",),
        refutes=("m_lag_blocks_deletion",),
        holds=between(1, 1000),
    ),
    "size-limit-per-partition": Fact(
        "retention.bytes counts for each partition, and only whole closed segments go: what stays is the limit plus up to "
        "a segment, times the partitions.",
        points=("retention_bytes", "segment_unit"),
        refutes=("m_bytes_topic_total",),
        question="quota",
        holds=between(3.0, 6.0),
    ),
    "compaction-keeps-latest": Fact(
        "cleanup.policy=compact keeps the latest value of every key, however old, and drops the ones before it: again only "
        "in closed segments.",
        points=("compaction",),
        refutes=("m_compaction_compress",),
        question="compacted",
        holds=equal(float(KEYS)),
    ),
    "tombstone": Fact(
        "A record without a value marks its key as deleted. Compaction drops the older values at once and the mark itself "
        "after delete.retention.ms.",
        points=("compaction",),
        question="tombstone",
        holds=equal("nothing"),
    ),
}

INFO = LabInfo(
    number=6,
    slug="growing-disk",
    title="A disk that only grows",
    summary=(
        "You watch segment files while records are read, expire, exceed a size and are compacted. Then you bring a topic "
        "that only grows under a limit, without losing what is recent."
    ),
    seconds=12,
    questions=(
        Question(
            "consumed",
            f"A group reads and commits every record of a topic of {PARTITIONS * BULK // MIB} MiB. "
            "How many MiB of disk does that free?",
            "number",
            "MiB",
        ),
        Question(
            "unit",
            f"retention.ms is {RETENTION_MS // 1000} s, and records of {CHUNK // 1024} KiB were written one after the other. "
            "In what pieces do they go?",
            "choice",
            choices=(
                Choice("records", "record by record, each when it expires"),
                Choice("segments", "by whole segment files"),
                Choice("topic", "everything at once"),
            ),
        ),
        Question(
            "age",
            f"How old was the oldest record when it went, with retention.ms of {RETENTION_MS // 1000} s?",
            "choice",
            choices=(
                Choice("exact", f"{RETENTION_MS / 1000:.1f} s, to a tenth of a second"),
                Choice("later", "older than that"),
                Choice("younger", "younger than that"),
            ),
        ),
        Question(
            "active",
            "The last segment file holds expired records, too, but still gets a new record now and then. "
            "What becomes of its expired records?",
            "choice",
            choices=(
                Choice("gone", "they go with the others"),
                Choice("stay", "they stay for as long as the file is written to"),
            ),
        ),
        Question(
            "quota",
            f"retention.bytes is {QUOTA // MIB} MiB and segment.bytes {SEGMENT // MIB} MiB. {QUOTA_MIB} MiB are written to "
            f"each of {QUOTA_PARTITIONS} partitions. How many MiB does the topic keep in all?",
            "number",
            "MiB",
            tolerance=0.35,
        ),
        Question(
            "compacted",
            f"{KEYS} keys were written {VERSIONS} times each to a compacted topic. How many records of them are left?",
            "number",
            "records",
        ),
        Question(
            "tombstone",
            "Then one of the keys is written with a null value. What is left of it in the end?",
            "choice",
            choices=(
                Choice("latest", "its last real value: null is ignored"),
                Choice("null", "the record with null, for ever"),
                Choice("nothing", "nothing at all"),
            ),
        ),
    ),
    needs=NEEDS[6],
    task=Task(
        goal=(
            f"$TOPIC has grown to {PARTITIONS * BULK // MIB} MiB and goes on growing. Bring it under {LIMIT // MIB} MiB in all, "
            f"for good, and lose nothing of the last {KEEP_SECONDS:.0f} seconds (they stand for an hour)."
        ),
        starters=(
            "kafka-topics --describe --topic $TOPIC",
            "kafka-configs --describe --all --entity-type topics --entity-name $TOPIC",
            "kafka-log-dirs --describe --topic-list $TOPIC",
            "kafka-get-offsets --topic $TOPIC --time earliest",
        ),
        solution=(
            "kafka-configs --alter --entity-type topics --entity-name $TOPIC --add-config "
            + ",".join(f"{name}={value}" for name, value in FIX.items()),
        ),
    ),
    scaling=(
        Scaling("retention.ms=604800000, 7 days", f"{RETENTION_MS} ms"),
        Scaling("log.retention.check.interval.ms=300000, 5 minutes", "1000 ms"),
        Scaling("segment.bytes=1073741824, 1 GiB", f"{SEGMENT // MIB} MiB, in your topic 64 MiB"),
        Scaling("keep the last 60 minutes", f"keep the last {KEEP_SECONDS:.0f} s"),
    ),
    observations=tuple(FACTS),
    expected={name: fact.holds for name, fact in FACTS.items()},
    names={"TOPIC": "audit", "GROUP": "reports"},
)
