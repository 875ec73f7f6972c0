"""Before and after: figures that labs measure of the template, of the learner's fix and of the reference's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labs.contract import Figure, Measured, Whose

_UNKNOWN = "–"


class Figures:
    """Collects them, in the order in which they first came."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def take(self, measured: Measured, yours: Whose) -> None:
        """One more value. `yours`: what the learner's file is now, for a figure that `verify` measured."""
        owner = yours if measured.whose == "yours" else measured.whose
        known = self._figures.get(measured.label, Figure(measured.label, measured.unit))
        match owner:
            case "template":
                known = replace(known, template=measured.value)
            case "yours":
                known = replace(known, yours=measured.value)
            case "reference":
                known = replace(known, reference=measured.value)
        self._figures[measured.label] = known

    def all(self) -> tuple[Figure, ...]:
        """All so far."""
        return tuple(self._figures.values())


def cells(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """A figure's plain values as words: what, as handed out, yours, the reference's."""
    label = f"{row['label']}, {row['unit']}" if row["unit"] else str(row["label"])
    return label, shown(row["template"]), shown(row["yours"]), shown(row["reference"])


def shown(value: float | None) -> str:
    """A value for people: no more digits than mean something."""
    if value is None:
        return _UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"
