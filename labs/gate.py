"""A port behind which a broker appears when it is opened: a client can be ready long before it may join a group."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 65536


class Gate:
    """Refuses connections until it is opened, and forwards them afterwards. Use as a context manager.

    A Kafka client needs it only to find the brokers; then it talks to them where they say they are.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        host, _, port = bootstrap_servers.split(",")[0].rpartition(":")
        self._target = (host.strip("[]"), int(port))
        self._server = socket.socket()
        self._server.bind(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = [self._server]
        self._closed = False
        self.opened = False
        """Whether clients have been let through."""

    @property
    def address(self) -> str:
        """`host:port`, as bootstrap.servers has it."""
        return f"127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with self._lock:
            self._closed = True
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def open(self) -> None:
        """Let clients through from now on."""
        self.opened = True
        self._server.listen()
        threading.Thread(target=self._accept, name="gate", daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._target, timeout=10)
            far.settimeout(None)
        except OSError:
            near.close()
            return
        with self._lock:
            if self._closed:
                near.close()
                far.close()
                return
            self._sockets += [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(one, other), name="gate-pump", daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Move bytes until either side ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
