"""All labs on one cluster, one after the other in random order: nothing of one is left for the next.

The short version: arrange, verify, clean. `make isolation` runs the whole labs, twice.
"""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from labs import catalog, isolation
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import Cluster, ClusterSpec, OnProgress, ignore_progress
from labs.census import KINDS
from labs.client import Kafka
from labs.contract import Check, LabContext
from labs.dirs import Dirs
from labs.housekeeping import remove
from labs.values import Out
from labs.waits import StopFlag
from tests.unit.labs.worlds import PaperLab

pytestmark = pytest.mark.broker


def test_no_lab_leaves_anything_for_the_next(kafka_dirs: Dirs, kafka_provider: EmbeddedProvider) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    rng = random.Random(seed)
    stays = isolation.isolate(catalog.numbers(), kafka_provider, kafka_dirs, rng, times=1, play=isolation.brief)
    print(f"seed {seed}", *isolation.table(stays), sep="\n")  # noqa: T201
    assert sorted(stay.lab for stay in stays) == list(catalog.numbers())
    assert {stay.lab: isolation.faults(stay) for stay in stays if isolation.faults(stay)} == {}


class Leaking(PaperLab):
    """Leaves something in every place there is."""

    def __init__(self, cleanup: contextlib.ExitStack) -> None:
        super().__init__()
        self.cleanup = cleanup

    def arrange(self, ctx: LabContext) -> None:
        kafka, topic, group = ctx.kafka, "left-topic", "left-group"
        self.cleanup.callback(self._tidy, ctx.cluster)
        kafka.create_topic(topic)
        kafka.set_committed(group, topic, {0: 0})
        producer = kafka.producer(transactional_id="left-id")
        producer.begin()
        producer.send_all(topic, [Out(b"x")])
        self.cleanup.callback(producer.close)
        (Path(tempfile.gettempdir()) / "left-file").write_text("x")
        self.cleanup.enter_context(orphan())
        self.cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
        over = threading.Event()
        self.cleanup.callback(over.set)
        threading.Thread(target=over.wait, name="left-thread", daemon=True).start()

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        return [Check("c", "No", False, "yes", "no")]

    def clean(self, ctx: LabContext) -> None:
        """Nothing: that is its fault."""

    def _tidy(self, cluster: Cluster) -> None:
        with Kafka(cluster.bootstrap_servers, StopFlag(cluster.failure)) as kafka:
            remove(kafka, "left-", StopFlag(cluster.failure))


@contextlib.contextmanager
def orphan() -> Iterator[None]:
    """A process whose parent is gone: nobody's child any more."""
    code = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0, stdout=2).pid)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        process = psutil.Process(int(parent.stdout.readline()))
        parent.wait()
        try:
            yield
        finally:
            process.kill()


class Given:
    """Hands out the cluster of the session, which goes on."""

    name = "given"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        return GoesOn(self._cluster)


class GoesOn:
    """A cluster that is not stopped."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __getattr__(self, name: str) -> object:
        return getattr(self._cluster, name)

    def stop(self) -> None:
        """It goes on."""


def test_whatever_a_lab_leaves_is_found(cluster: Cluster, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SETTLE_SECONDS", 0.0)
    with contextlib.ExitStack() as cleanup:
        lab, rng = Leaking(cleanup), random.Random(1)
        (stay,) = isolation.isolate((1,), Given(cluster), kafka_dirs, rng, 1, isolation.brief, load=lambda _: lab)
    assert stay.wrong == ()
    assert set(stay.left) == set(KINDS)
    assert (stay.left["topics"], stay.left["groups"]) == (("left-topic",), ("left-group",))
    assert "left-thread" in stay.left["threads"]
    assert len(isolation.faults(stay)) == len(KINDS)
