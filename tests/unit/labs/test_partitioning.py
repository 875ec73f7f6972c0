"""Partitions of keys, against values of the Java client."""

import pytest

from labs.partitioning import java_hash, moved, murmur2, offsets_partition, partition_of

JAVA = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536, b"": 275646681}
"""From Kafka's own UtilsTest, signed."""


@pytest.mark.parametrize(("data", "signed"), JAVA.items())
def test_murmur2_is_javas(data: bytes, signed: int) -> None:
    assert murmur2(data) == signed & 0xFFFFFFFF


def test_murmur2_takes_every_length_of_tail() -> None:
    assert len({murmur2(b"x" * n) for n in range(9)}) == 9


def test_a_negative_hash_gives_a_partition() -> None:
    assert partition_of(b"21", 3) == (-973932308 & 0x7FFFFFFF) % 3


def test_doubling_moves_a_key_to_its_own_partition_plus_the_old_number_or_not_at_all() -> None:
    keys = [f"key-{i}".encode() for i in range(200)]
    changed = moved(keys, 3, 6)
    assert 60 < len(changed) < 140
    assert all(partition_of(key, 6) == partition_of(key, 3) + 3 for key in changed)
    assert all(partition_of(key, 6) == partition_of(key, 3) for key in set(keys) - set(changed))


def test_the_same_number_moves_nothing() -> None:
    assert moved([b"a", b"b"], 5, 5) == []


@pytest.mark.parametrize(
    ("text", "value"), [("", 0), ("hello", 99162322), ("payment-service", -2059569682), ("é", 233)]
)
def test_string_hash_is_javas(text: str, value: int) -> None:
    assert java_hash(text) == value


def test_partition_of_a_group_is_never_negative() -> None:
    assert offsets_partition("payment-service", 50) == 2059569682 % 50
    assert offsets_partition("polygenelubricants", 50) == 0  # hashes to the smallest int, whose abs is negative in Java
