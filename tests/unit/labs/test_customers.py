"""Customers whose keys go to chosen partitions."""

from __future__ import annotations

from itertools import islice

from labs.customers import Source, event_of, first, half_moving, in_pairs
from labs.partitioning import partition_of


def test_names_belong_to_the_partition() -> None:
    names = first("c", 2, 3, 20)
    assert len(set(names)) == 20
    assert {partition_of(name.encode(), 3) for name in names} == {2}


def test_every_second_name_moves_when_there_are_twice_as_many() -> None:
    names = half_moving("c", 1, 3, 12)
    assert len(set(names)) == 12
    assert [partition_of(name.encode(), 3) for name in names] == [1] * 12
    assert [partition_of(name.encode(), 6) for name in names] == [1, 4] * 6


def test_each_customer_counts_its_own_events() -> None:
    source = Source()
    outs = source.take(in_pairs(["a", "b"]), 6)
    assert [event_of(out) for out in outs] == [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("a", 3), ("a", 4)]
    assert {out.key for out in outs} == {b"a", b"b"}
    assert list(islice(in_pairs(["x"]), 3)) == ["x"] * 3
