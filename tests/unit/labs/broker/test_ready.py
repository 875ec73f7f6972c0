"""Ready, or not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.broker.ready import LogTail, answers, last_errors


def test_a_marker_is_seen_across_two_reads(tmp_path: Path) -> None:
    log = tmp_path / "log"
    tail = LogTail(log, b"Kafka Server started")
    assert not tail.poll()
    log.write_bytes(b"lines\nKafka Ser")
    assert not tail.poll()
    with log.open("ab") as file:
        file.write(b"ver started\n")
    assert tail.poll()
    assert tail.poll()


def test_the_marker_of_an_earlier_start_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"Kafka Server started\n")
    tail = LogTail(log, b"Kafka Server started")
    assert not tail.poll()
    with log.open("ab") as file:
        file.write(b"Kafka Server started\n")
    assert tail.poll()


@contextmanager
def server(reply: bytes) -> Iterator[int]:
    """Answers one request with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                size = struct.unpack(">i", connection.recv(4))[0]
                body = connection.recv(size)
                assert struct.unpack(">hh", body[:4]) == (18, 0)
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_broker_that_answers_the_request() -> None:
    with server(struct.pack(">iih", 10, 7, 0)) as port:
        assert answers("127.0.0.1", port)


def test_an_error_a_wrong_correlation_and_a_cut_are_no_answer() -> None:
    for reply in (struct.pack(">iih", 10, 7, 35), struct.pack(">iih", 10, 8, 0), b"\0\0", b""):
        with server(reply) as port:
            assert not answers("127.0.0.1", port)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not answers("127.0.0.1", port)


def test_the_last_errors_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("[t] INFO a\n[t] ERROR b\n[t] WARN c\nCaused by: d\n[t] FATAL e\n")
    assert last_errors(log, 2) == ["Caused by: d", "[t] FATAL e"]
    log.write_text("[t] ERROR Exiting\norg.apache.ConfigException: num.x\n\tat org.apache.X\n[t] INFO bye\n")
    assert last_errors(log)[-1] == "org.apache.ConfigException: num.x"
    assert last_errors(tmp_path / "none") == []
    assert last_errors(None) == []
