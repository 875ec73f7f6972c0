"""Lab 5: order that breaks. A partition is the only thing that Kafka keeps in order."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from labs import commit_log, workspace
from labs.catalog.text05 import AFTER, BEFORE, EVENTS, FACTS, FEW, INFO, ORDERS
from labs.contract import Check, LabContext, LabInfo, Observation
from labs.notebook import Notebook, plot, run_shown, shell, step
from labs.ordering import (
    STAGES,
    Event,
    Overtaking,
    by_order,
    events_of,
    lines,
    out_of_order,
    outgoing,
    overtakings,
    timeline,
)
from labs.partitioning import moved, partition_of
from labs.values import Out, Record, joined

NAMES = tuple(f"order-{1174 + i}" for i in range(ORDERS))
AT_ONCE = 6
"""Orders in flight at a time."""
EARLY = timeline(NAMES, (0, 1), ORDERS)
LATE = timeline(NAMES, (2, 3), ORDERS)
WHOLE = timeline(NAMES, (0, 1, 2, 3), AT_ONCE)
TURN = 5
"""Records that each reader handles in its turn."""
REST = "rest.txt"


class Ordering:
    """The lab. State: the topics, the history of the group's commits, and where that history began."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """Half of every order's events in three partitions, the other half in a file."""
        topic, group = ctx.name("orders"), ctx.name("shipping")
        options = ["--partitions", str(BEFORE), "--config", "message.timestamp.type=LogAppendTime"]
        command = shell("kafka-topics", "--create", "--topic", topic, *options)
        step(ctx, "arrange", f"A topic with {BEFORE} partitions, stamped by the broker's clock", command)
        ctx.kafka.create_topic(topic, BEFORE, {"message.timestamp.type": "LogAppendTime"})
        step(
            ctx,
            "arrange",
            f"{ORDERS} orders are created and paid, keyed by order id; {group} has handled none of it yet",
        )
        ctx.kafka.produce(topic, outgoing(EARLY, key=True))
        ctx.kafka.set_committed(group, topic, dict.fromkeys(range(BEFORE), 0))
        workspace.write(ctx.workspace, REST, lines(LATE))
        ctx.facts.put(commits_from=commit_log.mark(ctx.kafka, group))

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Without keys, with keys, and through an increase."""
        book = Notebook(ctx, FACTS)
        _without_keys(ctx, book)
        _unique_keys(ctx, book)
        _with_keys(ctx, book)
        _increase(ctx, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Read partitions, events and the history of commits."""
        topics = ctx.kafka.topics(ctx.name("orders"))
        counts = {topic: len(ctx.kafka.partitions(topic)) for topic in topics}
        events = events_of(record for topic in topics for record in ctx.kafka.read_all(topic))
        commits = commit_log.history(ctx.kafka, ctx.name("shipping"), ctx.facts.get("commits_from", -1))
        return [
            _partitions_check(counts),
            _complete_check(events),
            _order_check(events, overtakings(events, commits)),
        ]

    def reference_fix(self, ctx: LabContext) -> None:
        """Handle what is there, then add partitions, then write on."""
        topic, group = ctx.name("orders"), ctx.name("shipping")
        run_shown(
            ctx,
            "fix",
            "Writing has stopped. The group handles everything that is there and commits it",
            ["kafka-console-consumer", "--topic", topic, "--group", group, "--max-messages", str(2 * ORDERS)],
        )
        run_shown(
            ctx,
            "fix",
            "Nothing is in flight now, so keys may move",
            ["kafka-topics", "--alter", "--topic", topic, "--partitions", str(AFTER)],
        )
        run_shown(
            ctx,
            "fix",
            "Writing goes on",
            ["kafka-console-producer", "--topic", topic, "--reader-property", "parse.key=true"],
            stdin=lines(LATE).encode(),
        )

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = Ordering()


# --- the symptom -----------------------------------------------------------------------------------------------------


def _without_keys(ctx: LabContext, book: Notebook) -> None:
    topic = ctx.name("nokey")
    ctx.kafka.create_topic(topic, BEFORE)
    text = f"{EVENTS} events are written without a key to {BEFORE} partitions"
    step(ctx, "symptom", text, _write_command(topic, " ".join(STAGES), key=False))
    ctx.kafka.produce(topic, outgoing(WHOLE, key=False))
    records = _side_by_side(ctx, topic, "no key")
    broken = len(out_of_order(events_of(records)))
    text = f"Without keys, {broken} of {ORDERS} orders were handled out of order by {BEFORE} consumers side by side."
    book.note("no-key-disorder", text, _amount(broken), f"{broken} of {ORDERS} orders", _print_command(topic))

    alone = ctx.kafka.read_all(topic)
    broken = len(out_of_order(events_of(alone)))
    text = f"One consumer that reads all {BEFORE} partitions alone handled {broken} of {ORDERS} orders out of order."
    book.note("one-consumer-disorder", text, float(broken), f"{broken} orders", _print_command(topic))
    back = sum(later.timestamp_ms < earlier.timestamp_ms for earlier, later in itertools.pairwise(alone))
    text = f"It was handed a record older than the one before {back} times."
    book.note("timestamps-go-back", text, float(back), f"{back} times", _print_command(topic))
    zeros = sum(record.offset == 0 for record in alone)
    text = f"There are {zeros} records with the offset 0, one in each partition."
    book.note("offsets-repeat", text, float(zeros), f"{zeros} records", shell("kafka-get-offsets", "--topic", topic))


def _amount(broken: int) -> str:
    """The choice for a number of orders."""
    if not broken:
        return "none"
    return "few" if broken <= FEW else "many"


def _unique_keys(ctx: LabContext, book: Notebook) -> None:
    topic = ctx.name("unique")
    ctx.kafka.create_topic(topic, BEFORE)
    step(ctx, "symptom", "The same with a key of its own for every event")
    events = outgoing(WHOLE, key=False)
    ctx.kafka.produce(topic, [Out(out.value, f"event-{number}".encode()) for number, out in enumerate(events)])
    broken = len(out_of_order(events_of(_side_by_side(ctx, topic, "unique keys"))))
    text = f"With a key of its own for every event, {broken} of {ORDERS} orders were handled out of order."
    book.note("unique-key-disorder", text, float(broken), f"{broken} orders", _print_command(topic))


def _with_keys(ctx: LabContext, book: Notebook) -> None:
    topic = ctx.name("keyed")
    ctx.kafka.create_topic(topic, BEFORE)
    text = "The same with the order id as key, written by Java's console producer"
    producer = ["kafka-console-producer", "--topic", topic, "--reader-property", "parse.key=true"]
    run_shown(ctx, "symptom", text, producer, stdin=lines(WHOLE).encode())
    records = _side_by_side(ctx, topic, "keyed")
    broken = len(out_of_order(events_of(records)))
    text = f"With the order id as key, {broken} of {ORDERS} orders were handled out of order."
    book.note("keyed-disorder", text, float(broken), f"{broken} orders", _print_command(topic))
    _partition_table(ctx, book, records)


def _partition_table(ctx: LabContext, book: Notebook, by_java: Sequence[Record]) -> None:
    """Where Java's client, Python's client and the formula put each key."""
    java = {record.key_text: record.partition for record in by_java}
    python = {record.key_text: record.partition for record in ctx.kafka.read_all(ctx.name("orders"))}
    formula = {name: partition_of(name.encode(), BEFORE) for name in NAMES}
    agree = sum(java.get(name) == python.get(name) == formula[name] for name in NAMES)
    spread = Counter(formula.values())
    sample = ", ".join(f"{name} → {formula[name]}" for name in NAMES[:4])
    text = (
        f"For {agree} of {ORDERS} keys Java's client, Python's client and murmur2(key) % {BEFORE} name the same partition "
        f"({sample} …); {joined(spread)} keys in partitions 0/1/2."
    )
    book.note(
        "key-partition-before", text, float(agree), f"{agree} of {ORDERS} keys", _print_command(ctx.name("keyed"))
    )


def _increase(ctx: LabContext, book: Notebook) -> None:
    topic = ctx.name("grown")
    ctx.kafka.create_topic(topic, BEFORE)
    text = "Orders are created and paid, keyed; the consumers are behind"
    step(ctx, "symptom", text, _write_command(topic, "created paid", key=True))
    ctx.kafka.produce(topic, outgoing(EARLY, key=True))
    command = shell("kafka-topics", "--alter", "--topic", topic, "--partitions", str(AFTER))
    step(ctx, "symptom", f"Somebody raises {BEFORE} partitions to {AFTER}", command)
    ctx.kafka.add_partitions(topic, AFTER)
    step(ctx, "symptom", "They are shipped and cancelled", _write_command(topic, "shipped cancelled", key=True))
    ctx.kafka.produce(topic, outgoing(LATE, key=True))
    records = _side_by_side(ctx, topic, "increase")
    places = _places(records)
    changed = [name for name in NAMES if len(places.get(name, ())) > 1]
    foreseen = [key.decode() for key in moved([name.encode() for name in NAMES], BEFORE, AFTER)]
    sample = ", ".join(f"{name}: {' → '.join(map(str, places[name]))}" for name in changed[:4])
    text = (
        f"{len(changed)} of {ORDERS} keys are in two partitions now ({sample} …); "
        f"murmur2 foretold {'exactly these' if changed == foreseen else f'{len(foreseen)}'}."
    )
    book.note("keys-moved", text, float(len(changed)), f"{len(changed)} of {ORDERS} keys", command)
    broken = out_of_order(events_of(records))
    unmoved = len(broken - set(changed))
    text = f"After the increase {len(broken)} of {ORDERS} orders were handled out of order; {unmoved} of them had not moved."
    book.note("disorder-after-increase", text, float(len(broken)), f"{len(broken)} orders", _print_command(topic))


def _side_by_side(ctx: LabContext, topic: str, series: str) -> list[Record]:
    """Read with one consumer a partition, each handling a few records in its turn; what was handled, in that order."""
    end, handled = ctx.kafka.log_end(topic), list[Record]()
    with ExitStack() as stack:
        readers = {p: stack.enter_context(ctx.kafka.consumer()) for p in end}
        for p, reader in readers.items():
            reader.assign(topic, {p: 0})
        left = dict(end)
        while any(left.values()):
            for p in [p for p in left if left[p]]:
                while not (batch := readers[p].poll(min(TURN, left[p]))):
                    ctx.stop.check()
                left[p] -= len(batch)
                handled += batch
            plot(ctx, {f"out of order, {series}": len(out_of_order(events_of(handled)))}, "orders")
    return handled


def _places(records: Sequence[Record]) -> dict[str, list[int]]:
    """The partitions in which each key lies, in the order in which it came there."""
    found: dict[str, list[int]] = {}
    for record in sorted(records, key=lambda record: (record.timestamp_ms, record.offset)):
        places = found.setdefault(record.key_text, [])
        if record.partition not in places:
            places.append(record.partition)
    return found


# --- verify ----------------------------------------------------------------------------------------------------------


def _partitions_check(counts: Mapping[str, int]) -> Check:
    largest = max(counts.values(), default=0)
    hints = (
        f"The topic that takes the orders still has {largest} partitions.",
        f"Kafka can raise the number of a topic's partitions, from {largest} to {AFTER}; it can never lower it. "
        "When to do it is the question.",
        "kafka-topics changes a topic with --alter. Before you do: is every event that is in the topic handled?",
    )
    ok = largest >= AFTER
    return Check("partitions", f"$TOPIC has {AFTER} partitions", ok, f"{AFTER}", f"{largest}", () if ok else hints)


def _complete_check(events: Sequence[Event]) -> Check:
    seen = Counter((event.order, event.stage) for event in events)
    twice = sum(count > 1 for count in seen.values())
    missing = EVENTS - len(seen)
    found = f"{len(seen)} of {EVENTS} events" + (f", {twice} of them more than once" if twice else "")
    ok = not twice and not missing
    hints = (
        "Compare how many events the topic holds with how many there are: 60 orders, 4 each.",
        f"{twice} events were written more than once." if twice else f"{missing} events are missing: those in {REST}.",
        "Records cannot be taken back: type `reset`, and write the file once."
        if twice
        else "kafka-console-producer takes the file with `< rest.txt`; tell it that the lines have keys. Is the topic ready?",
    )
    title = f"All {EVENTS} events are there, each once"
    return Check("complete", title, ok, f"{EVENTS} events, each once", found, () if ok else hints)


def _order_check(events: Sequence[Event], found: Sequence[Overtaking]) -> Check:
    orders = sorted({pair.later.order for pair in found})
    title = "No event of an order can be handled before an earlier one"
    expected = "0 orders: the same partition, or handled by $GROUP before the next event was written elsewhere"
    if not orders:
        across = sum(
            len({(event.topic, event.partition) for event in chain}) > 1 for chain in by_order(events).values()
        )
        text = f"0 orders; {across} moved to another partition, each after its earlier events had been handled"
        return Check("order-kept", title, True, expected, text)
    hints = (
        "An order that changes its partition is safe only if nothing of it is waiting in the old one.",
        f"{_tell(found[0])} The same holds for {len(orders)} orders.",
        "What is written stays written: type `reset`. Then think of the order of three things: writing on, adding "
        "partitions, and handling what is already there.",
    )
    return Check("order-kept", title, False, expected, f"{len(orders)} orders, e.g. {orders[0]}", hints)


def _tell(pair: Overtaking) -> str:
    early, late = pair.earlier, pair.later
    done = "is not handled yet" if pair.handled_ms is None else f"was handled at {_clock(pair.handled_ms)}"
    return (
        f"{late.order}: {STAGES[late.stage]} was written to partition {late.partition} at {_clock(late.timestamp_ms)}; "
        f"{STAGES[early.stage]} in partition {early.partition} {done}."
    )


# --- details ---------------------------------------------------------------------------------------------------------


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{rest:03}"


def _write_command(topic: str, stages: str, *, key: bool) -> str:
    """The same events written by a loop of the shell."""
    first, last = NAMES[0].removeprefix("order-"), NAMES[-1].removeprefix("order-")
    row = "'order-%s\\t%s\\n' $o $s" if key else "'order-%s %s\\n' $o $s"
    loop = f"for s in {stages}; do for o in $(seq {first} {last}); do printf {row}; done; done | "
    keyed = ["--reader-property", "parse.key=true"] if key else []
    return loop + shell("kafka-console-producer", "--topic", topic, *keyed)


def _print_command(topic: str) -> str:
    shown = ["print.partition=true", "print.offset=true", "print.key=true"]
    options = [part for name in shown for part in ("--formatter-property", name)]
    return shell("kafka-console-consumer", "--topic", topic, "--from-beginning", *options, "--timeout-ms", "5000")
