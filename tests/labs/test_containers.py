"""Labs on Kafka in containers, by a real engine and an image that is built here; and nothing left, however the app ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import prove
from labs.broker.containers import engine
from labs.broker.containers.image import build
from labs.broker.containers.provider import ContainerProvider
from labs.broker.interface import ClusterSpec
from labs.broker.jvm import load_runtime
from labs.clusters import FreshClusters
from labs.dirs import Dirs
from tests.labs.podman import container_engine
from tests.labs.witness import eventually

pytestmark = [pytest.mark.broker, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[str]:
    """An engine that has our image."""
    folder = tmp_path_factory.mktemp("engine")
    with container_engine(folder) as address:
        client = engine.connect(address, engine.PULL_TIMEOUT)
        build(client, load_runtime(Dirs(folder, kafka_cache, folder)), print)
        yield address
        client.close()


@pytest.fixture
def provider(url: str, kafka_dirs: Dirs, monkeypatch: pytest.MonkeyPatch) -> ContainerProvider:
    monkeypatch.setenv("DOCKER_HOST", url)
    monkeypatch.setenv(engine.IMAGE_VARIABLE, engine.BUILT)
    return ContainerProvider(kafka_dirs)


def ours(url: str) -> list[str]:
    """Containers and networks that carry our label."""
    client = engine.connect(url)
    try:
        labelled = {"label": engine.RUN_LABEL}
        containers = client.containers.list(
            all=True, filters=labelled, sparse=True
        )  # one that goes just now is no fault
        return [one.id for one in (*containers, *client.networks.list(filters=labelled))]
    finally:
        client.close()


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_lab_proves_itself_in_containers(
    number: int, provider: ContainerProvider, kafka_dirs: Dirs, url: str
) -> None:
    proofs = prove.prove((number,), 1, FreshClusters(provider), kafka_dirs)
    assert [proof.wrong for proof in proofs] == [()]
    assert ours(url) == []
    assert not list((kafka_dirs.state / "runs").glob("*"))


APP = """
import json, sys
from labs.broker.containers.provider import ContainerProvider
from labs.broker.interface import ClusterSpec
from labs.dirs import dirs
cluster = ContainerProvider(dirs()).start(ClusterSpec())
print(json.dumps(cluster.bootstrap_servers), flush=True)
sys.stdin.read()
"""


def test_kill_9_of_the_app_leaves_no_container(
    provider: ContainerProvider, kafka_home: Path, kafka_dirs: Dirs, url: str
) -> None:
    command = [sys.executable, "-c", APP]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as app:
        assert app.stdout
        assert json.loads(app.stdout.readline()).startswith("127.0.0.1:")
        assert len(ours(url)) == 1
        app.kill()
    eventually(lambda: ours(url) == [], "no container is left")
    eventually(lambda: not list((kafka_dirs.state / "runs").glob("*")), "no data is left")


def test_a_node_that_somebody_removes_is_a_failure_that_is_explained(provider: ContainerProvider, url: str) -> None:
    cluster = provider.start(ClusterSpec())
    try:
        assert cluster.failure() is None
        client = engine.connect(url)
        client.containers.list(filters={"label": engine.RUN_LABEL})[0].kill()
        client.close()
        eventually(lambda: "ended with status 137" in (cluster.failure() or ""), "the end is noticed")
    finally:
        cluster.stop()
    assert ours(url) == []
