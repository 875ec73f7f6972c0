"""Lab 6: a disk that only grows. Retention removes closed segments, and nothing else removes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from labs.catalog.text06 import (
    BULK,
    CHUNK,
    FACTS,
    FIX,
    INFO,
    KEEP_SECONDS,
    LIMIT,
    PARTITIONS,
    RATE,
    TRICKLE,
    TRICKLE_SECONDS,
)
from labs.catalog.watch06 import Compaction, Expiry, Quota, Watch
from labs.contract import Check, LabContext, LabInfo, Observation
from labs.notebook import Notebook, now_ms, plot, run_shown, shell, step
from labs.retention import MIB, Limits, bound, limits_of, mib
from labs.trickle import trickle
from labs.values import Out, Record
from labs.waits import wait_until

SLACK_SECONDS = 1.5
"""Between two records of the trickle, and a busy machine."""
OPEN_SEGMENT = 64 * MIB


class Retention:
    """The lab. State: the topic, its settings, its id, and a trickle of records that never ends."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic without any limit, all in segments that are still open."""
        topic = ctx.name("audit")
        settings = {"retention.ms": "-1", "retention.bytes": "-1", "segment.bytes": str(OPEN_SEGMENT)}
        options = [part for name, value in settings.items() for part in ("--config", f"{name}={value}")]
        command = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS), *options)
        step(ctx, "arrange", "A topic without a limit", command)
        ctx.kafka.create_topic(topic, PARTITIONS, settings)
        command = shell(
            "kafka-producer-perf-test",
            *("--topic", topic, "--num-records", str(PARTITIONS * BULK // CHUNK)),
            *("--record-size", str(CHUNK), "--throughput", "-1"),
        )
        step(ctx, "arrange", f"{mib(PARTITIONS * BULK)} are written, and a little more all the time", command)
        ctx.kafka.produce(topic, bulk(PARTITIONS, BULK))
        ctx.facts.put(topic_id=ctx.kafka.topic_id(topic))

    def background(self, ctx: LabContext) -> None:
        """A little traffic, for as long as the lab lasts."""
        topic = ctx.name("audit")

        def records() -> list[Out]:
            _plot_size(ctx, topic)
            return [Out(b"-" * TRICKLE, partition=partition.id) for partition in ctx.kafka.partitions(topic)]

        trickle(ctx.kafka, topic, records, TRICKLE_SECONDS, ctx.stop)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Reading, expiry, size and compaction, side by side: each needs its seconds."""
        book = Notebook(ctx, FACTS)
        with ExitStack() as stack:
            watches: list[Watch] = [Expiry(ctx, book), Quota(ctx, book), Compaction(ctx, book)]
            for watch in watches:
                stack.enter_context(watch.begin())
            _consume(ctx, book)

            def all_seen() -> bool:
                watches[:] = [watch for watch in watches if not watch.look()]
                return not watches

            wait_until(all_seen, ctx.stop, 60.0, "retention and compaction to do their work", every=0.1)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Read sizes, settings, and the oldest record of each partition."""
        topic = ctx.name("audit")
        sizes = ctx.kafka.sizes(topic)
        limits = limits_of(ctx.kafka.config(topic)) if sizes else None
        same = ctx.kafka.topic_id(topic) == ctx.facts.get("topic_id")
        return [_size_check(sizes, limits), _bound_check(sizes, limits), _recent_check(_oldest(ctx, topic), same)]

    def reference_fix(self, ctx: LabContext) -> None:
        """Smaller segments, so that the old can be told from the new, and a time limit."""
        topic = ctx.name("audit")
        settings = ",".join(f"{name}={value}" for name, value in FIX.items())
        run_shown(
            ctx,
            "fix",
            "Close the big segment, and let closed segments go once they hold nothing recent",
            ["kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", settings],
        )
        step(
            ctx, "fix", f"The closed segment goes once its newest record is {int(FIX['retention.ms']) / 1000:.0f} s old"
        )

        wait_until(
            lambda: sum(ctx.kafka.sizes(topic).values()) <= LIMIT, ctx.stop, 60.0, "the old segment to go", every=0.3
        )

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = Retention()


def bulk(partitions: int, size: int) -> list[Out]:
    """Records that fill every partition with `size` bytes."""
    return [Out(b"x" * CHUNK, partition=p) for _ in range(size // CHUNK) for p in range(partitions)]


def _plot_size(ctx: LabContext, topic: str) -> None:
    plot(ctx, {f"audit p{p}": size / MIB for p, size in ctx.kafka.sizes(topic).items()}, "MiB")


def _consume(ctx: LabContext, book: Notebook) -> None:
    """Read and commit all of the learner's topic; compare its size before and after."""
    topic, group = ctx.name("audit"), ctx.name("reports")
    command = shell(
        "kafka-console-consumer", "--topic", topic, "--group", group, "--from-beginning", "--timeout-ms", "5000"
    )
    step(ctx, "symptom", "A group reads and commits all of it", command)
    start, before = ctx.kafka.log_start(topic), sum(ctx.kafka.sizes(topic).values())
    count = len(ctx.kafka.read_group(group, topic, "earliest"))
    after = sum(ctx.kafka.sizes(topic).values())
    freed = max(before - after, 0)
    command = shell("kafka-log-dirs", "--describe", "--topic-list", topic)
    kept = "every one of them can still be read" if ctx.kafka.log_start(topic) == start else "the log start has moved"
    text = f"The group read and committed {count} records, {mib(before)}; the disk holds {mib(after)}, and {kept}."
    book.note("consumed-not-deleted", text, round(freed / MIB, 1), f"{freed / MIB:.1f} MiB freed", command)
    sizes = {name: sum(ctx.kafka.sizes(name).values()) for name in ctx.kafka.topics(ctx.prefix)}
    largest = max(sizes, key=lambda name: sizes[name])
    text = f"Of the {len(sizes)} topics here, {largest.removeprefix(ctx.prefix + '-')} is the largest: {mib(sizes[largest])}."
    book.note("largest-topic", text, round(sizes[largest] / MIB, 1), mib(sizes[largest]), command)


# --- verify ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Oldest:
    """How far back one partition reaches."""

    from_offset: int
    age_seconds: float | None
    """Of its oldest record; None: it is empty."""

    @property
    def reaches(self) -> bool:
        """Whether nothing recent can be missing."""
        if self.from_offset == 0:
            return True
        return self.age_seconds is not None and self.age_seconds >= KEEP_SECONDS - SLACK_SECONDS


def _oldest(ctx: LabContext, topic: str) -> dict[int, _Oldest]:
    start, end = ctx.kafka.log_start(topic), ctx.kafka.log_end(topic)
    first = {p: start[p] + 1 for p in start if start[p] < end[p]}
    found: dict[int, Record] = {}
    for record in ctx.kafka.read_all(topic, start, first) if first else []:
        found.setdefault(record.partition, record)
    now = now_ms()
    ages = {p: (now - record.timestamp_ms) / 1000 for p, record in found.items()}
    return {p: _Oldest(start[p], ages.get(p)) for p in start}


def _size_check(sizes: Mapping[int, int], limits: Limits | None) -> Check:
    total = sum(sizes.values())
    ok = total <= LIMIT
    shown = " + ".join(mib(size) for size in sizes.values())
    hints = (
        "Look at the topic's settings: which of them could ever let anything go?",
        _why_large(limits),
        "Change two settings of the topic with kafka-configs: one that closes segments earlier, one that lets closed ones go. "
        "Then give it the time that you set.",
    )
    title = f"$TOPIC takes no more than {mib(LIMIT)}"
    return Check("under-limit", title, ok, f"at most {mib(LIMIT)}", f"{mib(total)} ({shown})", () if ok else hints)


def _why_large(limits: Limits | None) -> str:
    if limits is None or not limits.deletes:
        return "Its cleanup.policy does not delete anything."
    if limits.retention_ms < 0 and limits.retention_bytes < 0:
        return "retention.ms and retention.bytes are both -1: there is no limit of any kind."
    if limits.segment_bytes > LIMIT and limits.segment_ms > 60_000:
        return (
            f"There is a limit now, but segment.bytes is {mib(limits.segment_bytes)}: everything lies in one segment that is "
            "still open, and an open segment stays."
        )
    return (
        "The settings let segments go. One goes when its newest record is older than retention.ms, or when the partition "
        f"without it still has retention.bytes ({mib(limits.retention_bytes) if limits.retention_bytes >= 0 else 'not set'})."
    )


def _bound_check(sizes: Mapping[int, int], limits: Limits | None) -> Check:
    most = bound(limits, RATE) * len(sizes) if limits else float("inf")
    ok = most <= LIMIT
    hints = (
        "It is not enough that the topic is small now: records keep coming. Which settings keep it small?",
        f"{len(sizes)} partitions, each up to its limit plus the segment that is open: that makes {mib(most)}.",
        "A limit in bytes counts for each partition, and closed segments only. A limit in time needs segments that are closed "
        "soon: by their size or by segment.ms.",
    )
    title, found = f"Its settings keep it under {mib(LIMIT)}", _most(most)
    return Check("bounded", title, ok, f"at most {mib(LIMIT)} whatever comes", found, () if ok else hints)


def _most(size: float) -> str:
    return mib(size) if size == float("inf") else f"{mib(size)} at most, at the rate it is written to"


def _recent_check(oldest: Mapping[int, _Oldest], same_topic: bool) -> Check:
    short = [p for p, row in oldest.items() if not row.reaches]
    ok = bool(oldest) and not short and same_topic
    title = f"Nothing of the last {KEEP_SECONDS:.0f} s is lost"
    reach = ", ".join(f"p{p} {_reach(row)}" for p, row in oldest.items())
    found = reach if same_topic else "the topic was deleted and made anew"
    hints = (
        "See how far back each partition reaches: the time of the record at its log start.",
        f"{found}. It should reach {KEEP_SECONDS:.0f} s back.",
        "Type `reset` if the topic was made anew. Otherwise your limit is too tight for the time that must stay: loosen it, "
        f"and look again after {KEEP_SECONDS:.0f} s."
        if not same_topic
        else f"Your limit is too tight for the time that must stay: loosen it, and look again after {KEEP_SECONDS:.0f} s.",
    )
    expected = f"every partition reaches back {KEEP_SECONDS:.0f} s or to its first record"
    return Check("recent-kept", title, ok, expected, found, () if ok else hints)


def _reach(row: _Oldest) -> str:
    if row.from_offset == 0:
        return "to its first record"
    return "is empty" if row.age_seconds is None else f"{row.age_seconds:.0f} s"
