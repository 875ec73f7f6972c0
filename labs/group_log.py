"""The history of a group as its coordinator writes it down: every rebalance that completes is a record of `__consumer_offsets`.

Asking for a group's state shows it as it is now. Its log has every generation with its members, what each of them holds,
and the time-outs that each has asked for, and it costs no request while nothing happens.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labs.values import Record

CLASSIC_KEY = 2
"""Version of the key of a classic group's metadata …"""
CONSUMER_KEY = 3
"""… and of one that speaks the newer protocol (KIP-848)."""
NEWEST = 3
"""Version of the value up to which its fields lie as they are read here."""


@dataclass(frozen=True, slots=True)
class LoggedMember:
    """A member as its group's log has it."""

    id: str
    instance: str
    """Its group.instance.id; empty for a dynamic member."""
    rebalance_ms: int
    """How long the group waits for it in a rebalance: its max.poll.interval.ms."""
    session_ms: int
    partitions: tuple[tuple[str, int], ...]
    """(topic, partition), sorted."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One record: the outcome of a rebalance, or of a member that came back without one."""

    group: str
    number: int
    """Of the generation; for the newer protocol the group's epoch."""
    members: tuple[LoggedMember, ...]
    """Empty for a group without members, and always for the newer protocol, which has a record for each member."""
    timestamp_ms: int

    @property
    def held(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """What each member holds, by its id."""
        return {member.id: member.partitions for member in self.members}


def parse(records: Iterable[Record], prefix: str = "") -> list[Generation]:
    """The generations of the groups whose names start with the prefix, in order."""
    found = []
    for record in records:
        key = _key(record.key or b"")
        if key is not None and key[1].startswith(prefix) and record.value:
            generation = _generation(key, record.value, record.timestamp_ms)
            found += [generation] if generation else []
    return found


def rebalances(history: Sequence[Generation], since: int = 1) -> int:
    """How many rebalances a group's history shows from that place on.

    One that another overtakes leaves no record, only a gap in the numbers; a group that is empty and has committed nothing
    may be forgotten, and then begins anew at 1.
    """
    pairs = [(history[at - 1].number, history[at].number) for at in range(max(since, 1), len(history))]
    return sum(new - old if new >= old else 1 for old, new in pairs)


def comings_and_goings(history: Sequence[Generation], since: int = 1) -> int:
    """How many members came or went, as far as that was worth a rebalance, in a group's history from that place on.

    A static member that comes back gets a new id in the generation that there is, and counts for nothing.
    """
    pairs = [(history[at - 1], history[at]) for at in range(max(since, 1), len(history))]
    return sum(len(old.held.keys() ^ new.held.keys()) for old, new in pairs if old.number != new.number)


def _key(data: bytes) -> tuple[int, str] | None:
    """(version, group), or None for a key of another kind."""
    try:
        (version,) = struct.unpack_from(">h", data)
        return (version, _Reader(data, 2).text()) if version in (CLASSIC_KEY, CONSUMER_KEY) else None
    except (struct.error, UnicodeDecodeError):
        return None


def _generation(key: tuple[int, str], value: bytes, timestamp_ms: int) -> Generation | None:
    try:
        number, members = _classic(value) if key[0] == CLASSIC_KEY else (_Reader(value, 2).int32(), ())
    except (struct.error, UnicodeDecodeError):
        return None
    return Generation(key[1], number, members, timestamp_ms)


def _classic(value: bytes) -> tuple[int, tuple[LoggedMember, ...]]:
    reader = _Reader(value)
    if not 1 <= (version := reader.int16()) <= NEWEST:
        raise struct.error(f"version {version}")
    reader.text()  # the type of the protocol
    number = reader.int32()
    reader.text()  # the assignor
    reader.text()  # the leader
    if version >= 2:
        reader.int64()  # since when it is in this state
    return number, tuple(_member(reader, version) for _ in range(reader.int32()))


def _member(reader: _Reader, version: int) -> LoggedMember:
    name = reader.text()
    instance = reader.text() if version >= 3 else ""
    reader.text()  # client id
    reader.text()  # host
    rebalance_ms, session_ms = reader.int32(), reader.int32()
    reader.data()  # its subscription
    return LoggedMember(name, instance, rebalance_ms, session_ms, _assignment(reader.data()))


def _assignment(data: bytes) -> tuple[tuple[str, int], ...]:
    """All versions of an assignment begin with the version and the partitions by topic."""
    if not data:
        return ()
    reader = _Reader(data, 2)
    held = []
    for _ in range(reader.int32()):
        topic = reader.text()
        held += [(topic, reader.int32()) for _ in range(reader.int32())]
    return tuple(sorted(held))


class _Reader:
    """Reads the fields of a record one after the other. Raises struct.error, UnicodeDecodeError."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def int16(self) -> int:
        return self._int(">h", 2)

    def int32(self) -> int:
        return self._int(">i", 4)

    def int64(self) -> int:
        return self._int(">q", 8)

    def _int(self, form: str, size: int) -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += size
        return int(value)

    def text(self) -> str:
        """A string; empty where there is none."""
        return self._take(self.int16()).decode()

    def data(self) -> bytes:
        """Bytes; empty where there are none."""
        return self._take(self.int32())

    def _take(self, length: int) -> bytes:
        length = max(length, 0)
        found = self._data[self._at : self._at + length]
        if len(found) < length:
            raise struct.error("too short")
        self._at += length
        return found
