"""What each lab needs of a cluster that was not started for it, beyond the rights that all need."""

from __future__ import annotations

from collections.abc import Mapping

from labs.broker.capabilities import NAMES, OFFSETS_TOPIC, AtMost, Needs, Right

_JOINS = AtMost(
    "group.initial.rebalance.delay.ms",
    3000,  # the default: three times as slow, and all of them still proven
    "it starts groups dozens of times, and each time an empty group waits that long for more members",
)
_EXPIRY = AtMost(
    "log.retention.check.interval.ms",
    10_000,
    "expired segments are looked for so seldom that it would wait for minutes",
)
_COMPACTION = AtMost("log.cleaner.backoff.ms", 20_000, "it waits for a compaction")
_SESSION = AtMost("group.min.session.timeout.ms", 5000, "its members have session.timeout.ms=5000")
_SIZES = Right("Describe", "cluster")
_PARTITIONS = Right("Alter", "topic", NAMES)

NEEDS: Mapping[int, Needs] = {
    2: Needs(settings=(_JOINS,)),
    3: Needs(settings=(_JOINS,), rights=(_PARTITIONS,)),
    4: Needs(settings=(_SESSION, _JOINS), rights=(Right("Read", "topic", OFFSETS_TOPIC), _SIZES), plain=True),
    5: Needs(rights=(_PARTITIONS,)),
    6: Needs(
        settings=(_EXPIRY, _COMPACTION),
        rights=(_SIZES, Right("DescribeConfigs", "topic", NAMES), Right("AlterConfigs", "topic", NAMES)),
    ),
    7: Needs(brokers=3, kills=True),
    8: Needs(rights=(_SIZES,)),
    9: Needs(settings=(_JOINS,), rights=(Right("Write", "transactional-id", NAMES),)),
}
"""By lab."""
