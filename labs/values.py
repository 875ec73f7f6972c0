"""What the Kafka client hands out: values only, no connection behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Out:
    """A record to be written."""

    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    """None: the partitioner decides."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the broker put a record."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None

    @property
    def text(self) -> str:
        """The value as text; empty for a tombstone."""
        return (self.value or b"").decode(errors="replace")

    @property
    def key_text(self) -> str:
        """The key as text; empty where there is none."""
        return (self.key or b"").decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition and who holds it."""

    id: int
    leader: int
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a consumer group."""

    id: str
    client_id: str
    host: str
    partitions: tuple[tuple[str, int], ...]
    """(topic, partition), sorted."""


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group as its coordinator sees it."""

    name: str
    state: str
    """`Stable`, `Empty`, `PreparingRebalance` …; `Dead` where there is no such group."""
    protocol: str
    """`classic`, `consumer` (KIP-848) or `share`."""
    members: tuple[Member, ...] = ()
    """Empty for the newer protocols: the client cannot describe those."""

    @property
    def exists(self) -> bool:
        """Whether the coordinator knows it."""
        return self.state != "Dead"

    @property
    def active(self) -> bool:
        """Whether it has members."""
        return self.state not in ("Dead", "Empty")


class Rebalances(Protocol):
    """Told about every rebalance of a consumer, on the consumer's own thread."""

    def assigned(self, partitions: Sequence[tuple[str, int]]) -> None:
        """Partitions came."""

    def revoked(self, partitions: Sequence[tuple[str, int]]) -> None:
        """Partitions are to be given up; a commit is still possible."""

    def lost(self, partitions: Sequence[tuple[str, int]]) -> None:
        """Partitions are gone; a commit will fail."""


Offsets = Mapping[int, int]
"""Partition → offset."""


def lag(committed: Mapping[int, int | None], end: Offsets, start: Offsets) -> dict[int, int]:
    """Records not yet committed as read, per partition; without a commit all that is there counts."""
    return {p: end[p] - (start[p] if (at := committed.get(p)) is None else at) for p in sorted(end)}


def joined(offsets: Mapping[int, int | None]) -> str:
    """`100/100/98`, in the order of the partitions, `-` where there is none."""
    return "/".join("-" if offsets[p] is None else str(offsets[p]) for p in sorted(offsets))
