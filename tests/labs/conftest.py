"""A broker for the tests that only need one, whatever its state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import Cluster, ClusterSpec
from labs.dirs import Dirs


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[Cluster]:
    """One node, shared by all tests of the session: use names of your own."""
    home = tmp_path_factory.mktemp("cluster")
    provider = EmbeddedProvider(Dirs(home / "data", kafka_cache, home / "state"))
    cluster = provider.start(ClusterSpec())
    yield cluster
    cluster.stop()
