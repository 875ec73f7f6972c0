"""One warm broker for the app: started once, shared, replaced when it died, stopped at the end. No Kafka here."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from labs.broker.interface import Cluster, ClusterSpec, OnProgress, Progress, ignore_progress
from labs.errors import BrokerStartFailed, LabStopped
from tests.unit.labs.worlds import PaperCluster
from tutor.labs_bridge import WarmClusters

PATIENCE = 20.0


class Provider:
    """Starts paper clusters, when it may."""

    name = "paper"
    shared = False

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.may_go.set()
        self.begun = threading.Event()
        self.specs: list[ClusterSpec] = []
        self.clusters: list[PaperCluster] = []
        self.fault: Exception | None = None

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        self.specs.append(spec)
        on_progress(Progress("download", "Fetching Kafka", 11_000_000, 44_000_000))
        self.begun.set()
        while not self.may_go.wait(0.01):
            on_progress(Progress("start", "Starting Kafka"))
        if self.fault:
            raise self.fault
        self.clusters.append(PaperCluster())
        return self.clusters[-1]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def warm(provider: Provider) -> Iterator[WarmClusters]:
    warm = WarmClusters(provider)
    yield warm
    provider.may_go.set()
    warm.close()


def nothing(_: Progress) -> None:
    """No progress wanted."""


def test_it_is_cold_until_it_is_warmed(warm: WarmClusters, provider: Provider) -> None:
    assert warm.state() == "cold"
    provider.may_go.clear()
    warm.warm_up()
    assert provider.begun.wait(PATIENCE)
    assert warm.state().startswith("starting: ")
    provider.may_go.set()
    warm.lease(ClusterSpec(), nothing)
    assert warm.state() == "ready"


def test_one_broker_for_all_labs_with_the_defaults(warm: WarmClusters, provider: Provider) -> None:
    warm.warm_up()
    leases = [warm.lease(ClusterSpec(), nothing) for _ in range(3)]
    warm.warm_up()
    assert len(provider.specs) == 1
    assert all(lease.shared and lease.cluster is leases[0].cluster for lease in leases)
    warm.release(leases[0])
    assert not provider.clusters[0].stopped


def test_any_other_lab_gets_its_own(warm: WarmClusters, provider: Provider) -> None:
    lease = warm.lease(ClusterSpec(nodes=3), nothing)
    assert not lease.shared
    assert warm.state() == "cold"
    warm.release(lease)
    assert provider.clusters[0].stopped


def test_a_dead_broker_is_replaced_and_what_is_left_of_it_removed(warm: WarmClusters, provider: Provider) -> None:
    warm.lease(ClusterSpec(), nothing)
    provider.clusters[0].reason = "It was killed."
    assert warm.state().startswith("failed")
    second = warm.lease(ClusterSpec(), nothing)
    assert provider.clusters[0].stopped
    assert second.cluster is provider.clusters[1]
    assert warm.state() == "ready"


def test_a_start_that_failed_is_tried_again(warm: WarmClusters, provider: Provider) -> None:
    provider.fault = BrokerStartFailed("Kafka did not start", "No memory.", "Close something.")
    with pytest.raises(BrokerStartFailed):
        warm.lease(ClusterSpec(), nothing)
    assert warm.state() == "failed: Kafka did not start"
    provider.fault = None
    assert warm.lease(ClusterSpec(), nothing).cluster.failure() is None


def test_whoever_waits_hears_of_the_progress_and_may_leave(warm: WarmClusters, provider: Provider) -> None:
    provider.may_go.clear()
    heard: list[Progress] = []

    def listen(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == 3:
            raise LabStopped("enough")

    with pytest.raises(LabStopped):
        warm.lease(ClusterSpec(), listen)
    assert heard
    provider.may_go.set()
    assert warm.lease(ClusterSpec(), nothing).shared
    assert len(provider.specs) == 1


def test_closing_ends_a_start_in_progress(warm: WarmClusters, provider: Provider) -> None:
    provider.may_go.clear()
    warm.warm_up()
    assert provider.begun.wait(PATIENCE)
    warm.close()
    assert provider.clusters == []
    warm.close()


def test_closing_stops_the_broker(warm: WarmClusters, provider: Provider) -> None:
    warm.lease(ClusterSpec(), nothing)
    warm.close()
    assert provider.clusters[0].stopped


def test_training_begins_after_the_first_broker_is_up(provider: Provider) -> None:
    told = threading.Event()
    warm = WarmClusters(provider, told.set)
    warm.lease(ClusterSpec(), nothing)
    assert told.wait(PATIENCE)
    warm.close()
