"""Looking at a cluster's addresses before a Kafka client does: it would only say that it could not connect."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from labs.errors import ClusterUnusable

_NUMBER = 7
_QUESTION = struct.pack(">ihhih", 10, 18, 0, _NUMBER, -1)
"""ApiVersions, version 0, without a client id: the first thing that every Kafka client asks."""
_ANSWER = struct.Struct(">ii")
_LONGEST = 100_000
SECONDS = 4.0
"""For a connection, and for a handshake."""
Address = tuple[str, int]


def addresses(servers: str) -> list[Address]:
    """Host and port of each."""
    return [(host.strip("[]"), int(port)) for host, _, port in (part.rpartition(":") for part in servers.split(","))]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else. A name that is not known is not."""
    try:
        found = {row[4][0] for row in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found)


def refuse_remote(hosts: Iterable[str], what: str) -> None:
    """Raise ClusterUnusable where one of the hosts is not this machine."""
    away = [host for host in dict.fromkeys(hosts) if not is_loopback(host)]
    if away:
        raise ClusterUnusable(
            "That cluster is not on this machine",
            f"{what} {', '.join(away)}. Labs create and delete topics and groups there, all named kt-….",
            "If you may do that there, add --allow-remote (KAFKA_TUTOR_ALLOW_REMOTE=1).",
        )


def knock(servers: str, client: Mapping[str, Any]) -> None:
    """See that Kafka answers at one of the addresses, over TLS where it is asked for. Raises ClusterUnusable."""
    failed: list[str] = []
    has_tls = str(client.get("security_protocol", "")).endswith("SSL")
    for address in addresses(servers):
        try:
            with socket.create_connection(address, SECONDS) as found:
                if has_tls:
                    _ask_over_tls(found, address, client)
                else:
                    _ask_plainly(found, address, str(client.get("security_protocol", "PLAINTEXT")))
                return
        except socket.gaierror as error:
            failed.append(f"{_told(address)}: no such host ({error.strerror})")
        except TimeoutError:
            failed.append(f"{_told(address)}: no answer in {SECONDS:.0f} s")
        except OSError as error:
            failed.append(f"{_told(address)}: {error.strerror or error}")
    raise ClusterUnusable(
        "No broker can be reached", "; ".join(failed) + ".", "Check the address, and that Kafka runs there."
    )


def _answers(found: socket.socket) -> bool:
    """Whether the other side answers as Kafka does, before any login: it is asked for its versions. Raises OSError."""
    with contextlib.suppress(OSError):  # what the other side said before it broke off tells more
        found.sendall(_QUESTION)
    answer = b""
    while len(answer) < _ANSWER.size:
        if not (more := found.recv(_ANSWER.size - len(answer))):
            return False
        answer += more
    size, number = map(int, _ANSWER.unpack(answer))
    return 0 < size < _LONGEST and number == _NUMBER


def _ask_plainly(found: socket.socket, address: Address, protocol: str) -> None:
    try:
        if _answers(found):
            return
    except ConnectionError:
        pass  # a port with TLS may break off
    if speaks_tls(_told(address)):
        wanted = "SASL_SSL" if protocol.startswith("SASL") else "SSL"
        raise ClusterUnusable(
            "The brokers speak TLS there",
            f"{_told(address)}, and security.protocol is {protocol}.",
            f"-X security.protocol={wanted}",
        )
    raise _no_kafka(address)


def _no_kafka(address: Address) -> ClusterUnusable:
    return ClusterUnusable(
        "That is no Kafka broker", f"{_told(address)} answers, and not as Kafka does.", "Check the address."
    )


def speaks_tls(servers: str) -> bool:
    """Whether TLS is spoken at one of the addresses, with whatever certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for address in addresses(servers):
        try:
            with socket.create_connection(address, SECONDS) as found, context.wrap_socket(found):
                return True
        except ssl.SSLError as error:
            # A server that asks for a certificate ends the handshake with an alert: that is TLS, too.
            if error.reason and "ALERT" in error.reason:
                return True
        except OSError:
            continue
    return False


def _ask_over_tls(found: socket.socket, address: Address, client: Mapping[str, Any]) -> None:
    try:
        # With TLS 1.3 a server that misses a certificate says so only after the handshake.
        with _context(client).wrap_socket(found, server_hostname=address[0]) as tls:
            if not _answers(tls):
                raise _no_kafka(address)
    except ssl.SSLCertVerificationError as error:
        raise ClusterUnusable(
            "The broker's certificate is not trusted", f"{_told(address)}: {error.verify_message}.", _remedy(error)
        ) from None
    except ssl.SSLError as error:
        raise _no_tls(address, error) from None
    except TimeoutError:
        raise ClusterUnusable(
            "The broker does not speak TLS",
            f"{_told(address)} says nothing for {SECONDS:.0f} s.",
            "Check security.protocol and the port.",
        ) from None
    except ConnectionError as error:
        raise ClusterUnusable(
            "The broker broke off the TLS handshake",
            f"{_told(address)}: {error.strerror}.",
            "Check security.protocol and the port.",
        ) from None


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    if "ostname" in error.verify_message or "IP address" in error.verify_message:
        return "Use the name that is in its certificate."
    return "Name the CA that signed it: ssl.truststore.location (or ssl.ca.location), a PEM, PKCS12 or JKS file."


def _no_tls(address: Address, error: ssl.SSLError) -> ClusterUnusable:
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "certificate required" in reason or "bad certificate" in reason or "unknown ca" in reason:
        return ClusterUnusable(
            "The broker asks for a client certificate",
            f"{_told(address)}: {reason}.",
            "Name yours: ssl.keystore.location (or ssl.certificate.location and ssl.key.location).",
        )
    return ClusterUnusable(
        "The TLS handshake failed", f"{_told(address)}: {reason}.", "Check security.protocol and the port."
    )


def _context(client: Mapping[str, Any]) -> ssl.SSLContext:
    """As kafka-python makes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = bool(client.get("ssl_check_hostname", True))
    try:
        if client.get("ssl_cafile"):
            context.load_verify_locations(client["ssl_cafile"])
        else:
            context.load_default_certs()
        if client.get("ssl_certfile"):
            # A callable: without a password OpenSSL would ask at the terminal.
            context.load_cert_chain(
                client["ssl_certfile"], client.get("ssl_keyfile"), lambda: client.get("ssl_password") or ""
            )
    except (ssl.SSLError, OSError, ValueError) as error:
        raise ClusterUnusable(
            "A certificate or key cannot be used",
            f"{type(error).__name__}: {getattr(error, 'reason', None) or error.args[-1]}.",
            "Check ssl.truststore.location, ssl.keystore.location and ssl.key.password.",
        ) from None
    return context


def _told(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
