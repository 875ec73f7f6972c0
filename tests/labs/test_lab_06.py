"""Lab 6 on a real broker: a limit that holds and loses nothing recent is right, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs.broker.interface import Cluster
from labs.dirs import Dirs
from tests.labs.lab_world import Bench, bench, whole_lab
from tests.labs.witness import eventually

pytestmark = pytest.mark.broker

CONFIGURE = "kafka-configs --alter --entity-type topics --entity-name $TOPIC --add-config"


@pytest.fixture
def lab(cluster: Cluster, kafka_dirs: Dirs) -> Iterator[Bench]:
    with bench(6, cluster, kafka_dirs) as lab:
        lab.run.reset()
        yield lab


def settles(lab: Bench, *failing: str) -> None:
    """Retention needs its seconds; then exactly these checks fail."""
    eventually(lambda: sorted(lab.failing()) == sorted(failing), f"{failing} fail, and only they")


@pytest.mark.long
def test_the_whole_lab(cluster: Cluster, kafka_dirs: Dirs) -> None:
    whole_lab(6, cluster, kafka_dirs)


def test_untouched_nothing_is_lost_and_nothing_limited(lab: Bench) -> None:
    assert sorted(lab.failing()) == ["bounded", "under-limit"]


@pytest.mark.long
def test_closing_segments_by_time_is_right_too(lab: Bench) -> None:
    lab.type(f"{CONFIGURE} segment.ms=2000,retention.ms=6000")
    settles(lab)


@pytest.mark.long
def test_a_limit_while_everything_is_in_the_open_segment_does_nothing(lab: Bench) -> None:
    lab.type(f"{CONFIGURE} retention.ms=6000")
    failing = lab.failing()
    assert sorted(failing) == ["bounded", "under-limit"]
    assert "still open" in failing["under-limit"].hints[1]
    lab.type(f"{CONFIGURE} retention.ms=-1,retention.bytes=1048576")
    assert "MiB" in lab.failing()["bounded"].found


def test_a_limit_in_bytes_counts_for_each_partition(lab: Bench) -> None:
    lab.type(f"{CONFIGURE} segment.bytes=1048576,retention.bytes=4194304")
    found = lab.failing()["bounded"]
    assert found.found.startswith("10.0 MiB at most")
    assert "2 partitions" in found.hints[1]


@pytest.mark.long
def test_too_tight_a_limit_loses_what_is_recent(lab: Bench) -> None:
    lab.type(f"{CONFIGURE} segment.ms=300,retention.ms=500")
    settles(lab, "recent-kept")
    lab.type(f"{CONFIGURE} segment.ms=2000,retention.ms=6000")
    settles(lab)


def test_a_topic_made_anew_is_no_fix(lab: Bench) -> None:
    lab.type("kafka-topics --delete --topic $TOPIC")
    eventually(lambda: not lab.kafka.topics(lab.name("audit")), "the topic is gone")
    assert list(lab.failing()) == ["still-there"]
    settings = "--config segment.bytes=1048576 --config retention.ms=6000"
    lab.type(f"kafka-topics --create --topic $TOPIC --partitions 2 {settings}")
    settles(lab, "recent-kept")
    assert "made anew" in lab.failing()["recent-kept"].found
