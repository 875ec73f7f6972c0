"""Looking from outside whether processes, ports and directories are gone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE = 60.0


def eventually(predicate: Callable[[], bool], what: str) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not predicate():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether no such process runs (a zombie that nobody has waited for does not run)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_closed(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@dataclass(frozen=True)
class Footprint:
    """All that a cluster has on this machine."""

    supervisor: int
    javas: tuple[int, ...]
    ports: tuple[int, ...]
    directory: Path
    forked: int = -1
    """A child that the app forked."""

    def wait_processes_gone(self) -> None:
        eventually(lambda: all(map(is_gone, (*self.javas, self.supervisor))), "processes gone")
        eventually(lambda: all(map(is_closed, self.ports)), "ports closed")

    def wait_gone(self) -> None:
        self.wait_processes_gone()
        eventually(lambda: not self.directory.exists(), "directory gone")


APP = """
import json, os, sys, time
from pathlib import Path
from labs.broker.embedded import EmbeddedProvider
from labs.broker.interface import ClusterSpec
from labs.dirs import dirs
cluster = EmbeddedProvider(dirs()).start(ClusterSpec(nodes=int(sys.argv[1]), heap_mb=256))
forked = os.fork() if "fork" in sys.argv else -1
while forked == 0:
    time.sleep(60)
print(json.dumps({
    "forked": forked,
    "supervisor": cluster.supervisor_pid,
    "javas": [node.pid for node in cluster.nodes],
    "ports": [node.port for node in cluster.nodes],
    "directory": str(cluster.directory),
}), flush=True)
for line in sys.stdin:
    print(json.dumps(cluster.failure()), flush=True)
cluster.stop()
"""


@contextmanager
def app(nodes: int = 1, fork: bool = False) -> Iterator[tuple[subprocess.Popen[str], Footprint]]:
    """Another process that has a running cluster; a line on its stdin asks for `failure()`, end of file ends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", APP, str(nodes), *(["fork"] if fork else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        row = json.loads(process.stdout.readline())
        yield (
            process,
            Footprint(
                row["supervisor"], tuple(row["javas"]), tuple(row["ports"]), Path(row["directory"]), row["forked"]
            ),
        )
    finally:
        process.kill()
        process.communicate()
