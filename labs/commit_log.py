"""The history of a group's commits, read from `__consumer_offsets`: every commit is a record there.

Committed offsets alone cannot tell "never moved" from "moved back, and read to the end again"; their history can.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from labs.broker.capabilities import OFFSETS_TOPIC
from labs.client import Kafka
from labs.errors import KafkaRefused
from labs.partitioning import offsets_partition
from labs.values import Record

_OFFSET_KEYS = (0, 1)
"""Versions of keys that belong to offset commits; others are group metadata."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a group for one partition."""

    topic: str
    partition: int
    offset: int | None
    """None: the commit was deleted."""
    timestamp_ms: int
    """When the broker wrote it down."""


def mark(kafka: Kafka, group: str) -> int:
    """Where the history of a group ends now; -1 where it cannot be read."""
    try:
        partition = offsets_partition(group, len(kafka.partitions(OFFSETS_TOPIC)) or 1)
        return kafka.log_end(OFFSETS_TOPIC)[partition]
    except KafkaRefused:
        return -1


def history(kafka: Kafka, group: str, since: int) -> list[Commit]:
    """The commits of a group after a mark, in order; empty where they cannot be read."""
    return parse(_since(kafka, group, since), group)


def had_members(kafka: Kafka, group: str, since: int) -> bool:
    """Whether anybody has been a member of a group after a mark: offsets that a tool sets need none. True without a mark."""
    return since < 0 or any(is_membership(record, group) for record in _since(kafka, group, since))


def _since(kafka: Kafka, group: str, since: int) -> list[Record]:
    """What was written down about a group, among others, after a mark; empty where it cannot be read."""
    if since < 0:
        return []
    try:
        partition = offsets_partition(group, len(kafka.partitions(OFFSETS_TOPIC)) or 1)
        end = kafka.log_end(OFFSETS_TOPIC)[partition]
        return kafka.read_all(OFFSETS_TOPIC, {partition: since}, {partition: end}) if end > since else []
    except KafkaRefused:
        return []


def is_membership(record: Record, group: str) -> bool:
    """Whether a record of `__consumer_offsets` tells of a group's members, in the old protocol or the new one."""
    data = record.key or b""
    try:
        (version,) = struct.unpack_from(">h", data)
        return version > max(_OFFSET_KEYS) and record.value is not None and _text(data, 2)[0] == group
    except (struct.error, UnicodeDecodeError):
        return False


def parse(records: Iterable[Record], group: str) -> list[Commit]:
    """The commits of one group among the records of `__consumer_offsets`."""
    return [commit for name, commit in parse_all(records) if name == group]


def parse_all(records: Iterable[Record], prefix: str = "") -> list[tuple[str, Commit]]:
    """The commits of all groups whose names start with the prefix, each with its group, in order."""
    found = ((record, _key(record.key or b"")) for record in records)
    return [
        (key[0], Commit(key[1], key[2], _offset(record.value), record.timestamp_ms))
        for record, key in found
        if key is not None and key[0].startswith(prefix)
    ]


def _key(data: bytes) -> tuple[str, str, int] | None:
    """(group, topic, partition), or None for a key of another kind."""
    try:
        (version,) = struct.unpack_from(">h", data)
        if version not in _OFFSET_KEYS:
            return None
        group, at = _text(data, 2)
        topic, at = _text(data, at)
        (partition,) = struct.unpack_from(">i", data, at)
    except (struct.error, UnicodeDecodeError):
        return None
    return group, topic, partition


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">h", data, at)
    end = at + 2 + length
    return data[at + 2 : end].decode(), end


def _offset(value: bytes | None) -> int | None:
    """All versions of the value begin with the version and the offset."""
    if value is None or len(value) < 10:
        return None
    offset: int = struct.unpack_from(">hq", value)[1]
    return offset
