"""What goes through the messaging of a marketplace, the same into Kafka and into RabbitMQ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labs.ordering import Event, event_of, timeline, value_of
from labs.rabbit.values import Delivery, Message
from labs.values import Record

COUNTRIES = ("de", "at", "fr")
PRODUCTS = ("books", "toys")
STAGES = (0, 1, 2)
"""created, paid, shipped."""
AT_ONCE = 6
"""Orders in flight at a time."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order, with what messages about it are routed by."""

    number: int

    @property
    def id(self) -> str:
        """Its name, and Kafka's key."""
        return f"order-{1000 + self.number}"

    @property
    def country(self) -> str:
        """A third of the orders each."""
        return COUNTRIES[self.number % 3]

    @property
    def product(self) -> str:
        """Half of the orders each."""
        return PRODUCTS[self.number // 3 % 2]

    @property
    def urgency(self) -> str:
        """Every fourth order is urgent."""
        return "urgent" if self.number % 4 == 0 else "normal"

    @property
    def words(self) -> tuple[str, str, str]:
        """Country, product, urgency."""
        return self.country, self.product, self.urgency

    @property
    def headers(self) -> dict[str, str]:
        """The same as headers."""
        return {"country": self.country, "product": self.product, "urgency": self.urgency}


def orders(count: int) -> list[Order]:
    """So many orders."""
    return [Order(number) for number in range(count)]


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
