"""Starts clusters of containers."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.broker.containers import engine
from labs.broker.containers.cluster import ContainerCluster, _engine_says
from labs.broker.containers.plan import places
from labs.broker.download import disk_fault
from labs.broker.interface import Cluster, ClusterSpec, OnProgress, Progress, ignore_progress
from labs.broker.ports import free_ports
from labs.broker.runs import new_run, sweep
from labs.broker.settings import NodePlan, Ports, cluster_uuid
from labs.dirs import Dirs
from labs.errors import BrokerStartFailed

if TYPE_CHECKING:
    import docker


class ContainerProvider:
    """Docker, or Podman by its Docker API. Safe to use from several threads and processes at once."""

    def __init__(self, dirs: Dirs, environ: Mapping[str, str] | None = None, rng: random.Random | None = None) -> None:
        self._dirs = dirs
        self._environ = dict(os.environ if environ is None else environ)
        self._rng = rng or random.Random()

    @property
    def name(self) -> str:
        """`docker`."""
        return "docker"

    @property
    def shared(self) -> bool:
        """Every lab gets a cluster of its own."""
        return False

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        """Start a cluster and return when every node answers. Raises BrokerError, EnvironmentFault."""
        if spec.nodes not in (1, 3) or spec.listener is not None:
            raise BrokerStartFailed(
                "Containers cannot be had like that", "They come as one node or three, without a second listener."
            )
        base_url = engine.address(self._environ)
        client = engine.connect(base_url, engine.PULL_TIMEOUT)
        try:
            sweep(self._dirs)
            engine.sweep(client)
            on_progress(Progress("start", "Looking for an image of Kafka"))
            image = engine.image(client, self._environ)
            return self._start(spec, base_url, client, image, on_progress)
        except OSError as error:
            raise disk_fault(error, self._dirs.state) from error
        finally:
            client.close()

    def _start(
        self, spec: ClusterSpec, base_url: str, client: docker.DockerClient, image: str, on_progress: OnProgress
    ) -> Cluster:
        run = new_run(self._dirs)
        try:
            network, subnet = _network(client, run.directory.name) if spec.nodes > 1 else ("", "")
            ports = free_ports(spec.nodes, self._rng)
            plans = [
                NodePlan(n, Ports(port, 0), run.directory / f"node-{n}" / "data", run.logs / f"node-{n}.log")
                for n, port in enumerate(ports, 1)
            ]
            cluster = ContainerCluster(run, plans, places(spec.nodes, subnet), spec, base_url, image)
        except BaseException:
            engine.remove(client, run.directory.name)
            run.remove()
            raise
        try:
            cluster.start(cluster_uuid(), network, on_progress)
        except BaseException:
            cluster.stop()
            raise
        return cluster


def _network(client: docker.DockerClient, run: str) -> tuple[str, str]:
    """A network for the nodes of a run: its name, and the addresses it has."""
    labels = {engine.RUN_LABEL: run, engine.OWNER_LABEL: engine.owner()}
    made: Any = _engine_says(lambda: client.networks.create(f"kafka-tutor-{run}", driver="bridge", labels=labels))
    made.reload()
    return str(made.name), str(made.attrs["IPAM"]["Config"][0]["Subnet"])
