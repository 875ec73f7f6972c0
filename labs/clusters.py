"""Where a lab gets its cluster from, and gives it back to; and who provides one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from labs.broker.access import OPEN, Access
from labs.broker.capabilities import Capabilities
from labs.broker.interface import Cluster, ClusterProvider, ClusterSpec, Node, OnProgress, Progress, ignore_progress
from labs.dirs import Dirs
from labs.errors import BadClusterSettings, BrokerError
from labs.external.connection import DOCKER, EMBEDDED, EXTERNAL, Chosen
from labs.session_file import Session


def _embedded(chosen: Chosen, dirs: Dirs) -> ClusterProvider:
    from labs.broker.embedded import EmbeddedProvider

    return EmbeddedProvider(dirs)


def _external(chosen: Chosen, dirs: Dirs) -> ClusterProvider:
    from labs.external.provider import ExternalProvider

    if chosen.connection is None:
        raise BadClusterSettings("Which cluster?", "None is named.", "-b HOST:PORT (--bootstrap-servers)")
    return ExternalProvider(dirs, chosen.connection)


def _docker(chosen: Chosen, dirs: Dirs) -> ClusterProvider:
    from labs.broker.containers.provider import ContainerProvider

    return ContainerProvider(dirs)


PROVIDERS: dict[str, Callable[[Chosen, Dirs], ClusterProvider]] = {
    EMBEDDED: _embedded,
    DOCKER: _docker,
    EXTERNAL: _external,
}
"""`--broker NAME` → what makes its provider. Nothing of one is imported before it is asked for."""


def provider(chosen: Chosen, dirs: Dirs) -> ClusterProvider:
    """The provider that was chosen. Raises BadClusterSettings."""
    make = PROVIDERS.get(chosen.broker)
    if make is None:
        raise BadClusterSettings(f"There is no broker {chosen.broker!r}", "", f"One of {', '.join(PROVIDERS)}")
    return make(chosen, dirs)


def source(provider: ClusterProvider) -> OwnedSource:
    """For every lab a cluster of its own, or one that all share."""
    return SharedCluster(provider) if provider.shared else FreshClusters(provider)


@dataclass(frozen=True, slots=True)
class Lease:
    """A cluster for one run of a lab."""

    cluster: Cluster
    shared: bool
    """Whether it goes on after the lab: then every topic and group has to be removed one by one."""


class ClusterSource(Protocol):
    """Hands out clusters."""

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """A healthy cluster. Raises BrokerError, and what `on_progress` raises."""

    def release(self, lease: Lease) -> None:
        """Take it back. Never raises."""


class OwnedSource(ClusterSource, Protocol):
    """A source that keeps something from one lease to the next."""

    def open(self) -> None:
        """Reach what all leases share, so that it is known whether it is there. Raises BrokerError."""

    def close(self) -> None:
        """Let go of it. Safe to call twice."""


class FreshClusters:
    """A new cluster for every lease, stopped when it comes back."""

    def __init__(self, provider: ClusterProvider) -> None:
        self._provider = provider

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """Start one."""
        return Lease(self._provider.start(spec, on_progress), shared=False)

    def release(self, lease: Lease) -> None:
        """Stop it."""
        lease.cluster.stop()

    def open(self) -> None:
        """Nothing is shared."""

    def close(self) -> None:
        """Nothing is kept."""


class SharedCluster:
    """Hands out the one cluster of a provider, reached at the first lease. Close it at the end."""

    def __init__(self, provider: ClusterProvider) -> None:
        self._provider = provider
        self._cluster: Cluster | None = None

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """The cluster, whatever was asked for."""
        if self._cluster is None or self._cluster.failure() is not None:
            self._cluster = self._provider.start(spec, on_progress)
        return Lease(self._cluster, shared=True)

    def release(self, lease: Lease) -> None:
        """It goes on."""

    def open(self) -> None:
        """Reach it."""
        self.lease(ClusterSpec(), ignore_progress)

    def close(self) -> None:
        """Let go of it."""
        if self._cluster is not None:
            self._cluster.stop()


@dataclass(frozen=True, slots=True)
class OneCluster:
    """Hands out one cluster, which goes on: everything that a lab makes has to be removed."""

    cluster: Cluster

    def lease(self, spec: ClusterSpec, on_progress: OnProgress) -> Lease:
        """The cluster, whatever was asked for."""
        return Lease(self.cluster, shared=True)

    def release(self, lease: Lease) -> None:
        """It goes on."""


class AttachedCluster:
    """The cluster of a lab that runs in another process, seen through its session file."""

    def __init__(self, session: Session, alive: Callable[[], bool], access: Access = OPEN) -> None:
        self._session = session
        self._alive = alive
        self.access = access
        """What its clients are let in with."""

    @property
    def provider(self) -> str:
        """As the owner has it."""
        return self._session.provider

    @property
    def bootstrap_servers(self) -> str:
        """`host:port[,host:port…]`."""
        return self._session.bootstrap_servers

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, as they were when the session file was written."""
        return self._session.nodes

    @property
    def capabilities(self) -> Capabilities:
        """Whoever runs the lab has asked: here nothing is known."""
        own = self._session.provider in (EMBEDDED, DOCKER)
        return Capabilities(brokers=len(self._session.nodes), can_kill=False, own=own, secured=self._session.secured)

    def failure(self) -> str | None:
        """The end of the owner is the end of this view."""
        return None if self._alive() else "The process that runs the lab has ended."

    def kill_node(self, node_id: int) -> None:
        """Not from here."""
        raise BrokerError(f"Node {node_id} belongs to another process", "Only the process that runs the lab kills it.")

    def start_node(self, node_id: int) -> None:
        """Not from here."""
        raise BrokerError(f"Node {node_id} belongs to another process", "Only the process that runs the lab starts it.")

    def pause_node(self, node_id: int) -> None:
        """Not from here."""
        raise BrokerError(f"Node {node_id} belongs to another process", "Only the process that runs the lab stops it.")

    resume_node = pause_node

    def stop(self) -> None:
        """Nothing: it belongs to another process."""


class Told:
    """Turns progress into lines that are worth telling: each new one once, a download every tenth."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last: tuple[str, str, int] | None = None

    def __call__(self, progress: Progress) -> None:
        """Take one step of progress."""
        bytes_known = progress.stage == "download" and progress.total > 0
        tenth = 10 * progress.done // progress.total if bytes_known else 0
        if (key := (progress.stage, progress.message, tenth)) != self._last:
            self._last = key
            sizes = f" ({progress.done / 1e6:.0f} of {progress.total / 1e6:.0f} MB)" if bytes_known else ""
            self._tell(f"{progress.message}{sizes}")
