"""Lab 3, first half: a group in which one member is slow, a member more than there are partitions, and more partitions."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from labs import handouts
from labs.calls import Call, Event, Journal, overtaken
from labs.catalog.service03 import FOREVER, Rig, Service
from labs.catalog.text03 import AFTER, BEFORE, BURST, CUSTOMERS, EACH, FAST, SLOW
from labs.client import Consumer
from labs.contract import LabContext
from labs.customers import Source, event_of, half_moving
from labs.notebook import Notebook, plot, shell, step
from labs.partitioning import moved
from labs.program import Program
from labs.trickle import Trickle
from labs.values import Out, Record, joined, lag
from labs.waits import wait_until

MEMBERS = tuple(f"enrich-{letter}" for letter in "abcdef")
SLOW_ONE = MEMBERS[0]
TICK = 0.1
"""Seconds between two writes of the traffic."""
WATCHED = 2.2
"""Seconds in which the three are watched …"""
FOURTH = 0.6
"""… the fourth …"""
SIX = 0.9
"""… and the six."""
LOOK = 0.2
JOIN_SECONDS = 40.0
CATCH_UP_SECONDS = 20.0
FEW = 5
"""Records that may be on their way while a partition is not behind."""
UNKNOWN = float("inf")


def names(partition: int) -> list[str]:
    """The customers of a partition."""
    return half_moving("customer", partition, BEFORE, CUSTOMERS)


def topic_of(ctx: LabContext) -> str:
    """The topic that the group reads."""
    return ctx.name("customer-events")


def write_burst(ctx: LabContext) -> Source:
    """The events that wait when the instances start; what made them."""
    source = Source()
    rows = [source.take(itertools.cycle(names(partition)), BURST) for partition in range(BEFORE)]
    ctx.kafka.produce(topic_of(ctx), itertools.chain.from_iterable(rows))
    return source


@dataclass(slots=True)
class Scene:
    """The group at work."""

    rig: Rig
    service: Service
    source: Source
    group: str
    programs: list[Program] = field(default_factory=list)
    turns: list[itertools.cycle[str]] = field(
        default_factory=lambda: [itertools.cycle(names(p)) for p in range(BEFORE)]
    )

    @property
    def ctx(self) -> LabContext:
        """All that the lab may touch."""
        return self.rig.ctx

    @property
    def topic(self) -> str:
        """What it reads."""
        return topic_of(self.ctx)

    def start(self, *members: str) -> None:
        """Start members of the group, each a process."""
        for member in members:
            env = {"TOPIC": self.topic, "GROUP": self.group, "INSTANCE": member}
            found = self.service.env(member, SLOW if member == SLOW_ONE else FAST)
            self.programs.append(self.rig.start(handouts.path(3, "consumer.py"), {**env, **found}, FOREVER))

    def end(self) -> None:
        """SIGKILL to all of them; the group is told, and keeps its offsets."""
        for program in self.programs:
            program.close()
        self.ctx.kafka.evict(self.group)

    def traffic(self) -> Trickle:
        """Events that come in, the same number for each partition of the start. Use it in a `with`."""
        began, written = time.monotonic(), 0

        def due() -> list[Out]:
            nonlocal written
            each = int(EACH * (time.monotonic() - began)) - written
            written += each
            return [out for turn in self.turns for out in self.source.take(turn, each)]

        return Trickle(self.ctx.kafka, self.topic, due, TICK, self.ctx.stop)

    def owners(self) -> dict[str, tuple[int, ...]]:
        """Member → its partitions; empty while the group rebalances."""
        found = self.ctx.kafka.group(self.group)
        if found.state != "Stable":
            return {}
        return {member.client_id: tuple(p for _, p in member.partitions) for member in found.members}

    def await_members(self, count: int, partitions: int) -> dict[str, tuple[int, ...]]:
        """Wait until so many members share out so many partitions; lag is plotted meanwhile."""
        found: dict[str, tuple[int, ...]] = {}

        def shared_out() -> bool:
            self.look()
            found.clear()
            found.update(self.owners())
            return len(found) == count and sum(map(len, found.values())) == partitions

        wait_until(shared_out, self.ctx.stop, JOIN_SECONDS, f"{count} members to share out {partitions} partitions")
        return found

    def look(self) -> dict[int, int]:
        """Lag per partition now, plotted."""
        kafka = self.ctx.kafka
        committed, end = kafka.committed(self.group, self.topic), kafka.log_end(self.topic)
        found = lag(committed, end, dict.fromkeys(end, 0))
        plot(self.ctx, {f"lag p{partition}": behind for partition, behind in found.items()}, "records")
        return found

    def watch(self, seconds: float) -> tuple[Mapping[int, int], Mapping[int, int], float]:
        """Lag at the beginning and at the end of some seconds, and how many they were."""
        began, first = time.monotonic(), self.look()
        while time.monotonic() - began < seconds:
            self.ctx.stop.wait(LOOK)
            last = self.look()
        return first, last, time.monotonic() - began


def group_at_work(rig: Rig, service: Service, source: Source, book: Notebook) -> None:
    """Three members, a fourth, and six."""
    ctx = rig.ctx
    scene = Scene(rig, service, source, ctx.name("enrich"))
    describe = shell("kafka-consumer-groups", "--describe", "--group", scene.group)
    step(
        ctx,
        "symptom",
        "Three instances start; the profile service is 50 ms from the first, 1 ms from the others",
        describe,
    )
    with scene.traffic():
        # The slow one first: range then gives it partition 0 at every change, and no other member ever has a turn there.
        scene.start(SLOW_ONE)
        scene.await_members(1, BEFORE)
        scene.start(*MEMBERS[1:BEFORE])
        owners = scene.await_members(BEFORE, BEFORE)
        _three(scene, book, owners, describe)
        step(
            ctx,
            "symptom",
            "A fourth instance joins",
            shell("kafka-consumer-groups", "--describe", "--members", "--verbose", "--group", scene.group),
        )
        _fourth(scene, book, describe)
    _six(scene, book, describe)
    scene.end()


# --- three members ---------------------------------------------------------------------------------------------------


def _three(scene: Scene, book: Notebook, owners: Mapping[str, tuple[int, ...]], describe: str) -> None:
    ctx = scene.ctx
    shared = ", ".join(f"{member}: {' and '.join(map(str, held))}" for member, held in sorted(owners.items()))
    ends = ctx.kafka.log_end(scene.topic)
    first, last, seconds = scene.watch(WATCHED)
    came = {p: end - ends[p] for p, end in ctx.kafka.log_end(scene.topic).items()}
    journal = scene.service.journal
    slow_partition = owners[SLOW_ONE][0]
    grew = (last[slow_partition] - first[slow_partition]) / seconds
    text = (
        f"In {seconds:.1f} s the lag per partition went from {joined(first)} to {joined(last)}: that of {SLOW_ONE}'s "
        f"partition grew by {grew:.0f} a second."
    )
    book.note("lag-growth", text, round(grew, 1), f"{grew:.0f} records/s", describe)
    even = max(came.values()) / max(min(came.values()), 1)
    text = f"Meanwhile {joined(came)} records came into partitions 0/1/2."
    offsets = shell("kafka-get-offsets", "--topic", scene.topic)
    book.note("input-even", text, round(even, 2), f"{joined(came)} records", offsets)
    alone = sum(sum(p in held for held in owners.values()) == 1 for p in range(BEFORE))
    text = f"The group has shared out: {shared}. {alone} of {BEFORE} partitions have exactly one owner."
    book.note("one-owner", text, float(alone), f"{alone} of {BEFORE} partitions", describe)
    helped = _handled_by_others(journal, slow_partition)
    others = [member for member in owners if member != SLOW_ONE]
    text = f"Of partition {slow_partition} {' and '.join(others)} have handled {helped} records; {last[slow_partition]} were waiting."
    book.note("others-take-nothing", text, float(helped), f"{helped} records", describe)
    _times(book, journal, list(owners))
    _broker(scene, book, slow_partition)


def _handled_by_others(journal: Journal, partition: int) -> int:
    """Events of a partition's customers that fast members have handled."""
    theirs = set(names(partition))
    return sum(customer in theirs for customer, _ in journal.handled(*(m for m in MEMBERS if m != SLOW_ONE)))


def _times(book: Notebook, journal: Journal, members: list[str]) -> None:
    """How long a record takes on each member."""
    each = {member: 1000 * _median_time(journal.of(member)) for member in sorted(members)}
    told = ", ".join(f"{member}: {taken:.1f} ms" for member, taken in each.items())
    others = max(taken for member, taken in each.items() if member != SLOW_ONE)
    text = f"A call to the profile service took (medians, from the service's own log): {told}."
    ratio = each[SLOW_ONE] / max(others, 0.1)
    book.note("time-per-call", text, round(ratio, 1), f"{each[SLOW_ONE]:.0f} ms against {others:.1f} ms")


def _median_time(calls: list[Call]) -> float:
    times = [call.done - call.began for call in calls if call.done is not None]
    return statistics.median(times) if times else 0.0


def _broker(scene: Scene, book: Notebook, partition: int) -> None:
    """How fast a reader without work gets the records of the partition."""
    ctx, topic = scene.ctx, scene.topic
    end = {partition: ctx.kafka.log_end(topic)[partition]}
    with ctx.kafka.consumer() as consumer:
        began = _connected(ctx, consumer, topic, partition)
        consumer.read_to(topic, end)
        seconds = time.monotonic() - began
    faster = end[partition] / seconds * SLOW
    command = shell("kafka-console-consumer", "--topic", topic, "--partition", str(partition), "--offset", "earliest")
    text = (
        f"A reader that only reads got all {end[partition]} records of partition {partition} in {1000 * seconds:.0f} ms; at "
        f"50 ms each they take {end[partition] * SLOW:.0f} s to handle."
    )
    book.note(
        "broker-delivers", text, round(faster, 1), f"{end[partition]} records in {1000 * seconds:.0f} ms", command
    )


def _connected(ctx: LabContext, consumer: Consumer, topic: str, partition: int) -> float:
    """Have a consumer read its first record, so that it is connected; the time at which it stands at the beginning again."""
    consumer.assign(topic, {partition: 0})
    while not consumer.poll(1):
        ctx.stop.check()
    consumer.assign(topic, {partition: 0})
    return time.monotonic()


# --- a fourth --------------------------------------------------------------------------------------------------------


def _fourth(scene: Scene, book: Notebook, describe: str) -> None:
    fourth = MEMBERS[BEFORE]
    scene.start(fourth)
    owners = scene.await_members(BEFORE + 1, BEFORE)
    first, last, _ = scene.watch(FOURTH)
    got, did = len(owners[fourth]), len(scene.service.journal.handled(fourth))
    text = (
        f"{fourth} is a member, has {got} partitions and has handled {did} records; lag went on from {joined(first)} to "
        f"{joined(last)}."
    )
    book.note("fourth-gets-nothing", text, float(got), f"{got} partitions", describe)


# --- six partitions --------------------------------------------------------------------------------------------------


def _six(scene: Scene, book: Notebook, describe: str) -> None:
    ctx, topic = scene.ctx, scene.topic
    before, waiting = dict(scene.source.made), scene.look()[0]
    command = shell("kafka-topics", "--alter", "--topic", topic, "--partitions", str(AFTER))
    step(ctx, "symptom", f"{BEFORE} partitions become {AFTER}, and two more instances start", command)
    ctx.kafka.add_partitions(topic, AFTER)
    with scene.traffic():
        scene.start(*MEMBERS[BEFORE + 1 :])
        scene.await_members(AFTER, AFTER)
        settled_ms = time.time_ns() // 1_000_000
        scene.watch(SIX)
        behind = _await_new_partitions(scene)
    records = ctx.kafka.read_all(topic)
    handled = scene.service.journal.handled(*MEMBERS)
    _backlog(book, records, before, waiting, describe)
    _keys(
        book,
        records,
        shell(
            "kafka-console-consumer",
            "--topic",
            topic,
            "--from-beginning",
            "--timeout-ms",
            "5000",
            "--formatter-property",
            "print.key=true",
            "--formatter-property",
            "print.partition=true",
        ),
    )
    _waits(book, records, handled, settled_ms, behind)
    _overtaken(book, records, handled)


def _await_new_partitions(scene: Scene) -> dict[int, int]:
    """Wait until what came into the new partitions is handled, but for the last records; the lag then."""
    found: dict[int, int] = {}

    def caught_up() -> bool:
        found.update(scene.look())
        return all(behind <= FEW for p, behind in found.items() if p >= BEFORE)

    wait_until(caught_up, scene.ctx.stop, CATCH_UP_SECONDS, "the new partitions to be read")
    return found


def _backlog(book: Notebook, records: list[Record], before: Mapping[str, int], waiting: int, describe: str) -> None:
    theirs = set(names(0))
    old = [(r, event_of(r)) for r in records]
    elsewhere = sum(
        r.partition != 0 for r, (customer, number) in old if customer in theirs and number <= before[customer]
    )
    text = (
        f"{waiting} records were waiting in partition 0; {elsewhere} of its old records are in another partition now."
    )
    book.note("backlog-stays", text, float(elsewhere), f"{elsewhere} of {waiting}", describe)


def _keys(book: Notebook, records: list[Record], command: str) -> None:
    theirs = names(0)
    changed = {record.key_text for record in records if record.partition != 0} & set(theirs)
    foreseen = {key.decode() for key in moved([name.encode() for name in theirs], BEFORE, AFTER)}
    sample = ", ".join(sorted(changed)[:3])
    text = (
        f"{len(changed)} of partition 0's {CUSTOMERS} customers have new records in partition {BEFORE} ({sample} …); murmur2 "
        f"foretold {'exactly these' if changed == foreseen else f'{len(foreseen)}'}."
    )
    book.note("keys-moved", text, float(len(changed)), f"{len(changed)} of {CUSTOMERS} customers", command)


def _waits(
    book: Notebook, records: list[Record], handled: Mapping[Event, float], since_ms: int, behind: Mapping[int, int]
) -> None:
    """What new records find before them: those of customers that moved, and those of customers that stayed."""
    now, theirs = time.time(), set(names(0))
    waits: dict[bool, list[float]] = {True: [], False: []}
    for record in records:
        if record.key_text in theirs and record.timestamp_ms >= since_ms:
            waits[record.partition != 0].append(handled.get(event_of(record), now) - record.timestamp_ms / 1000)
    moved_wait, stayed_wait = (statistics.median(waits[side]) if waits[side] else 0.0 for side in (True, False))
    text = (
        f"With six members a new record waited {1000 * moved_wait:.0f} ms where its customer had moved to partition {BEFORE}, "
        f"and {stayed_wait:.1f} s or more where the customer had stayed in partition 0 (medians). At the end {behind[BEFORE]} "
        f"records were waiting in partition {BEFORE}, and {behind[0]} in partition 0."
    )
    ratio = behind[0] / max(behind[BEFORE], 1)
    book.note("new-records-wait", text, round(ratio, 1), f"{behind[BEFORE]} records waiting against {behind[0]}")


def _overtaken(book: Notebook, records: list[Record], handled: Mapping[Event, float]) -> None:
    written = {event_of(record) for record in records if record.key_text in set(names(0))}
    broken = overtaken({event: handled.get(event, UNKNOWN) for event in written})
    movers = {key.decode() for key in moved([name.encode() for name in names(0)], BEFORE, AFTER)}
    value = "none" if not broken else "moved" if broken <= movers else "all"
    text = (
        f"For {len(broken)} of the {CUSTOMERS} customers a new event was handled before an older one, which waited in "
        f"partition 0; {len(broken - movers)} of them had not moved."
    )
    book.note("overtaken", text, value, f"{len(broken)} of {CUSTOMERS} customers")
