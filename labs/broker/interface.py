"""What a lab needs of a Kafka cluster, whoever provides it. Values and Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of getting a cluster, for a progress bar."""

    stage: str
    """`download`, `java`, `format`, `train`, `start`, `ready` or `stop`."""
    message: str
    """One line for the learner."""
    done: int = 0
    """Bytes (download) or steps done."""
    total: int = 0
    """Bytes or steps in all; 0 where unknown."""


OnProgress = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Drop progress: the default where nobody looks."""


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """The cluster a lab asks for."""

    nodes: int = 1
    """1 or 3, combined broker and controller."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Broker properties on top of the lab defaults."""
    heap_mb: int = 512
    """-Xmx per node, in MiB."""


@dataclass(frozen=True, slots=True)
class Node:
    """One broker of a running cluster."""

    id: int
    host: str
    port: int
    pid: int | None
    """Process id where the broker runs on this machine."""
    data_dir: Path | None
    """Its log directory, where this machine can read it."""
    log_file: Path | None
    """Where the broker writes its own log."""


class Cluster(Protocol):
    """A running cluster. Every method may be called from any thread."""

    @property
    def provider(self) -> str:
        """`embedded`, `docker` or `external`."""

    @property
    def bootstrap_servers(self) -> str:
        """`host:port[,host:port…]`."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, killed ones included."""

    def failure(self) -> str | None:
        """Why the cluster is no longer usable, in a sentence; None while all is well. A node killed on purpose is no failure."""

    def kill_node(self, node_id: int) -> None:
        """SIGKILL one node. Raises BrokerError where the provider cannot."""

    def start_node(self, node_id: int) -> None:
        """Start a killed node again and wait until it is ready."""

    def stop(self) -> None:
        """Stop every node and remove its data. Safe to call twice."""


class ClusterProvider(Protocol):
    """Starts clusters."""

    @property
    def name(self) -> str:
        """`embedded`, `docker` or `external`."""

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        """Start a cluster and return when it answers. Raises BrokerError."""
