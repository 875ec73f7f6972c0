"""Ways around faults of kafka-python 3.0.12, each with the fault it is for."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any


def resume_join(consumer: Any) -> None:
    """Have a join go on that kafka-python 3.0.12 forgot: no heartbeats and no partitions, for ever.

    A leader that joins again because partitions changed takes the reason for settled once it has assigned them; when its
    poll times out just then, nobody waits for the rest of the join.
    """
    coordinator = consumer._coordinator
    if coordinator.group_id is not None and coordinator.rejoining and not coordinator.need_rejoin():
        coordinator.request_rejoin()


def drop_unsent(producer: Any) -> None:
    """Close a producer without what it has not sent yet.

    `close(timeout=0)` raises instead where something is unsent, and leaves its thread running.
    """
    producer._sender.force_close()
    producer._sender.join(5)
    producer.close(timeout=0)


def hear_last_words() -> None:
    """Have the client take what a broker sent together with the end of the connection: it drops that, unread.

    A refused login is such a word: without this, it looks like a lost connection, and is tried again until the time is over.
    """
    module = sys.modules.get("kafka.net.transport")
    for name in ("KafkaTCPTransport", "KafkaSSLTransport"):
        kind = getattr(module, name, None)
        original = getattr(kind, "_sock_recv", None)
        if original is not None and not getattr(original, "mended", False):
            kind._sock_recv = _patient(original)  # type: ignore[union-attr]


def _patient(original: Callable[[Any], tuple[bytes, Any]]) -> Callable[[Any], tuple[bytes, Any]]:
    def receive(self: Any) -> tuple[bytes, Any]:
        data, error = original(self)
        return data, None if data else error  # the end is met again at the next look

    receive.mended = True  # type: ignore[attr-defined]
    return receive


def construct(kind: type[Any], settings: Mapping[str, Any], begun: Callable[[Any], None]) -> Any:
    """A client of this kind; where its construction fails, its thread and its sockets end too, which it leaves behind.

    `begun` gets the client before it is whole, for `abandon`.
    """
    hear_last_words()
    client: Any = object.__new__(kind)
    begun(client)
    try:
        client.__init__(**settings)
    except BaseException:
        for part, end in (("_client", "close"), ("_net", "stop")):
            with contextlib.suppress(Exception):
                getattr(getattr(client, part), end)()
        raise
    return client


def abandon(client: Any) -> None:
    """End a client whose construction still goes on, on another thread.

    It would go on knocking for its `bootstrap_timeout_ms`, with a wrong password too: accounts are locked for less.
    """
    with contextlib.suppress(AttributeError):  # its own thread has not begun
        client._net.stop(timeout_ms=2000)


def close_wholly(client: Any, close: Callable[[Any], None]) -> None:
    """Close a client and every socket it had: it leaves one open whose last request was not yet sent off."""
    sockets = _sockets(client)
    close(client)
    for found in sockets:
        found.close()


def _sockets(client: Any) -> list[socket.socket]:
    found = []
    for holder in (client, getattr(client, "_sender", None)):
        manager = getattr(getattr(holder, "_client", None), "_manager", None)
        for connection in list(getattr(manager, "_conns", {}).values()):
            one = getattr(connection.transport, "_sock", None)
            if isinstance(one, socket.socket):
                found.append(one)
    return found
