"""The orders of a marketplace, and what messages about them are routed by. Pure."""

from __future__ import annotations

from dataclasses import dataclass

COUNTRIES = ("de", "at", "fr")
PRODUCTS = ("books", "toys")


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
