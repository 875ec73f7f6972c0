"""The events of orders as they go into Kafka and into RabbitMQ: the same bytes in the same order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labs.marketplace import Order
from labs.ordering import Event, event_of, timeline, value_of
from labs.rabbit.values import Delivery, Message
from labs.values import Record

STAGES = (0, 1, 2)
"""created, paid, shipped."""
AT_ONCE = 6
"""Orders in flight at a time."""


def happened(placed: Sequence[Order], at_once: int = AT_ONCE) -> list[tuple[str, int]]:
    """(order id, stage) of all their events, as they happen."""
    return timeline([order.id for order in placed], STAGES, at_once)


def event_messages(placed: Sequence[Order], at_once: int = AT_ONCE) -> list[Message]:
    """The events for RabbitMQ, with the routing key `order.COUNTRY.PRODUCT.URGENCY`."""
    by_id = {order.id: order for order in placed}
    return [
        Message(value_of(name, stage).encode(), ".".join(("order", *by_id[name].words)), by_id[name].headers)
        for name, stage in happened(placed, at_once)
    ]


def handled(bodies: Iterable[bytes]) -> list[Event]:
    """The events among what was handled, in that order."""
    found = (event_of(Record("", 0, offset, 0, None, body)) for offset, body in enumerate(bodies))
    return [event for event in found if event is not None]


def from_deliveries(deliveries: Iterable[Delivery]) -> list[Event]:
    """The events among deliveries, in their order."""
    return handled(delivery.body for delivery in deliveries)
