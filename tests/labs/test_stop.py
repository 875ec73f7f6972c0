"""A stop in the middle of a call: what that call still makes is removed too."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from labs.broker.interface import Cluster
from labs.client import Kafka
from labs.clusters import OneCluster
from labs.contract import LabContext, Observation
from labs.dirs import Dirs
from labs.errors import LabStopped
from labs.housekeeping import leftovers
from labs.runner import LabRunner
from labs.waits import StopFlag
from tests.unit.labs.worlds import PaperLab

pytestmark = pytest.mark.broker
SLOW = 0.5
"""Seconds that the broker of this test takes to make a topic: longer than it takes to look for one."""


class Creating(PaperLab):
    """It is still making a topic when it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        def create(admin: Any) -> None:
            self.begun.set()
            threading.Event().wait(SLOW)
            admin.create_topics({ctx.name("late"): {"num_partitions": 1, "replication_factor": 1, "configs": {}}})

        ctx.kafka.use("create a topic", create)
        return []

    def clean(self, ctx: LabContext) -> None:
        """Nothing of its own."""


def test_a_topic_that_is_being_made_at_a_stop_goes_too(cluster: Cluster, kafka_dirs: Dirs) -> None:
    lab = Creating()

    def stop_in_the_middle() -> None:
        assert lab.begun.wait(30)
        run.stop()

    with LabRunner(lab, OneCluster(cluster), kafka_dirs, lambda _: None) as run:
        stopping = threading.Thread(target=stop_in_the_middle)
        stopping.start()
        with pytest.raises(LabStopped):
            run.observe()
        prefix = run.prefix
        stopping.join()
    with Kafka(cluster.bootstrap_servers, StopFlag(cluster.failure)) as kafka:
        assert not leftovers(kafka, prefix)
