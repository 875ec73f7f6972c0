"""Apache Kafka as child processes of this machine: one node or three, with nothing installed."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from labs.broker.aot import AotStore
from labs.broker.cluster import EmbeddedCluster, PortTaken
from labs.broker.download import disk_fault
from labs.broker.interface import Cluster, ClusterSpec, OnProgress, Progress, ignore_progress
from labs.broker.jars import Jars
from labs.broker.java import find_java
from labs.broker.jvm import Runtime, load_runtime
from labs.broker.ports import free_ports
from labs.broker.runs import new_run, sweep
from labs.broker.settings import NodePlan, Ports, cluster_uuid
from labs.broker.template import Template
from labs.broker.training import BackgroundTraining, train
from labs.dirs import Dirs
from labs.errors import BrokerStartFailed

PORT_ATTEMPTS = 3
"""Starts with other ports, should somebody take one between our look and the broker's bind."""

TRAINED = ClusterSpec()
"""What the cache is made for: one node with the lab defaults. Three nodes profit as much."""


class EmbeddedProvider:
    """Starts embedded clusters. Safe to use from several threads and several processes at once."""

    def __init__(self, dirs: Dirs, environ: Mapping[str, str] | None = None, rng: random.Random | None = None) -> None:
        self._dirs = dirs
        self._environ = dict(os.environ if environ is None else environ)
        self._rng = rng or random.Random()

    @property
    def name(self) -> str:
        """`embedded`."""
        return "embedded"

    @property
    def shared(self) -> bool:
        """Each cluster is started for somebody, and ends with it."""
        return False

    def prepare(self, on_progress: OnProgress = ignore_progress) -> Runtime:
        """Do what is needed once: find Java, fetch and verify the jars, format the template, clear up after a crash.

        Raises JavaUnavailable, JarsUnavailable, JarMismatch, EnvironmentFault, BrokerStartFailed.
        """
        runtime = load_runtime(self._dirs, self._environ, on_progress)
        self._template.ensure(runtime, on_progress)
        sweep(self._dirs)
        return runtime

    @property
    def _template(self) -> Template:
        return Template(self._dirs, Jars(self._dirs, self._environ).lock.digest)

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        """Start a cluster and return when every node answers. An exception raised by `on_progress` ends the start.

        Raises BrokerError, EnvironmentFault.
        """
        if spec.nodes not in (1, 3):
            raise BrokerStartFailed(
                f"An embedded cluster has 1 or 3 nodes, not {spec.nodes}",
                "A majority of an even number of controllers survives no more failures than the odd number below.",
                "Ask for 1 or 3.",
            )
        runtime = self.prepare(on_progress)
        store = AotStore(self._dirs)
        quick = replace(runtime, aot=store.find(runtime))
        try:
            return self.start_with(spec, quick, on_progress)
        except BrokerStartFailed:
            if quick.aot is None:
                raise
        cluster = self.start_with(spec, runtime, on_progress)
        store.discard(runtime)  # it starts without the cache and not with it
        return cluster

    def train(self, on_progress: OnProgress = ignore_progress) -> bool:
        """Make the AOT cache now, where it is missing; returns False where this Java cannot have one.

        Takes half a minute. Raises BrokerError, EnvironmentFault.
        """
        runtime = self.prepare(on_progress)
        return train(self._dirs, runtime, lambda recording: self.start_with(TRAINED, recording), on_progress)

    def train_in_background(self) -> BackgroundTraining | None:
        """Begin to make the AOT cache at the lowest priority; None where there is nothing to do.

        It ends with this process. Needs what `prepare` fetches. Call `stop` on what it returns before the program ends.
        """
        java = find_java(self._environ)
        jars = Jars(self._dirs, self._environ)
        runtime = Runtime(java, tuple(jars.paths()))
        if not java.can_cache or jars.missing() or AotStore(self._dirs).find(runtime):
            return None
        return BackgroundTraining(self._dirs, self._environ)

    def start_with(
        self, spec: ClusterSpec, runtime: Runtime, on_progress: OnProgress = ignore_progress
    ) -> EmbeddedCluster:
        """Start with that very runtime (`start` chooses it), on other ports should somebody take one meanwhile."""
        for _ in range(PORT_ATTEMPTS - 1):
            try:
                return self._start_once(spec, runtime, on_progress)
            except PortTaken:
                on_progress(Progress("start", "Somebody took the port: trying others"))
        return self._start_once(spec, runtime, on_progress)

    def _start_once(self, spec: ClusterSpec, runtime: Runtime, on_progress: OnProgress) -> EmbeddedCluster:
        try:
            return self._start_here(spec, runtime, on_progress)
        except OSError as error:
            raise disk_fault(error, self._dirs.state) from error

    def _start_here(self, spec: ClusterSpec, runtime: Runtime, on_progress: OnProgress) -> EmbeddedCluster:
        each = 2 if spec.listener is None else 3
        ports = free_ports(each * spec.nodes, self._rng)
        run = new_run(self._dirs)
        cluster_id = cluster_uuid()
        plans = [
            _plan(run.directory, run.logs, index, Ports(*ports[each * index : each * (index + 1)]))
            for index in range(spec.nodes)
        ]
        try:
            for plan in plans:
                self._template.copy_to(plan.data_dir, cluster_id, plan.id)
            cluster = EmbeddedCluster(run, plans, spec, runtime)
        except BaseException:
            run.remove()
            raise
        try:
            cluster.start(on_progress)
        except BaseException:
            cluster.stop()
            raise
        return cluster


def _plan(directory: Path, logs: Path, index: int, ports: Ports) -> NodePlan:
    number = index + 1
    return NodePlan(number, ports, directory / f"node-{number}", logs / f"node-{number}.log")
