"""What a lab needs of a Kafka cluster, whoever provides it. Values and Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from labs.broker.access import OPEN, Access
from labs.broker.capabilities import Capabilities

__all__ = [
    "OPEN",
    "Access",
    "Capabilities",
    "Cluster",
    "ClusterProvider",
    "ClusterSpec",
    "Listener",
    "Node",
    "OnProgress",
    "Progress",
    "ignore_progress",
]


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
class Listener:
    """One more port for clients, beside the plain one that a cluster uses itself."""

    name: str
    """As in `listener.name.NAME.…`, in capitals."""
    protocol: str
    """`SSL`, `SASL_PLAINTEXT` or `SASL_SSL`; keys and mechanisms come with the spec's settings."""


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """The cluster a lab asks for."""

    nodes: int = 1
    """1 or 3, combined broker and controller."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Broker properties on top of the lab defaults."""
    heap_mb: int = 512
    """-Xmx per node, in MiB."""
    listener: Listener | None = None
    """A second client listener; embedded clusters only."""


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
    alive: bool = True
    """False for a node that was killed on purpose."""


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

    @property
    def access(self) -> Access:
        """What a client needs beyond the address; OPEN where that is enough."""

    @property
    def capabilities(self) -> Capabilities:
        """What labs can do there."""

    def failure(self) -> str | None:
        """Why the cluster is no longer usable, in a sentence; None while all is well. A node killed on purpose is no failure."""

    def kill_node(self, node_id: int) -> None:
        """SIGKILL one node. Raises BrokerError where the provider cannot."""

    def start_node(self, node_id: int) -> None:
        """Start a killed node again and wait until it is ready."""

    def pause_node(self, node_id: int) -> None:
        """Have a node stand still, as a long garbage collection does. Raises BrokerError where the provider cannot."""

    def resume_node(self, node_id: int) -> None:
        """Let it go on; nothing where it does not stand still or is gone."""

    def stop(self) -> None:
        """Stop every node and remove its data. Safe to call twice."""


class ClusterProvider(Protocol):
    """Starts clusters."""

    @property
    def name(self) -> str:
        """`embedded`, `docker` or `external`."""

    @property
    def shared(self) -> bool:
        """Whether its cluster is there before a lab and goes on after it: then `stop` ends nothing but our connection."""

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        """Start a cluster and return when it answers. Raises BrokerError."""
