"""Events of orders, and which orders were handled out of order. Pure."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labs.commit_log import Commit
from labs.values import Out, Record

STAGES = ("created", "paid", "shipped", "cancelled")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an order, where it lies."""

    order: str
    stage: int
    """Index into STAGES."""
    topic: str
    partition: int
    offset: int
    timestamp_ms: int


def value_of(order: str, stage: int) -> str:
    """The record value of an event."""
    return json.dumps({"order": order, "event": STAGES[stage], "step": stage + 1})


def timeline(orders: Sequence[str], stages: Sequence[int], at_once: int) -> list[tuple[str, int]]:
    """(order, stage) as they happen: so many orders are in flight side by side, then the next ones."""
    waves = [orders[i : i + at_once] for i in range(0, len(orders), at_once)]
    return [(order, stage) for wave in waves for stage in stages for order in wave]


def outgoing(happened: Iterable[tuple[str, int]], *, key: bool) -> list[Out]:
    """The records of these events."""
    return [Out(value_of(order, stage).encode(), order.encode() if key else None) for order, stage in happened]


def lines(happened: Iterable[tuple[str, int]]) -> str:
    """The same as lines for kafka-console-producer: key, tab, value."""
    return "".join(f"{order}\t{value_of(order, stage)}\n" for order, stage in happened)


def event_of(record: Record) -> Event | None:
    """The event in a record; None where it holds none."""
    try:
        row = json.loads(record.text)
        stage = STAGES.index(row["event"])
        return Event(str(row["order"]), stage, record.topic, record.partition, record.offset, record.timestamp_ms)
    except (ValueError, KeyError, TypeError):
        return None


def events_of(records: Iterable[Record]) -> list[Event]:
    """The events among the records, in their order."""
    return [event for event in map(event_of, records) if event is not None]


def out_of_order(handled: Iterable[Event]) -> set[str]:
    """The orders of which an event was handled after a later one."""
    reached: dict[str, int] = {}
    broken = set()
    for event in handled:
        if event.stage < reached.get(event.order, -1):
            broken.add(event.order)
        reached[event.order] = max(event.stage, reached.get(event.order, -1))
    return broken


@dataclass(frozen=True, slots=True)
class Overtaking:
    """An event that was written before the one ahead of it had been handled, in another partition."""

    earlier: Event
    later: Event
    handled_ms: int | None
    """When the group committed the earlier one; None: it has not."""


def handled_at(event: Event, commits: Iterable[Commit]) -> int | None:
    """When the group first committed an offset beyond the event, in milliseconds."""
    return next(
        (
            commit.timestamp_ms
            for commit in commits
            if (commit.topic, commit.partition) == (event.topic, event.partition)
            and commit.offset is not None
            and commit.offset > event.offset
        ),
        None,
    )


def overtakings(events: Iterable[Event], commits: Sequence[Commit]) -> list[Overtaking]:
    """Pairs of one order's neighbouring events whose order nothing guarantees.

    In one partition the offset guarantees it. Across partitions only time does: the later one may be written no sooner
    than the earlier one has been handled.
    """
    found = []
    for chain in by_order(events).values():
        for earlier, later in itertools.pairwise(chain):
            if (earlier.topic, earlier.partition) == (later.topic, later.partition):
                if earlier.offset > later.offset:
                    found.append(Overtaking(earlier, later, handled_at(earlier, commits)))
                continue
            done = handled_at(earlier, commits)
            if done is None or done > later.timestamp_ms:
                found.append(Overtaking(earlier, later, done))
    return found


def by_order(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    """The events of each order, by stage."""
    chains: dict[str, list[Event]] = {}
    for event in events:
        chains.setdefault(event.order, []).append(event)
    return {order: sorted(chain, key=lambda event: event.stage) for order, chain in sorted(chains.items())}
