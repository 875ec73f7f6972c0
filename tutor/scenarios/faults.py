"""What is wrong in a question pack, and where."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tutor.text import shown

KeyPath = tuple[str | int, ...]
"""Where a value sits in a YAML document: `("points", 3, "weight")`."""


class Fault(msgspec.Struct, frozen=True, order=True):
    """One fault of a pack."""

    file: Path
    line: int
    """Counted from 1; 0 where the whole file is meant."""
    key: str
    """`points[3].weight`; empty where no key is meant."""
    message: str
    """One sentence without a full stop."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return shown(f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}")


def key_text(path: Iterable[str | int]) -> str:
    """A path as it is written for people: `points[3].weight`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


class Broken(Exception):
    """Raised while a pack is read: what was found so far makes going on pointless."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults
        """At least one."""
