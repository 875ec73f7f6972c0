"""A RabbitMQ node of our own: a child process that goes with the app, `kill -9` included.

The supervisor that keeps Kafka's processes keeps these too: Erlang's port mapper, which would otherwise stay behind as a
daemon, and the node. Its directory is a run directory like a broker's, so that a crash's remains are swept as well.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from pathlib import Path

from labs.broker.ports import free_ports
from labs.broker.runs import Run, new_run
from labs.broker.settings import HOST
from labs.broker.supervised import Supervised
from labs.contract import StopToken
from labs.dirs import Dirs
from labs.errors import BrokerError, RabbitError
from labs.rabbit.server import Ports, Server, environment, url_of

EPMD, NODE = 1, 2
START_SECONDS = 120.0
"""A start takes five seconds on an idle machine."""
TRIES = 3
"""Starts, each on other ports, before a port that is always taken is a fault."""
TAKEN = (b"eaddrinuse", b"dist_port_already_used")


class Node:
    """A node that runs. Methods may be called from any thread."""

    def __init__(self, server: Server, run: Run, ports: Ports) -> None:
        """Begin to start it. Raises BrokerError."""
        self._run = run
        self._ports = ports
        self.log_file = run.logs / "rabbitmq.log"
        """What it says; kept after its end."""
        self._supervised = Supervised(run)
        try:
            self.pids = self._launch(server)
            """Its processes."""
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Where to reach it."""
        return url_of(self._ports)

    @property
    def supervisor(self) -> int:
        """Process id of what watches over it."""
        return self._supervised.pid

    @property
    def directory(self) -> Path:
        """What goes when it stops."""
        return self._run.directory

    def _launch(self, server: Server) -> tuple[int, int]:
        name = f"kt-{secrets.token_hex(4)}"
        environ = environment(os.environ, self._run.directory, name, self._ports)
        port_mapper = [str(server.epmd), "-port", str(self._ports.epmd), "-address", HOST]
        mapper = self._supervised.start(EPMD, port_mapper, self._run.logs / "epmd.log", environ)
        return mapper, self._supervised.start(NODE, [str(server.script)], self.log_file, environ)

    def answers(self) -> bool:
        """Whether it speaks AMQP by now: it opens its port when all else has started."""
        try:
            with socket.create_connection((HOST, self._ports.amqp), timeout=2.0) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"  # a method frame: Connection.Start
        except OSError:
            return False

    def failure(self) -> str | None:
        """Why it is gone; None while it runs."""
        if self._supervised.lost:
            return "RabbitMQ was stopped because the process that watches over it was killed."
        status = self._supervised.exit_status(NODE)
        if status is None:
            return None
        return f"RabbitMQ {_how(status)}.{self._said() if status >= 0 else ''} Its log: {self.log_file}"

    def lacks_port(self) -> bool:
        """Whether somebody took one of its ports before it did."""
        mapper_gone = self._supervised.exit_status(EPMD) is not None  # it ends without a word
        return mapper_gone or any(sign in self._log() for sign in TAKEN)

    def stop(self) -> None:
        """End it and remove its data. Safe to call twice."""
        self._supervised.stop()

    def _said(self) -> str:
        lines = [line.strip() for line in self._log().decode(errors="replace").splitlines() if line.strip()]
        return f" The last it said: {lines[-1][:300]}" if lines else ""

    def _log(self) -> bytes:
        try:
            return self.log_file.read_bytes()[-100_000:]
        except OSError:
            return b""


def _how(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was killed (SIGKILL): by hand, or by the system because memory ran out"
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended by itself with status {status}"


def start(server: Server, dirs: Dirs, stop: StopToken) -> Node:
    """Start a node and wait until it answers. Raises RabbitError, EnvironmentFault, and what `stop.check` raises."""
    for last in (False,) * (TRIES - 1) + (True,):
        node = _begin(server, dirs)
        try:
            if _is_ready(node, stop):
                return node
            if last or not node.lacks_port():
                raise _not_started(node.failure() or f"It did not answer within {START_SECONDS:.0f} s.")
        except BaseException:
            node.stop()
            raise
        node.stop()
    raise AssertionError  # the last try returns or raises


def _begin(server: Server, dirs: Dirs) -> Node:
    try:
        return Node(server, new_run(dirs), Ports(*free_ports(3)))
    except BrokerError as error:
        raise _not_started(error.cause) from error


def _is_ready(node: Node, stop: StopToken) -> bool:
    """Wait until it answers, or is gone."""
    end = time.monotonic() + START_SECONDS
    while not node.answers():
        if node.failure() or node.lacks_port() or time.monotonic() > end:
            return False
        stop.wait(0.1)
    return True


def _not_started(why: str) -> RabbitError:
    return RabbitError(
        "RabbitMQ could not be started", why, "Type `reset` to try again, or run the Kafka half: --amqp-url none"
    )
