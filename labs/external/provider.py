"""A cluster of the learner's own as a provider: nothing is started or stopped, only reached, looked at and let go."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from labs import fitness, scratch, uncleaned
from labs.broker.access import Access
from labs.broker.capabilities import Capabilities
from labs.broker.interface import Cluster, ClusterSpec, Node, OnProgress, Progress, ignore_progress
from labs.dirs import Dirs
from labs.errors import BrokerError
from labs.external import reach
from labs.external.attempt import connected
from labs.external.connection import EXTERNAL, Connection
from labs.external.probe import Found, probe
from labs.external.security import access_of
from labs.external.stores import Stores

NOT_OURS = "It belongs to somebody else: labs touch only topics and groups that they made."


class Folder:
    """A directory for what has to be a file, made when it is first asked for."""

    def __init__(self, dirs: Dirs) -> None:
        self._dirs = dirs
        self._path: Path | None = None

    def __call__(self) -> Path:
        """Its path. Raises EnvironmentFault."""
        if self._path is None:
            self._path = scratch.new(self._dirs)
        return self._path

    def remove(self) -> None:
        """Remove it with all that is in it. Safe to call twice."""
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            with contextlib.suppress(OSError):
                self._path.parent.rmdir()  # unless somebody else has one
            self._path = None


@contextlib.contextmanager
def admitted(connection: Connection, dirs: Dirs) -> Iterator[Access]:
    """What a client needs, with its files, for as long as this lasts. Raises BadClusterSettings, ClusterUnusable."""
    folder = Folder(dirs)
    try:
        yield _access(connection, folder)
    finally:
        folder.remove()


def same_servers(one: str, other: str) -> bool:
    """Whether two lists name the same addresses, in whatever order."""
    return set(one.split(",")) == set(other.split(","))


def _access(connection: Connection, folder: Callable[[], Path]) -> Access:
    if not connection.allow_remote:
        hosts = [host for host, _ in reach.addresses(connection.servers)]
        reach.refuse_remote(hosts, f"According to {connection.source}, it is at")
    return access_of(connection.properties, Stores(folder))


class ExternalCluster:
    """A cluster that was there before, and stays."""

    def __init__(self, connection: Connection, access: Access, found: Found, folder: Folder) -> None:
        self._connection = connection
        self._access = access
        self._found = found
        self._folder = folder
        self._closed = threading.Event()

    @property
    def provider(self) -> str:
        """`external`."""
        return EXTERNAL

    @property
    def bootstrap_servers(self) -> str:
        """As it was named."""
        return self._connection.servers

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The brokers that the cluster tells of."""
        return self._found.nodes

    @property
    def access(self) -> Access:
        """How its clients are let in."""
        return self._access

    @property
    def capabilities(self) -> Capabilities:
        """What the probe has found."""
        return self._found.capabilities

    def failure(self) -> str | None:
        """Nobody watches over its brokers from here: a client that gets no answer says so."""
        return "The connection was closed." if self._closed.is_set() else None

    def kill_node(self, node_id: int) -> None:
        """Never."""
        raise BrokerError(
            f"Broker {node_id} is not killed", NOT_OURS, "Leave out -b to use a cluster of the lab's own."
        )

    def start_node(self, node_id: int) -> None:
        """Never."""
        raise BrokerError(
            f"Broker {node_id} is not started", NOT_OURS, "Leave out -b to use a cluster of the lab's own."
        )

    def pause_node(self, node_id: int) -> None:
        """Never."""
        raise BrokerError(
            f"Broker {node_id} is not stopped", NOT_OURS, "Leave out -b to use a cluster of the lab's own."
        )

    resume_node = pause_node

    def stop(self) -> None:
        """Let it go: what we wrote for the connection is removed. Safe to call twice."""
        self._closed.set()
        self._folder.remove()


class ExternalProvider:
    """Reaches one cluster. Safe to use from several threads."""

    def __init__(self, dirs: Dirs, connection: Connection) -> None:
        self._dirs = dirs
        self._connection = connection

    @property
    def name(self) -> str:
        """`external`."""
        return EXTERNAL

    @property
    def shared(self) -> bool:
        """It goes on after a lab."""
        return True

    @property
    def where(self) -> str:
        """Its address, for people."""
        return self._connection.servers

    def start(self, spec: ClusterSpec, on_progress: OnProgress = ignore_progress) -> Cluster:
        """Reach the cluster and find out what it allows, whatever the spec asks for.

        Raises BadClusterSettings, ClusterUnusable, KafkaRefused, and what `on_progress` raises.
        """
        folder, servers = Folder(self._dirs), self._connection.servers
        on_progress(Progress("start", f"Reaching your cluster at {servers}"))
        try:
            access = _access(self._connection, folder)
            with connected(servers, access) as kafka:
                on_progress(Progress("start", "Asking your cluster what it allows"))
                found = probe(kafka, access.protocol != "PLAINTEXT")
            if found.left:
                uncleaned.note(self._dirs, uncleaned.Left(0, EXTERNAL, servers, found.left))
            if not self._connection.allow_remote:
                reach.refuse_remote((node.host for node in found.nodes), "Its brokers say that they are at")
        except BaseException:
            folder.remove()
            raise
        cluster = ExternalCluster(self._connection, access, found, folder)
        on_progress(Progress("ready", fitness.told(cluster)))
        return cluster
