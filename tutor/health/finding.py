"""One thing looked at."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Item(Protocol):
    """What the broker's own checks report (`labs.broker.health`)."""

    @property
    def name(self) -> str:
        """What was looked at."""

    @property
    def ok(self) -> bool:
        """Whether it is fine."""

    @property
    def found(self) -> str:
        """What was found."""

    @property
    def remedy(self) -> str:
        """The one command that mends it; empty where it is fine."""


class Finding(msgspec.Struct, frozen=True):
    """What a check found."""

    name: str
    """What was looked at: `java`, `disk` …"""
    ok: bool
    found: str
    """The facts, in one line."""
    remedy: str = ""
    """The one command, or the one step where no command can do it; empty where all is fine."""


def adopted(item: Item) -> Finding:
    """A finding of the broker's checks."""
    return Finding(item.name, item.ok, item.found, item.remedy)
