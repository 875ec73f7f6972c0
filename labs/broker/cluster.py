"""A running embedded cluster."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from labs.broker.autopsy import explain_exit
from labs.broker.capabilities import EVERYTHING
from labs.broker.interface import (
    OPEN,
    Access,
    Capabilities,
    ClusterSpec,
    Node,
    OnProgress,
    Progress,
    ignore_progress,
)
from labs.broker.jvm import Runtime
from labs.broker.ready import PORT_TAKEN, STARTED, LogTail, answers, last_errors
from labs.broker.runs import Run
from labs.broker.settings import BROKER_LOGGING, HOST, NodePlan, node_properties, properties_text
from labs.broker.supervised import Supervised
from labs.errors import BrokerDied, BrokerError, BrokerStartFailed

START_TIMEOUT = 120.0
"""Seconds; a start takes one to five, and only a machine at its limits needs more."""
POLL = 0.01
"""Seconds between looks while a node starts."""
PROGRESS_EVERY = 0.2


class PortTaken(BrokerStartFailed):
    """Somebody took a port between our look and the broker's bind."""


class EmbeddedCluster:
    """One or three nodes. Methods may be called from any thread."""

    def __init__(self, run: Run, plans: Sequence[NodePlan], spec: ClusterSpec, runtime: Runtime) -> None:
        self._run = run
        self._plans = {plan.id: plan for plan in plans}
        self._spec = spec
        self._runtime = runtime
        self._pids: dict[int, int] = {}
        self._killed: set[int] = set()
        self._guard = threading.Lock()
        self._stopped = False
        self._write_settings()
        self._supervised = Supervised(run)

    # --- values ----------------------------------------------------------------------------------------------------

    @property
    def provider(self) -> str:
        """`embedded`."""
        return "embedded"

    @property
    def bootstrap_servers(self) -> str:
        """`host:port[,host:port…]`."""
        return ",".join(f"{HOST}:{plan.ports.client}" for plan in self._plans.values())

    @property
    def listener_servers(self) -> str:
        """The addresses of the spec's own listener; port 0 where it has none."""
        return ",".join(f"{HOST}:{plan.ports.extra}" for plan in self._plans.values())

    @property
    def access(self) -> Access:
        """The plain listener asks for nothing."""
        return OPEN

    @property
    def capabilities(self) -> Capabilities:
        """Everything: it was started for the lab, with its settings."""
        return EVERYTHING

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, killed ones included (their `pid` is None)."""
        return tuple(self._node(plan) for plan in self._plans.values())

    @property
    def supervisor_pid(self) -> int:
        """Process id of the supervisor."""
        return self._supervised.pid

    @property
    def directory(self) -> Path:
        """What goes when the cluster stops."""
        return self._run.directory

    def _node(self, plan: NodePlan) -> Node:
        with self._guard:
            pid = None if plan.id in self._killed else self._pids.get(plan.id)
            alive = plan.id not in self._killed
        return Node(plan.id, HOST, plan.ports.client, pid, plan.data_dir, plan.log_file, alive)

    def failure(self) -> str | None:
        """Why the cluster is no longer usable; None while all is well. A node killed on purpose is no failure."""
        if self._stopped:
            return "The broker was stopped."
        if self._supervised.lost:
            return "The broker was stopped because the process that watches over it was killed."
        for plan in self._plans.values():
            status = self._supervised.exit_status(plan.id)
            with self._guard:
                expected = plan.id in self._killed
            if status is not None and not expected:
                return explain_exit(plan, status)
        return None

    # --- start and stop --------------------------------------------------------------------------------------------

    def start(self, on_progress: OnProgress = ignore_progress) -> None:
        """Start every node and wait until all are ready. Raises BrokerStartFailed."""
        text = "Starting Kafka" if len(self._plans) == 1 else f"Starting Kafka: {len(self._plans)} nodes"
        on_progress(Progress("start", text, 0, len(self._plans)))
        tails = {number: self._launch(number) for number in self._plans}
        self._wait_ready(tails, on_progress)
        on_progress(Progress("ready", f"Kafka is ready at {self.bootstrap_servers}", len(tails), len(tails)))

    def kill_node(self, node_id: int) -> None:
        """SIGKILL one node and wait until it is gone."""
        plan = self._plan(node_id)
        with self._guard:
            self._killed.add(node_id)
        self._supervised.signal(plan.id, signal.SIGKILL)
        self._supervised.wait_exit(plan.id, 10.0)

    def start_node(self, node_id: int) -> None:
        """Start a killed node again, on its old data and ports, and wait until it is ready. Raises BrokerError."""
        plan = self._plan(node_id)
        if self._supervised.exit_status(plan.id) is None:
            return
        tail = self._launch(plan.id)
        with self._guard:
            self._killed.discard(plan.id)
        self._wait_ready({plan.id: tail}, ignore_progress)

    def pause_node(self, node_id: int) -> None:
        """Have a node stand still (SIGSTOP)."""
        self._supervised.signal(self._plan(node_id).id, signal.SIGSTOP)

    def resume_node(self, node_id: int) -> None:
        """Let it go on (SIGCONT)."""
        self._supervised.signal(self._plan(node_id).id, signal.SIGCONT)

    def finish_node(self, node_id: int, timeout: float) -> None:
        """Ask a node to end in order (SIGTERM), and wait for it. Raises BrokerStartFailed when it takes too long."""
        plan = self._plan(node_id)
        with self._guard:
            self._killed.add(node_id)
        self._supervised.signal(plan.id, signal.SIGTERM)
        if self._supervised.wait_exit(plan.id, timeout) is None:
            raise BrokerStartFailed(
                "Kafka did not stop", f"Node {node_id} still ran after {timeout:.0f} s.", "Try again."
            )

    def stop(self) -> None:
        """Stop every node and remove its data. Safe to call twice."""
        self._stopped = True
        self._supervised.stop()

    def _plan(self, node_id: int) -> NodePlan:
        if node_id not in self._plans:
            raise BrokerError(
                f"There is no node {node_id}", f"The nodes are {', '.join(map(str, self._plans))}.", "Name one of them."
            )
        return self._plans[node_id]

    # --- details ---------------------------------------------------------------------------------------------------

    def _settings_file(self, plan: NodePlan) -> Path:
        return self._run.directory / f"node-{plan.id}.properties"

    def _write_settings(self) -> None:
        plans = list(self._plans.values())
        for plan in plans:
            text = properties_text(node_properties(plan, plans, self._spec))
            self._settings_file(plan).write_text(text, encoding="ascii")
        (self._run.directory / "log4j2.properties").write_text(BROKER_LOGGING, encoding="ascii")

    def _launch(self, node_id: int) -> LogTail:
        """Start the process of a node; returns what will see its start marker."""
        plan = self._plans[node_id]
        tail = LogTail(plan.log_file, STARTED)
        command = self._runtime.command(
            "kafka.Kafka",
            [str(self._settings_file(plan))],
            heap_mb=self._spec.heap_mb,
            defines=(
                ("log4j2.configurationFile", str(self._run.directory / "log4j2.properties")),
                ("kafka.tutor.log", str(plan.log_file)),
                ("java.io.tmpdir", str(self._run.directory)),  # native libraries go with the run, also after a SIGKILL
            ),
        )
        pid = self._supervised.start(plan.id, command, plan.log_file.with_suffix(".out"))
        with self._guard:
            self._pids[plan.id] = pid
        return tail

    def _wait_ready(self, tails: dict[int, LogTail], on_progress: OnProgress) -> None:
        waiting = set(tails)
        deadline = time.monotonic() + START_TIMEOUT
        told = time.monotonic()
        while waiting:
            waiting = {number for number in waiting if not self._is_ready(number, tails[number])}
            self._check_start(waiting)
            now = time.monotonic()
            if now > deadline:
                raise self._too_slow(min(waiting))
            if now - told > PROGRESS_EVERY:
                told = now
                on_progress(Progress("start", "Starting Kafka", len(tails) - len(waiting), len(tails)))
            if waiting:
                self._supervised.wait(POLL)

    def _is_ready(self, number: int, tail: LogTail) -> bool:
        return tail.poll() and answers(HOST, self._plans[number].ports.client)

    def _check_start(self, waiting: set[int]) -> None:
        """Raise for a node that ended instead of becoming ready."""
        if self._supervised.lost or self._stopped:
            why = "It was asked to." if self._stopped else "Its supervisor was killed."
            raise BrokerDied("Kafka was stopped while it started", why, "Start it again.")
        for number in waiting:
            status = self._supervised.exit_status(number)
            if status is None:
                continue
            plan = self._plans[number]
            kind = PortTaken if _mentions(plan.log_file, PORT_TAKEN) else BrokerStartFailed
            raise kind("Kafka did not start", explain_exit(plan, status), "Run: kafka-tutor doctor")

    def _too_slow(self, number: int) -> BrokerStartFailed:
        plan = self._plans[number]
        errors = last_errors(plan.log_file)
        return BrokerStartFailed(
            f"Kafka was not ready after {START_TIMEOUT:.0f} s",
            f"Its log: {errors[-1]}" if errors else f"Its log shows no error: {plan.log_file}",
            "Close other programs, or run: kafka-tutor doctor",
        )


def _mentions(path: Path, marker: bytes) -> bool:
    try:
        return marker in path.read_bytes()
    except OSError:
        return False
