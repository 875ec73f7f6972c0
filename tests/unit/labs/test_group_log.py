"""Generations of groups among the records of __consumer_offsets."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from labs.group_log import Generation, LoggedMember, comings_and_goings, parse, rebalances
from labs.values import Record


def text(value: str | None) -> bytes:
    data = (value or "").encode()
    return struct.pack(">h", -1 if value is None else len(data)) + data


def blob(data: bytes) -> bytes:
    return struct.pack(">i", len(data)) + data


def assignment(topic: str, partitions: Sequence[int]) -> bytes:
    numbers = b"".join(struct.pack(">i", number) for number in partitions)
    return struct.pack(">hi", 3, 1) + text(topic) + struct.pack(">i", len(partitions)) + numbers + blob(b"")


def member(name: str, held: bytes, instance: str | None = None) -> bytes:
    limits = struct.pack(">ii", 1500, 3000)
    return text(name) + text(instance) + text("client") + text("/127.0.0.1") + limits + blob(b"?") + blob(held)


def value(number: int, *members: bytes, version: int = 3) -> bytes:
    head = struct.pack(">h", version) + text("consumer") + struct.pack(">i", number) + text("range") + text(None)
    since = struct.pack(">q", 1) if version >= 2 else b""
    return head + since + struct.pack(">i", len(members)) + b"".join(members)


def record(group: str, data: bytes | None, version: int = 2, at: int = 7) -> Record:
    return Record("__consumer_offsets", 0, 0, at, struct.pack(">h", version) + text(group), data)


def test_members_with_what_they_hold_and_their_limits() -> None:
    held = assignment("invoices", [1, 0])
    (found,) = parse([record("workers", value(4, member("m-1", held, "pod-1"), member("m-2", b"")))])
    first = LoggedMember("m-1", "pod-1", 1500, 3000, (("invoices", 0), ("invoices", 1)))
    assert found == Generation("workers", 4, (first, LoggedMember("m-2", "", 1500, 3000, ())), 7)
    assert found.held == {"m-1": (("invoices", 0), ("invoices", 1)), "m-2": ()}


def test_the_newer_protocol_has_epochs() -> None:
    assert parse([record("workers", struct.pack(">hi", 0, 9), version=3)]) == [Generation("workers", 9, (), 7)]


def test_other_groups_other_keys_and_deleted_groups_are_left_out() -> None:
    records = [
        record("mine-1", value(1)),
        record("yours", value(2)),
        record("mine-2", None),
        record("mine-3", value(3), version=1),
        Record("__consumer_offsets", 0, 0, 7, None, b""),
    ]
    assert [found.group for found in parse(records, "mine")] == ["mine-1"]


@pytest.mark.parametrize("data", [b"", b"\x00", value(1)[:-2], value(1, member("m", b"\x00")), value(1, version=4)])
def test_what_cannot_be_read_is_left_out(data: bytes) -> None:
    assert parse([record("workers", data)]) == []


def generations(*numbers: int) -> list[Generation]:
    return [Generation("workers", number, (), 0) for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "since", "count"),
    [
        ((), 1, 0),
        ((1,), 1, 0),
        ((1, 2), 2, 0),  # all before it
        ((1, 2, 3, 4), 2, 2),
        ((2, 2, 2), 1, 0),  # a static member came back
        ((1, 4), 1, 3),  # two were overtaken
        ((3, 1), 1, 1),  # the empty group was forgotten
        ((5,), 0, 0),
    ],
)
def test_rebalances_are_counted_from_a_place_in_the_history(numbers: tuple[int, ...], since: int, count: int) -> None:
    assert rebalances(generations(*numbers), since) == count


def members(number: int, *names: str) -> Generation:
    return Generation("workers", number, tuple(LoggedMember(name, "", 1, 1, ()) for name in names), 0)


@pytest.mark.parametrize(
    ("history", "count"),
    [
        ([members(1, "a"), members(2, "a", "b")], 1),
        ([members(2, "a", "b"), members(3, "a"), members(4, "a", "c")], 2),
        ([members(2, "a", "b"), members(4, "a", "c")], 2),  # one was overtaken
        ([members(2, "a", "b"), members(3, "a", "b")], 0),  # the leader joined again
        ([members(2, "a", "b"), members(2, "a", "c")], 0),  # a static member came back
        ([members(2, "a", "b"), members(3), members(4, "c", "d")], 4),
    ],
)
def test_members_that_come_and_go(history: list[Generation], count: int) -> None:
    assert comings_and_goings(history) == count
