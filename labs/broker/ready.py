"""When is a broker ready? When its log says so and it answers a request."""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path

STARTED = b"Kafka Server started"
PORT_TAKEN = b"Address already in use"
ERROR_LINE = re.compile(r" (ERROR|FATAL) |^Caused by: |^[\w.$]+(Exception|Error): |OutOfMemoryError")
REQUEST_TIMEOUT = 2.0
"""Seconds for connect and answer."""


class LogTail:
    """Looks for a marker in what a growing file gains; reads every byte once."""

    def __init__(self, path: Path, marker: bytes) -> None:
        self._path = path
        self._marker = marker
        self._position = path.stat().st_size if path.exists() else 0
        self._rest = b""
        self.seen = False

    def poll(self) -> bool:
        """Read what is new; True once the marker has appeared."""
        if self.seen:
            return True
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            return False
        self._position += len(data)
        text = self._rest + data
        self.seen = self._marker in text
        self._rest = text[-len(self._marker) :]
        return self.seen


def answers(host: str, port: int) -> bool:
    """Whether a Kafka broker answers an ApiVersions request there."""
    correlation = 7
    # ApiVersions is key 18; version 0 has a header and no body. The client id names the asker in the broker's log.
    client = b"kafka-tutor-probe"
    header = struct.pack(">hhih", 18, 0, correlation, len(client)) + client
    try:
        with socket.create_connection((host, port), timeout=REQUEST_TIMEOUT) as connection:
            connection.sendall(struct.pack(">i", len(header)) + header)
            reply = connection.makefile("rb").read(10)
    except OSError:
        return False
    if len(reply) < 10:
        return False
    _, answered, error = struct.unpack(">iih", reply)
    return bool(answered == correlation and error == 0)


def last_errors(path: Path | None, lines: int = 3) -> list[str]:
    """The last lines of a broker log that report an error, oldest first: the root cause comes last."""
    if path is None:
        return []
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 200_000))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if ERROR_LINE.search(line)][-lines:]
