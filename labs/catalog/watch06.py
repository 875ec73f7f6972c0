"""The three experiments of lab 6 that need time: expiry, size and compaction. Each is begun, then looked at until seen."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from labs.catalog.text06 import (
    CHUNK,
    KEYS,
    QUOTA,
    QUOTA_MIB,
    QUOTA_PARTITIONS,
    RETENTION_MS,
    SEGMENT,
    VERSIONS,
)
from labs.contract import LabContext
from labs.notebook import Notebook, now_ms, plot, shell, step
from labs.retention import MIB, mib
from labs.segments import segments
from labs.trickle import Trickle
from labs.values import Out, Record

FILLER = b"filler"
DELETED_KEY = b"key-3"


def _segment_bases(ctx: LabContext, topic: str) -> list[int]:
    """Base offsets of the live segments of partition 0; empty where this machine cannot see the files."""
    folders = [node.data_dir for node in ctx.cluster.nodes if node.data_dir is not None]
    return [seg.base_offset for seg in segments(folders, topic) if seg.partition == 0 and not seg.deleted]


def _create(ctx: LabContext, topic: str, partitions: int, settings: dict[str, str], text: str) -> None:
    options = [part for name, value in settings.items() for part in ("--config", f"{name}={value}")]
    command = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(partitions), *options)
    step(ctx, "symptom", text, command)
    ctx.kafka.create_topic(topic, partitions, settings)


class Watch(Protocol):
    """An experiment that goes on by itself once begun."""

    def begin(self) -> AbstractContextManager[object]:
        """Set it up; the context is what has to go on until it is seen."""

    def look(self) -> bool:
        """Look at it once; True when everything has been seen."""


class Expiry:
    """retention.ms: closed segments go, whole and late; the open one stays until it is closed."""

    def __init__(self, ctx: LabContext, book: Notebook) -> None:
        self._ctx = ctx
        self._book = book
        self._topic = ctx.name("clicks")
        self._group = ctx.name("slow-reader")
        self._bases: list[int] = []
        self._began = 0
        self._stayed: list[Record] | None = None
        self._rolled_at = 0.0

    def begin(self) -> AbstractContextManager[object]:
        """Three closed segments and an open one; a group that has read nothing."""
        settings = {"retention.ms": str(RETENTION_MS), "segment.bytes": str(SEGMENT)}
        _create(self._ctx, self._topic, 1, settings, f"A topic with retention.ms={RETENTION_MS}, and 3.5 MiB in it")
        self._began = now_ms()
        self._ctx.kafka.produce(self._topic, [Out(b"x" * CHUNK, partition=0)] * (7 * SEGMENT // 2 // CHUNK))
        self._ctx.kafka.set_committed(self._group, self._topic, {0: 0})
        self._bases = _segment_bases(self._ctx, self._topic)
        return Trickle(self._ctx.kafka, self._topic, [Out(b"-", partition=0)], 0.2, self._ctx.stop)

    def look(self) -> bool:
        """See what goes, while the last segment is kept open. True when everything is seen."""
        start, size = self._ctx.kafka.log_start(self._topic)[0], self._ctx.kafka.sizes(self._topic).get(0, 0)
        values = {"clicks, MiB": size / MIB, "clicks, segments": len(_segment_bases(self._ctx, self._topic))}
        plot(self._ctx, values)
        if start and self._stayed is None:
            self._stayed = self._first_gone(start)
        if self._stayed is None or any(record.offset >= start for record in self._stayed):
            return False
        self._rest_gone(len(self._stayed))
        return True

    def _first_gone(self, start: int) -> list[Record]:
        """Note what went, and have the open segment closed; returns the expired records that stayed in it."""
        now = now_ms()
        left = [r for r in self._ctx.kafka.read_all(self._topic) if r.offset >= start]
        boundary = not self._bases or start in self._bases
        where = f"a segment began at {start}" if start in self._bases else f"segments began at {self._bases}"
        text = f"The log start jumped from 0 to {start} in one step; {where}."
        value = "segments" if boundary and start > 1 else "records"
        command = shell("kafka-get-offsets", "--topic", self._topic, "--time", "earliest")
        self._book.note("whole-segments", text, value, f"{start} records at once", command)

        age = (now - self._began) / 1000
        late = age - RETENTION_MS / 1000
        text = f"The oldest record was {age:.1f} s old when it went: {late:.1f} s later than retention.ms says."
        self._book.note("late-deletion", text, "later" if late > 0.1 else "exact", f"{age:.1f} s old", command)

        committed = self._ctx.kafka.committed(self._group, self._topic)[0]
        text = f"A group stood at {committed} and had read nothing; the log now starts at {start}: {start} records passed it by."
        command = shell("kafka-consumer-groups", "--describe", "--group", self._group)
        self._book.note("slow-group-not-awaited", text, float(start), f"{start} records lost to the group", command)

        command = shell(
            "kafka-configs",
            *("--alter", "--entity-type", "topics", "--entity-name", self._topic, "--add-config", "segment.ms=500"),
        )
        step(
            self._ctx,
            "symptom",
            "The open segment is closed: segment.ms=500, and the next record begins a new one",
            command,
        )
        self._ctx.kafka.set_config(self._topic, {"segment.ms": "500"})
        self._rolled_at = self._ctx.elapsed()
        opened_at = max(self._bases, default=start)
        return [record for record in left if now - record.timestamp_ms > RETENTION_MS and record.offset >= opened_at]

    def _rest_gone(self, count: int) -> None:
        waited = self._ctx.elapsed() - self._rolled_at
        text = f"{count} expired records stayed in the open segment; {waited:.1f} s after it could be closed they were gone."
        command = shell("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", self._topic)
        self._book.note(
            "active-segment-stays", text, "stay" if count else "gone", f"{count} expired records stayed", command
        )


class Quota:
    """retention.bytes: a limit for each partition."""

    def __init__(self, ctx: LabContext, book: Notebook) -> None:
        self._ctx = ctx
        self._book = book
        self._topic = ctx.name("metrics")
        self._written = 0

    def begin(self) -> AbstractContextManager[object]:
        """More than the limit in each partition."""
        settings = {"retention.bytes": str(QUOTA), "segment.bytes": str(SEGMENT)}
        text = (
            f"A topic with retention.bytes={mib(QUOTA)}, and {QUOTA_MIB} MiB in each of {QUOTA_PARTITIONS} partitions"
        )
        _create(self._ctx, self._topic, QUOTA_PARTITIONS, settings, text)
        each = int(QUOTA_MIB * MIB) // CHUNK
        rows = [Out(b"x" * CHUNK, partition=p) for _ in range(each) for p in range(QUOTA_PARTITIONS)]
        self._ctx.kafka.produce(self._topic, rows)
        self._written = len(rows) * CHUNK
        return nullcontext()

    def look(self) -> bool:
        """True when every partition is as small as it will get."""
        sizes = self._ctx.kafka.sizes(self._topic)
        total = sum(sizes.values())
        plot(self._ctx, {"metrics, MiB": total / MIB})
        if not sizes or max(sizes.values()) >= QUOTA + SEGMENT + CHUNK:
            return False
        shown = " + ".join(f"{size / MIB:.1f}" for size in sizes.values())
        text = f"With retention.bytes of {mib(QUOTA)}, {mib(total)} of {mib(self._written)} stayed: {shown}."
        command = shell("kafka-log-dirs", "--describe", "--topic-list", self._topic)
        self._book.note("size-limit-per-partition", text, round(total / MIB, 1), mib(total), command)
        return True


class Compaction:
    """cleanup.policy=compact: the latest value of every key, and what null does."""

    def __init__(self, ctx: LabContext, book: Notebook) -> None:
        self._ctx = ctx
        self._book = book
        self._topic = ctx.name("profiles")
        self._deleted = False
        self._mark_seen = False

    def begin(self) -> AbstractContextManager[object]:
        """Several versions of a few keys."""
        settings = {
            "cleanup.policy": "compact",
            "segment.ms": "300",
            "min.cleanable.dirty.ratio": "0.01",
            "delete.retention.ms": "500",
        }
        _create(self._ctx, self._topic, 1, settings, f"A compacted topic: {KEYS} keys, {VERSIONS} versions each")
        rows = [
            Out(f"version {v}".encode(), f"key-{k}".encode(), 0) for v in range(1, VERSIONS + 1) for k in range(KEYS)
        ]
        self._ctx.kafka.produce(self._topic, rows)
        return Trickle(self._ctx.kafka, self._topic, [Out(b"-", FILLER, 0)], 0.2, self._ctx.stop)

    def look(self) -> bool:
        """See what is left of the keys, while segments are closed by new records. True when the tombstone is gone, too."""
        records = [record for record in self._ctx.kafka.read_all(self._topic) if record.key != FILLER]
        plot(self._ctx, {"profiles, records": len(records)})
        if not self._deleted:
            self._compacted(records)
            return False
        mine = [record for record in records if record.key == DELETED_KEY]
        self._mark_seen = self._mark_seen or (bool(mine) and mine[-1].value is None)
        return not mine and self._tombstone_gone(records)

    def _compacted(self, records: list[Record]) -> None:
        if len(records) != len({record.key for record in records}):
            return
        values = sorted({record.text for record in records})
        text = (
            f"Of {KEYS * VERSIONS} records of {KEYS} keys, {len(records)} are left, all of them {' and '.join(values)}."
        )
        command = shell(
            "kafka-console-consumer",
            *("--topic", self._topic, "--from-beginning", "--formatter-property", "print.key=true"),
            *("--timeout-ms", "5000"),
        )
        self._book.note("compaction-keeps-latest", text, float(len(records)), f"{len(records)} records", command)
        step(self._ctx, "symptom", f"{DELETED_KEY.decode()} is written with a null value")
        self._ctx.kafka.produce(self._topic, [Out(None, DELETED_KEY, 0)])
        self._deleted = True

    def _tombstone_gone(self, records: list[Record]) -> bool:
        seen = "was seen first, then " if self._mark_seen else ""
        text = f"The null record {seen}went with all older values of its key; {len(records)} other records are left."
        command = shell("kafka-console-consumer", "--topic", self._topic, "--from-beginning", "--timeout-ms", "5000")
        self._book.note("tombstone", text, "nothing", "nothing is left of the key", command)
        return True
