"""Customers whose keys go to chosen partitions, and their numbered events. Pure, apart from its counters."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from labs.calls import Event
from labs.partitioning import partition_of
from labs.values import Out, Record

DOINGS = ("login", "view", "cart", "order", "logout")


def keys(stem: str, partition: int, of: int) -> Iterator[str]:
    """Names `STEM-NUMBER` that belong to a partition, where there are so many."""
    names = (f"{stem}-{number}" for number in itertools.count(1001))
    return (name for name in names if partition_of(name.encode(), of) == partition)


def first(stem: str, partition: int, of: int, count: int) -> list[str]:
    """The first so many of them."""
    return list(itertools.islice(keys(stem, partition, of), count))


def half_moving(stem: str, partition: int, before: int, count: int) -> list[str]:
    """Names of a partition, of which every second belongs to another one once there are twice as many."""
    pairs = zip(keys(stem, partition, 2 * before), keys(stem, partition + before, 2 * before), strict=False)
    return [name for pair in itertools.islice(pairs, count // 2) for name in pair]


class Source:
    """Makes events: the first one of each customer has the number 1."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        """How many each customer has."""

    def next(self, customer: str) -> Out:
        """The customer's next event, keyed by the customer."""
        self.made[customer] += 1
        number = self.made[customer]
        row = {"customer": customer, "seq": number, "event": DOINGS[number % len(DOINGS)]}
        return Out(json.dumps(row).encode(), customer.encode())

    def take(self, customers: Iterator[str], count: int) -> list[Out]:
        """The next events of the next so many customers."""
        return [self.next(customer) for customer in itertools.islice(customers, count)]


def in_pairs(customers: Sequence[str]) -> Iterator[str]:
    """Customers in turn, for ever, each twice in a row."""
    return (customer for customer in itertools.cycle(customers) for _ in range(2))


def event_of(record: Record | Out) -> Event:
    """The event in a record."""
    row = json.loads(record.value or b"")
    return str(row["customer"]), int(row["seq"])
