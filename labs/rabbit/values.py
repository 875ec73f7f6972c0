"""What goes to RabbitMQ and comes from it: values only, no connection behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be published."""

    body: bytes
    key: str = ""
    """The routing key."""
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: int | None = None
    expires_ms: int | None = None
    """After how long in a queue it is no longer wanted; None: never."""
    reply_to: str = ""
    """The queue for an answer."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as a consumer was handed it."""

    tag: int
    """What it is acknowledged by, on the connection that it came on."""
    body: bytes
    redelivered: bool
    reply_to: str = ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")
