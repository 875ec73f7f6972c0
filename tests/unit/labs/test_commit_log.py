"""Commits among the records of __consumer_offsets."""

import struct

import pytest

from labs.commit_log import Commit, is_membership, parse, parse_all
from labs.values import Record


def key(group: str, topic: str, partition: int, version: int = 1) -> bytes:
    g, t = group.encode(), topic.encode()
    return struct.pack(f">hh{len(g)}sh{len(t)}si", version, len(g), g, len(t), t, partition)


def record(key_bytes: bytes | None, value: bytes | None, at: int = 5) -> Record:
    return Record("__consumer_offsets", 0, 0, at, key_bytes, value)


def commit(offset: int, version: int = 3) -> bytes:
    return struct.pack(">hqi", version, offset, -1) + b"\x00\x00" + struct.pack(">q", 1)


def test_commits_of_the_group_in_their_order() -> None:
    found = parse(
        [
            record(key("service", "payments", 2), commit(100), 1),
            record(key("other", "payments", 2), commit(7), 2),
            record(key("service", "payments", 0), commit(0, version=4), 3),
        ],
        "service",
    )
    assert found == [Commit("payments", 2, 100, 1), Commit("payments", 0, 0, 3)]


def test_commits_of_all_groups_with_a_prefix() -> None:
    groups = ("mine-1", "yours", "mine-2")
    found = parse_all([record(key(group, "t", 0), commit(at)) for at, group in enumerate(groups)], "mine")
    assert found == [("mine-1", Commit("t", 0, 0, 5)), ("mine-2", Commit("t", 0, 2, 5))]


def test_a_deleted_commit_has_no_offset() -> None:
    assert parse([record(key("service", "p", 0), None)], "service") == [Commit("p", 0, None, 5)]


@pytest.mark.parametrize(
    "key_bytes",
    [None, b"", b"\x00", key("service", "p", 0)[:-1], struct.pack(">hh7s", 2, 7, b"service"), b"\x00\x01\x7f\xff"],
)
def test_other_keys_are_passed_over(key_bytes: bytes | None) -> None:
    assert parse([record(key_bytes, commit(1))], "service") == []


def test_names_beyond_ascii() -> None:
    assert parse([record(key("sérvice", "pagé", 1), commit(3))], "sérvice") == [Commit("pagé", 1, 3, 5)]


@pytest.mark.parametrize("version", [2, 3, 5])
def test_members_leave_records_of_other_kinds(version: int) -> None:
    metadata = struct.pack(">hh7s", version, 7, b"service") + b"more"
    assert is_membership(record(metadata, b"\x00\x03consumer"), "service")
    assert not is_membership(record(metadata, b"\x00\x03consumer"), "other")
    assert not is_membership(record(metadata, None), "service")  # the group was deleted


@pytest.mark.parametrize("key_bytes", [None, b"", b"\x00", key("service", "p", 0), b"\x00\x02\x7f\xff"])
def test_offsets_alone_are_no_membership(key_bytes: bytes | None) -> None:
    assert not is_membership(record(key_bytes, commit(3)), "service")
