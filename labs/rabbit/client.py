"""The RabbitMQ client, typed: the only module that imports `pika`.

Every call runs on a thread of its own (`labs.waits.Worker`), so that a stop ends it at once. Faults of the client come
out as `RabbitRefused` where RabbitMQ said no, and as `RabbitError` where it is gone.
"""

from __future__ import annotations

import functools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Self, TypeVar

import pika
from pika import exceptions

from labs.contract import StopToken
from labs.errors import RabbitError, RabbitRefused
from labs.rabbit.values import Delivery, Message
from labs.waits import Worker

T = TypeVar("T")
SOCKET_SECONDS = 5.0
BLOCKED_SECONDS = 10.0
"""How long RabbitMQ may hold publishers up (its memory or disk alarm) before that is a fault."""
TURN = 0.05
"""Seconds of one look for deliveries: the longest that a stop has to wait for it."""
UNUSED_MS = 300_000
"""A queue that nobody has used for so long removes itself: also on a broker that a killed run never came back to."""
ENDING = (320, 541)
"""Codes with which RabbitMQ closes a connection because it is closed itself, or broken."""
Why = Callable[[], str | None]
"""Why RabbitMQ is gone, if that is known."""


class _Connection:
    """One connection with one channel, made at the first call."""

    def __init__(self, url: str, stop: StopToken, why: Why) -> None:
        _quiet()
        self._url = url
        self._stop = stop
        self._why = why
        self._connection: Any = None
        self._channel: Any = None
        self._worker = Worker("rabbitmq")

    def _call(self, what: str, job: Callable[[Any], T]) -> T:
        def run() -> T:
            if self._channel is None:
                self._open()
            return job(self._channel)

        try:
            return self._worker.call(run, self._stop)
        except (exceptions.AMQPError, exceptions.ChannelError, OSError) as error:
            self._channel = None
            self._stop.check()
            raise self._fault(what, error) from error

    def _open(self) -> None:
        if self._connection is None or not self._connection.is_open:
            self._connection = pika.BlockingConnection(parameters(self._url))
        self._channel = self._connection.channel()
        self._on_channel(self._channel)

    def _on_channel(self, channel: Any) -> None:
        """Prepare a new channel."""

    def _fault(self, what: str, error: Exception) -> RabbitError:
        closed = isinstance(error, (exceptions.ChannelClosedByBroker, exceptions.ConnectionClosedByBroker))
        code, answer = getattr(error, "reply_code", 0), getattr(error, "reply_text", "")
        if closed and code not in ENDING:
            return RabbitRefused(f"RabbitMQ refused: {what}", f"It answered: {answer}.", "Type `reset`.")
        reason = self._why() or f"The connection was lost ({type(error).__name__}) while it was asked to {what}."
        return RabbitError("RabbitMQ stopped in the middle of the lab", reason, "Type `reset` to start it afresh.")

    def close(self) -> None:
        """Let go of the connection, without waiting long for it."""
        self._worker.finish(self._finish)

    def _finish(self) -> None:
        with suppress(exceptions.AMQPError, exceptions.ChannelError, OSError):
            if self._connection is not None and self._connection.is_open:
                self._tidy(self._connection)
                self._connection.close()

    def _tidy(self, connection: Any) -> None:
        """Remove what was declared."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Rabbit(_Connection):
    """Queues, exchanges and messages. What it declares it removes when it closes."""

    def __init__(self, url: str, stop: StopToken, why: Why = lambda: None) -> None:
        super().__init__(url, stop, why)
        self.url = url
        self._queues: list[str] = []
        self._exchanges: list[str] = []

    # --- what there is -----------------------------------------------------------------------------------------------

    def exchange(self, name: str, kind: str) -> str:
        """Declare an exchange of a kind (`direct`, `fanout`, `topic`, `headers`); returns its name."""
        self._exchanges.append(name)
        what = f"declare the {kind} exchange {name}"
        self._call(what, lambda channel: channel.exchange_declare(name, kind, durable=True, auto_delete=True))
        return name

    def queue(self, name: str, arguments: Mapping[str, Any] | None = None) -> str:
        """Declare a durable queue; returns its name."""
        self._queues.append(name)
        options = {"x-expires": UNUSED_MS, **(arguments or {})}
        self._call(f"declare the queue {name}", lambda ch: ch.queue_declare(name, durable=True, arguments=options))
        return name

    def bind(self, queue: str, exchange: str, key: str = "", arguments: Mapping[str, Any] | None = None) -> None:
        """Let a queue have what comes to an exchange and fits."""
        what = f"bind {queue} to {exchange}"
        self._call(what, lambda channel: channel.queue_bind(queue, exchange, key, dict(arguments or {})))

    def depth(self, queue: str) -> int:
        """Messages that wait in a queue, those under way to consumers not counted. Raises RabbitRefused without it."""
        found = self._call(f"look at the queue {queue}", lambda channel: channel.queue_declare(queue, passive=True))
        return int(found.method.message_count)

    def exists(self, queue: str) -> bool:
        """Whether there is such a queue."""
        try:
            self.depth(queue)
        except RabbitRefused:
            return False
        return True

    # --- messages ----------------------------------------------------------------------------------------------------

    def publish(self, exchange: str, messages: Iterable[Message]) -> None:
        """Publish, and return when all are in their queues. To the exchange "" the routing key names a queue."""

        def job(channel: Any) -> None:
            # One commit waits for all; a confirmation of each takes ten times as long. Without either, a look at a queue
            # overtakes what is still on its way there.
            own = channel.connection.channel()
            own.tx_select()
            for message in messages:
                own.basic_publish(exchange, message.key, message.body, _properties(message))
            own.tx_commit()
            own.close()

        self._call(f"publish to {exchange or 'the default exchange'}", job)

    def publish_confirmed(self, exchange: str, message: Message) -> bool:
        """Publish one message on a channel of its own; whether RabbitMQ confirmed it."""

        def job(channel: Any) -> bool:
            own = channel.connection.channel()
            own.confirm_delivery()
            try:
                own.basic_publish(exchange, message.key, message.body, _properties(message))
            except exceptions.NackError:
                return False
            finally:
                own.close()
            return True

        return self._call(f"publish to {exchange}", job)

    def drain(self, queue: str, limit: int = 10_000) -> list[Delivery]:
        """Take what waits in a queue, acknowledging each message, until it is empty."""

        def job(channel: Any) -> list[Delivery]:
            taken: list[Delivery] = []
            while len(taken) < limit:
                method, properties, body = channel.basic_get(queue)
                if method is None:
                    break
                channel.basic_ack(method.delivery_tag)
                taken.append(_delivery(method, properties, body))
            return taken

        return self._call(f"read the queue {queue}", job)

    def subscribe(self, queue: str, prefetch: int, *, stop: StopToken | None = None) -> Subscription:
        """A consumer with a connection of its own. Close it, or use it in a `with`."""
        return Subscription(self._url, stop or self._stop, self._why, queue, prefetch)

    # --- the end -----------------------------------------------------------------------------------------------------

    def _tidy(self, connection: Any) -> None:
        channel = connection.channel()
        for queue in self._queues:
            channel.queue_delete(queue)
        for exchange in self._exchanges:
            channel.exchange_delete(exchange)


class Subscription(_Connection):
    """One consumer: RabbitMQ pushes messages to it, up to `prefetch` that it has not acknowledged."""

    def __init__(self, url: str, stop: StopToken, why: Why, queue: str, prefetch: int) -> None:
        super().__init__(url, stop, why)
        self._queue = queue
        self._prefetch = prefetch
        self._came: deque[Delivery] = deque()
        self._call(f"consume {queue}", lambda _: None)

    def _on_channel(self, channel: Any) -> None:
        def take(_: Any, method: Any, properties: Any, body: bytes) -> None:
            self._came.append(_delivery(method, properties, body))

        channel.basic_qos(prefetch_count=self._prefetch)
        channel.basic_consume(self._queue, take)

    def receive(self, seconds: float = 0.0) -> Delivery | None:
        """The next message that has been pushed; None where none comes within the time."""
        end = time.monotonic() + seconds
        while not self._came:
            left = end - time.monotonic()
            self._call(f"consume {self._queue}", functools.partial(_look, max(0.0, min(TURN, left))))
            if left <= 0:
                break
        return self._came.popleft() if self._came else None

    def ack(self, delivery: Delivery) -> None:
        """The work is done: RabbitMQ may forget the message."""
        self._call("acknowledge a message", lambda channel: channel.basic_ack(delivery.tag))

    def nack(self, delivery: Delivery, *, requeue: bool) -> None:
        """The work is not done: back into the queue, or away (to the dead letter exchange, where there is one)."""
        self._call("give a message back", lambda channel: channel.basic_nack(delivery.tag, requeue=requeue))


# --- details -------------------------------------------------------------------------------------------------------------


def parameters(url: str) -> Any:
    """How to connect to an `amqp://` URL. Raises RabbitError where it is none."""
    try:
        if not url.lower().startswith(("amqp://", "amqps://")):
            raise ValueError("it does not begin with amqp:// or amqps://")
        found = pika.URLParameters(url)
    except Exception as error:  # whatever pika makes of a port like `http` or an option that it does not know
        raise RabbitError(
            "That is no address of a RabbitMQ",
            f"{shown(url)} cannot be used: {error}.",
            "It looks like this: --amqp-url amqp://user:password@host:5672/vhost",
        ) from error
    found.heartbeat = 0  # connections live for one phase, and nothing serves heartbeats between two calls
    found.connection_attempts = 1
    found.socket_timeout = found.stack_timeout = SOCKET_SECONDS
    found.blocked_connection_timeout = BLOCKED_SECONDS
    return found


def shown(url: str) -> str:
    """A URL without its password."""
    head, at, tail = url.rpartition("@")
    scheme, slashes, user = head.rpartition("://")
    return f"{scheme}{slashes}{user.partition(':')[0]}:…@{tail}" if at and ":" in user else url


def why_not(url: str) -> str:
    """Why no connection can be made; empty where one can. Raises RabbitError where it is no address. Blocks."""
    _quiet()
    wanted = parameters(url)
    try:
        pika.BlockingConnection(wanted).close()
    except exceptions.ProbableAuthenticationError:
        return "it does not know this user, or not with this password"
    except exceptions.ProbableAccessDeniedError:
        return f"this user may not enter the virtual host {wanted.virtual_host}"
    except exceptions.ConnectionClosedByBroker as error:
        return f"it answered: {error.reply_text}"
    except (exceptions.AMQPError, OSError) as error:
        return f"nobody answers there as RabbitMQ does ({type(error).__name__})"
    return ""


def _look(seconds: float, channel: Any) -> None:
    channel.connection.process_data_events(seconds)


def _delivery(method: Any, properties: Any, body: bytes) -> Delivery:
    return Delivery(method.delivery_tag, body, bool(method.redelivered), properties.reply_to or "")


def _properties(message: Message) -> Any:
    return pika.BasicProperties(
        headers=dict(message.headers),
        delivery_mode=2,
        priority=message.priority,
        expiration=None if message.expires_ms is None else str(message.expires_ms),
        reply_to=message.reply_to or None,
    )


def _quiet() -> None:
    """The client logs every lost connection; without a handler Python would print that over the learner's screen."""
    logger = logging.getLogger("pika")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
