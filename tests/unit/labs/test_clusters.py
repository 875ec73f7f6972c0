"""Progress worth telling; the view of a cluster that another process runs."""

import pytest

from labs.broker.interface import Progress
from labs.clusters import AttachedCluster, Told
from labs.errors import BrokerError
from labs.session_file import Owner, Session


def test_each_message_is_told_once_and_a_download_every_tenth() -> None:
    said: list[str] = []
    told = Told(said.append)
    for _ in range(5):
        told(Progress("start", "Starting Kafka"))
    for done in range(101):
        told(Progress("download", "Fetching Kafka", done * 440_000, 44_000_000))
    assert said[0] == "Starting Kafka"
    assert said[1] == "Fetching Kafka (0 of 44 MB)"
    assert said[-1] == "Fetching Kafka (44 of 44 MB)"
    assert len(said) == 12


def test_a_download_of_unknown_size_is_told_without_sizes() -> None:
    said: list[str] = []
    Told(said.append)(Progress("download", "Fetching Kafka", 5, 0))
    assert said == ["Fetching Kafka"]


def test_an_attached_cluster_lives_as_long_as_its_owner() -> None:
    alive = [True]
    session = Session(1, "kt-1-a", Owner(1, 1.0), "embedded", "host:1", (), "now", True)
    cluster = AttachedCluster(session, lambda: alive[0])
    assert cluster.failure() is None
    alive[0] = False
    assert cluster.failure()
    with pytest.raises(BrokerError):
        cluster.kill_node(1)
    with pytest.raises(BrokerError):
        cluster.start_node(1)
    cluster.stop()
