"""How large a partition can get."""

import math

import pytest

from labs.retention import MIB, Limits, bound, limits_of, mib

RATE = 16 * 1024.0
WEEK = 604_800_000


def limits(
    ms: int = -1, size: int = -1, segment_ms: int = WEEK, segment: int = 64 * MIB, deletes: bool = True
) -> Limits:
    return Limits(ms, size, segment_ms, segment, deletes)


def test_without_a_limit_there_is_no_bound() -> None:
    assert math.isinf(bound(limits(), RATE))


def test_a_topic_that_only_compacts_has_no_bound() -> None:
    assert math.isinf(bound(limits(1000, 1000, deletes=False), RATE))


def test_a_limit_in_bytes_is_the_limit_and_the_open_segment() -> None:
    assert bound(limits(size=MIB, segment=MIB), RATE) == 2 * MIB
    assert bound(limits(size=MIB), RATE) == 65 * MIB


@pytest.mark.parametrize(
    ("segment_ms", "segment", "seconds"), [(WEEK, MIB, 64), (5000, 64 * MIB, 5)], ids=["by size", "by time"]
)
def test_a_limit_in_time_waits_for_the_segment_to_close(segment_ms: int, segment: int, seconds: float) -> None:
    assert bound(limits(10_000, segment_ms=segment_ms, segment=segment), RATE) == RATE * (10 + seconds + 5)


def test_the_tighter_limit_counts() -> None:
    assert bound(limits(10_000, MIB, segment=MIB), RATE) == RATE * (10 + 64 + 5)


def test_limits_are_read_from_the_settings() -> None:
    config = {
        "retention.ms": "-1",
        "retention.bytes": "5",
        "segment.ms": "7",
        "segment.bytes": "9",
        "cleanup.policy": "compact,delete",
    }
    assert limits_of(config) == Limits(-1, 5, 7, 9, True)
    assert not limits_of({**config, "cleanup.policy": "compact"}).deletes


def test_sizes_for_people() -> None:
    assert mib(3 * MIB // 2) == "1.5 MiB"
    assert mib(math.inf) == "no limit"
