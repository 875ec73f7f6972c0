"""What is found out about an address before a Kafka client tries it: real sockets, real TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs.errors import ClusterUnusable
from labs.external import reach
from labs.external.stores import Stores
from tests.labs.secured import Authority


def like_kafka(one: socket.socket) -> None:
    """Answer the question for versions as a broker begins to."""
    question = one.recv(14)
    one.sendall(b"\0\0\0\x0a" + question[8:12] + b"\0" * 6)


@contextmanager
def listening(context: ssl.SSLContext | None, answer: Callable[[socket.socket], object] = like_kafka) -> Iterator[str]:
    """A server that shakes hands where it has TLS, and answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    found, _ = server.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                    one = stack.enter_context(found)
                    if context is not None:
                        one = stack.enter_context(context.wrap_socket(found, server_side=True))
                    answer(one)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "ca")


@pytest.fixture
def server(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("broker"))
    return context


def tls(authority: Authority, **others: object) -> dict[str, object]:
    return {"security_protocol": "SSL", "ssl_cafile": str(authority.file), **others}


@pytest.mark.parametrize(
    ("host", "own"), [("localhost", True), ("127.0.0.9", True), ("::1", True), ("192.0.2.1", False)]
)
def test_which_hosts_are_this_machine(host: str, own: bool) -> None:
    assert reach.is_loopback(host) is own


def test_another_machine_needs_permission() -> None:
    with pytest.raises(ClusterUnusable) as caught:
        reach.refuse_remote(["localhost", "192.0.2.1"], "It is at")
    assert "192.0.2.1" in caught.value.cause
    assert "localhost" not in caught.value.cause
    assert "--allow-remote" in caught.value.next_step


def test_an_address_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ClusterUnusable, match="No broker can be reached") as caught:
        reach.knock(f"127.0.0.1:{port}", {})
    assert f"127.0.0.1:{port}: Connection refused" in caught.value.cause


def test_one_address_of_several_is_enough() -> None:
    with listening(None) as there, socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
        gone.close()
        reach.knock(f"127.0.0.1:{port},{there}", {})


def test_a_handshake_that_works(authority: Authority, server: ssl.SSLContext) -> None:
    with listening(server) as there:
        reach.knock(there, tls(authority))
        assert reach.speaks_tls(there)


def test_another_authority_is_not_trusted(tmp_path: Path, server: ssl.SSLContext) -> None:
    with listening(server) as there, pytest.raises(ClusterUnusable, match="not trusted") as caught:
        reach.knock(there, tls(Authority(tmp_path, "stranger")))
    assert "ssl.truststore.location" in caught.value.next_step


def test_a_certificate_for_another_name(authority: Authority, server: ssl.SSLContext) -> None:
    with listening(server) as there, pytest.raises(ClusterUnusable, match="not trusted") as caught:
        reach.knock(there.replace("127.0.0.1", "127.1"), tls(authority))  # the same machine, under another name
    assert "name that is in its certificate" in caught.value.next_step


def test_a_client_certificate_that_is_missed(authority: Authority, server: ssl.SSLContext) -> None:
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(authority.file)
    certificate, key = authority.sign("client")
    with listening(server) as there:
        with pytest.raises(ClusterUnusable, match="asks for a client certificate"):
            reach.knock(there, tls(authority))
        assert reach.speaks_tls(there)
        reach.knock(there, tls(authority, ssl_certfile=str(certificate), ssl_keyfile=str(key)))


def test_an_encrypted_key_without_its_password_does_not_ask_at_the_terminal(
    authority: Authority, tmp_path: Path, server: ssl.SSLContext
) -> None:
    certificate, key = authority.sign("client")
    hidden = Stores(lambda: tmp_path).inline_key(key.read_text(), certificate.read_text(), "").key
    with listening(server) as there, pytest.raises(ClusterUnusable, match="cannot be used"):
        reach.knock(there, tls(authority, ssl_certfile=str(certificate), ssl_keyfile=str(hidden)))


def test_a_port_with_tls_for_a_client_without(server: ssl.SSLContext) -> None:
    with listening(server) as there, pytest.raises(ClusterUnusable, match="speak TLS") as caught:
        reach.knock(there, {"security_protocol": "SASL_PLAINTEXT"})
    assert caught.value.next_step == "-X security.protocol=SASL_SSL"


def test_a_port_where_something_else_listens() -> None:
    def web(one: socket.socket) -> None:
        one.recv(14)
        one.sendall(b"HTTP/1.1 400 Bad Request")

    with listening(None, web) as there, pytest.raises(ClusterUnusable, match="no Kafka broker"):
        reach.knock(there, {})


def test_a_plain_port_speaks_no_tls(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "SECONDS", 0.5)
    with listening(None) as there, pytest.raises(ClusterUnusable) as caught:
        reach.knock(there, tls(authority))
    assert "security.protocol" in caught.value.next_step
