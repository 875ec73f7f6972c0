"""A running cluster of containers."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labs.broker.access import OPEN, Access
from labs.broker.capabilities import EVERYTHING, Capabilities
from labs.broker.containers import engine
from labs.broker.containers.plan import CLIENT, MOUNT, START, Place, environment, folder_of, properties
from labs.broker.interface import ClusterSpec, Node, OnProgress, Progress, ignore_progress
from labs.broker.processes import name_of, own_name
from labs.broker.ready import STARTED, LogTail, answers, last_errors
from labs.broker.runs import Record, Run
from labs.broker.settings import BROKER_LOGGING, HOST, NodePlan, properties_text
from labs.errors import BrokerDied, BrokerError, BrokerStartFailed

START_TIMEOUT = 180.0
"""Seconds; a container takes some more than a process."""
POLL = 0.05
LOOK_EVERY = 1.0
"""Seconds for which what the engine said of a node is believed."""
STOP_TIMEOUT = 30.0
FREEZE_TIMEOUT = 15.0
OPEN_FILES = 4_096
"""Enough for the topics of a lab; engines refuse to give more than they have themselves."""
PROCESSES = 30_000
"""Counted over all processes of the user, those outside included."""


class ContainerCluster:
    """One or three nodes. Methods may be called from any thread."""

    def __init__(
        self, run: Run, plans: Sequence[NodePlan], where: Sequence[Place], spec: ClusterSpec, base_url: str, image: str
    ) -> None:
        self._run = run
        self._plans = {plan.id: plan for plan in plans}
        self._where = where
        self._spec = spec
        self._base_url = base_url
        self._image = image
        self._name = run.directory.name
        self._client = engine.connect(base_url)
        self._containers: dict[int, Any] = {}
        self._killed: set[int] = set()
        self._guarded = threading.Lock()
        self._looked: tuple[float, str | None] = (0.0, None)
        self._stopped = False
        self._guard = _start_guard(base_url, run)
        run.write(Record(app=own_name(), supervisor=name_of(self._guard.pid)))

    # --- values ------------------------------------------------------------------------------------------------------

    @property
    def provider(self) -> str:
        """`docker`."""
        return "docker"

    @property
    def bootstrap_servers(self) -> str:
        """`host:port[,host:port…]`."""
        return ",".join(f"{HOST}:{plan.ports.client}" for plan in self._plans.values())

    @property
    def access(self) -> Access:
        """Nothing is needed."""
        return OPEN

    @property
    def capabilities(self) -> Capabilities:
        """Everything: it was started for labs."""
        return EVERYTHING

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, killed ones included. Their processes are the engine's."""
        with self._guarded:
            killed = set(self._killed)
        return tuple(
            Node(plan.id, HOST, plan.ports.client, None, plan.data_dir, plan.log_file, alive=plan.id not in killed)
            for plan in self._plans.values()
        )

    def failure(self) -> str | None:
        """Why the cluster is no longer usable; None while all is well. A node killed on purpose is no failure."""
        if self._stopped:
            return "The broker was stopped."
        if self._guard.poll() is not None:
            return "The broker was stopped because the process that watches over it was killed."
        looked, found = self._looked
        if time.monotonic() - looked > LOOK_EVERY:
            found = self._look()
            self._looked = time.monotonic(), found
        return found

    def _look(self) -> str | None:
        for number, container in list(self._containers.items()):
            state = self._state(container)
            with self._guarded:
                expected = number in self._killed
            if state.get("Running") or state.get("Paused") or expected:
                continue
            return f"Node {number} of Kafka {_ended(state)}.{self._said(number)}"
        return None

    def _said(self, number: int) -> str:
        plan = self._plans[number]
        errors = last_errors(plan.log_file)
        return f"{f' The last it said: {errors[-1][:300]}' if errors else ''} Its log: {plan.log_file}"

    # --- start and stop ----------------------------------------------------------------------------------------------

    def start(self, cluster_id: str, network: str, on_progress: OnProgress = ignore_progress) -> None:
        """Start every node and wait until all are ready. Raises BrokerError."""
        count = len(self._plans)
        on_progress(Progress("start", f"Starting Kafka in {count} container{'s' if count > 1 else ''}", 0, count))
        tails = {}
        for plan in self._plans.values():
            self._write_files(plan)
            tails[plan.id] = LogTail(plan.log_file, STARTED)
            self._containers[plan.id] = self._create(
                plan, environment(self._spec, cluster_id, plan.log_file.name), network
            )
        self._wait_ready(tails, on_progress)
        on_progress(Progress("ready", f"Kafka is ready at {self.bootstrap_servers}", count, count))

    def _write_files(self, plan: NodePlan) -> None:
        folder = folder_of(plan)
        plans = list(self._plans.values())
        for inside in ("data", "logs", "tmp"):
            (folder / inside).mkdir(parents=True, exist_ok=True)
        text = properties_text(properties(plan, plans, self._where, self._spec))
        (folder / "server.properties").write_text(text, encoding="ascii")
        (folder / "log4j2.properties").write_text(BROKER_LOGGING, encoding="ascii")

    def _create(self, plan: NodePlan, variables: Mapping[str, str], network: str) -> Any:
        container = _container(self._image, self._base_url)
        for name, value in variables.items():
            container.with_env(name, value)
        container.with_volume_mapping(str(folder_of(plan)), MOUNT, "rw,z")
        container.with_volume_mapping(str(plan.log_file.parent), f"{MOUNT}/logs", "rw,z")
        container.ports[f"{CLIENT}/tcp"] = (HOST, plan.ports.client)
        container.with_kwargs(
            entrypoint=["/bin/sh", "-c", START],
            labels={engine.RUN_LABEL: self._name, engine.OWNER_LABEL: engine.owner()},
            user=engine.user(),
            ulimits=_limits(),
            **self._network(plan, network),
        )
        container._name = f"kafka-tutor-{self._name}-{plan.id}"
        return _engine_says(lambda: container.start().get_wrapped_container())

    def _network(self, plan: NodePlan, network: str) -> dict[str, Any]:
        if not network:
            return {}
        from docker.types import EndpointConfig

        address = next(place.address for place in self._where if place.id == plan.id)
        version = self._client.api.api_version
        return {"network": network, "networking_config": {network: EndpointConfig(version, ipv4_address=address)}}

    def kill_node(self, node_id: int) -> None:
        """SIGKILL one node and wait until it is gone. Raises BrokerError."""
        container = self._node(node_id)
        with self._guarded:
            self._killed.add(node_id)
        if self._state(container).get("Paused"):  # engines refuse to kill what stands still
            _engine_says(container.unpause)
        _engine_says(lambda: container.kill(signal="SIGKILL"))
        _engine_says(lambda: container.wait(timeout=30))

    def start_node(self, node_id: int) -> None:
        """Start a killed node again, on its old data and ports, and wait until it is ready. Raises BrokerError."""
        container = self._node(node_id)
        if self._state(container).get("Running"):
            return
        tail = LogTail(self._plans[node_id].log_file, STARTED)
        _engine_says(container.start)
        with self._guarded:
            self._killed.discard(node_id)
        self._wait_ready({node_id: tail}, ignore_progress)

    def pause_node(self, node_id: int) -> None:
        """Have it stand still. Raises BrokerError."""
        container = self._node(node_id)
        freeze(container.pause, lambda: self._state(container))

    def resume_node(self, node_id: int) -> None:
        """Let it go on; nothing where it does not stand still."""
        container = self._node(node_id)
        if self._state(container).get("Paused"):
            _engine_says(container.unpause)

    def stop(self) -> None:
        """Stop every node and remove its data. Safe to call twice."""
        if self._stopped:
            return
        self._stopped = True
        assert self._guard.stdin and self._guard.stdout
        self._guard.stdin.close()
        try:
            self._guard.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        if self._guard.returncode:  # what it could not do
            with contextlib.suppress(Exception):
                engine.remove(self._client, self._name)
            self._run.remove()
        self._guard.stdout.close()
        self._client.close()

    # --- details -----------------------------------------------------------------------------------------------------

    def _node(self, node_id: int) -> Any:
        if node_id not in self._containers:
            nodes = ", ".join(map(str, self._plans))
            raise BrokerError(f"There is no node {node_id}", f"The nodes are {nodes}.", "Name one of them.")
        return self._containers[node_id]

    def _state(self, container: Any) -> dict[str, Any]:
        import docker

        try:
            found: dict[str, Any] = self._client.api.inspect_container(container.id)["State"]
        except docker.errors.NotFound:
            return {"Gone": True}
        except (docker.errors.DockerException, OSError) as error:
            raise BrokerError("The container engine does not answer", str(error)[:200], "Start it again.") from error
        return found

    def _wait_ready(self, tails: dict[int, LogTail], on_progress: OnProgress) -> None:
        waiting, deadline = set(tails), time.monotonic() + START_TIMEOUT
        while waiting:
            waiting = {number for number in waiting if not self._is_ready(number, tails[number])}
            if waiting and (fault := self._look()) is not None:
                raise BrokerStartFailed("Kafka did not start", fault, "Look at its log, or leave out --broker docker.")
            if self._stopped:
                raise BrokerDied("Kafka was stopped while it started", "It was asked to.", "Start it again.")
            if time.monotonic() > deadline:
                raise BrokerStartFailed(
                    f"Kafka was not ready after {START_TIMEOUT:.0f} s",
                    self._said(min(waiting)),
                    "Close other programs.",
                )
            on_progress(Progress("start", "Starting Kafka", len(tails) - len(waiting), len(tails)))
            time.sleep(POLL)

    def _is_ready(self, number: int, tail: LogTail) -> bool:
        return tail.poll() and answers(HOST, self._plans[number].ports.client)


def _container(image: str, base_url: str) -> Any:
    """A container of testcontainers, which ours are made by; their reaper is not: it is an image of its own."""
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    testcontainers_config.ryuk_disabled = True
    return DockerContainer(
        image, docker_client_kw={"environment": engine.variables(base_url), "timeout": engine.TIMEOUT}
    )


def _engine_says(call: Callable[[], Any]) -> Any:
    """Do it. Raises BrokerError with what the engine says."""
    import docker
    import requests

    try:
        return call()
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise BrokerStartFailed(
            "The container engine refuses", str(error).strip()[-400:], "Look at it with: docker ps -a (or podman ps -a)"
        ) from error


def freeze(pause: Callable[[], Any], state: Callable[[], dict[str, Any]], seconds: float = FREEZE_TIMEOUT) -> None:
    """Have a container stand still, asking for up to `seconds`. Raises BrokerError.

    On a crowded machine runc gives up when a thread that it wants to freeze does not get a turn in time; asked again it does.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            _engine_says(pause)
            return
        except BrokerError:
            now = state()
            if now.get("Paused"):
                return
            if not now.get("Running") or time.monotonic() > deadline:
                raise
        time.sleep(POLL)


def _limits() -> list[Any]:
    """No more than this machine allows: left to themselves, some engines ask for more than they have and fail."""
    import resource

    from docker.types import Ulimit

    kinds = (("nofile", resource.RLIMIT_NOFILE, OPEN_FILES), ("nproc", resource.RLIMIT_NPROC, PROCESSES))
    limits = []
    for name, kind, wanted in kinds:
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        limits.append(Ulimit(name=name, soft=most, hard=most))
    return limits


def _ended(state: Mapping[str, Any]) -> str:
    if state.get("Gone"):
        return "was removed by somebody"
    if state.get("OOMKilled"):
        return "was killed because memory ran out"
    return f"ended with status {state.get('ExitCode')}"


def _start_guard(base_url: str, run: Run) -> subprocess.Popen[bytes]:
    with (run.logs / "guard.log").open("ab") as errors:
        guard = subprocess.Popen(
            [sys.executable, "-m", "labs.broker.containers.guard", base_url, run.directory.name, str(run.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(os.environ),
            start_new_session=True,  # Ctrl+C in the terminal is for the app alone
        )
    assert guard.stdout
    guard.stdout.readline()
    return guard
