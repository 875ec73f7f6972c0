"""A port that is closed until it is opened."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from labs.gate import Gate


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that sends back what it gets, until the other side has said all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    call, _ = server.accept()
                except OSError:
                    return
                with call:
                    while data := call.recv(1000):
                        call.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def address(gate: Gate) -> tuple[str, int]:
    host, port = gate.address.split(":")
    return host, int(port)


def test_it_refuses_before_it_is_opened_and_forwards_afterwards(echo: str) -> None:
    with Gate(f"{echo},127.0.0.1:1") as gate:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address(gate), timeout=5)
        gate.open()
        for text in (b"one", b"two"):
            with socket.create_connection(address(gate), timeout=5) as call:
                call.sendall(text)
                assert call.recv(1000) == text
                call.shutdown(socket.SHUT_WR)
                assert call.recv(1000) == b""


def test_its_end_ends_what_goes_through_it(echo: str) -> None:
    with Gate(echo) as gate:
        gate.open()
        where = address(gate)
        call = socket.create_connection(where, timeout=5)
        call.sendall(b"x")
        assert call.recv(10) == b"x"
    with call:
        assert call.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=5)
