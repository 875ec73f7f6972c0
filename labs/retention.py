"""How large a topic can get with given settings, and what a log looks like at one moment. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MIB = 1024 * 1024
CHECK_SECONDS = 5.0
"""Allowance for the retention check and the delay of the files' removal."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that decide how much of a partition stays."""

    retention_ms: int
    """-1: no limit."""
    retention_bytes: int
    """Of one partition; -1: no limit."""
    segment_ms: int
    segment_bytes: int
    deletes: bool
    """Whether cleanup.policy contains delete."""


def limits_of(config: Mapping[str, str]) -> Limits:
    """The limits in a topic's settings."""
    return Limits(
        int(config["retention.ms"]),
        int(config["retention.bytes"]),
        int(config["segment.ms"]),
        int(config["segment.bytes"]),
        "delete" in config["cleanup.policy"],
    )


def bound(limits: Limits, rate: float) -> float:
    """The most bytes that one partition can come to hold, written at `rate` bytes a second; inf: no bound.

    Only closed segments go, so what is being written counts until it is rolled.
    """
    if not limits.deletes:
        return math.inf
    by_size = math.inf if limits.retention_bytes < 0 else limits.retention_bytes + limits.segment_bytes
    roll_seconds = min(limits.segment_ms / 1000, limits.segment_bytes / rate)
    by_time = (
        math.inf if limits.retention_ms < 0 else rate * (limits.retention_ms / 1000 + roll_seconds + CHECK_SECONDS)
    )
    return min(by_size, by_time)


def mib(size: float) -> str:
    """A size for people."""
    return "no limit" if math.isinf(size) else f"{size / MIB:.1f} MiB"
