"""How Kafka's clients choose the partition of a keyed record: murmur2, as in Java's `org.apache.kafka.common.utils`."""

from __future__ import annotations

from collections.abc import Iterable

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit hash, unsigned."""
    h = _SEED ^ len(data)
    whole = len(data) - len(data) % 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = h * _M & _MASK ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: the hash without its sign bit, modulo the number of partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def moved(keys: Iterable[bytes], before: int, after: int) -> list[bytes]:
    """The keys that another number of partitions sends elsewhere."""
    return [key for key in keys if partition_of(key, before) != partition_of(key, after)]


def java_hash(text: str) -> int:
    """Java's `String.hashCode`, signed."""
    h = 0
    raw = text.encode("utf-16-be")
    for i in range(0, len(raw), 2):
        h = (31 * h + int.from_bytes(raw[i : i + 2], "big")) & _MASK
    return h - (1 << 32) if h & 0x80000000 else h


def offsets_partition(group: str, partitions: int) -> int:
    """The partition of `__consumer_offsets` that holds a group's commits."""
    h = java_hash(group)
    return (0 if h == -(1 << 31) else abs(h)) % partitions
