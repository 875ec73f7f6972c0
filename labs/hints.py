"""Hints in three tiers: one more each time, for the first check that fails now."""

from __future__ import annotations

from collections.abc import Sequence

from labs.contract import Check

NOTHING_TO_HINT = "Every check passes. There is nothing to hint at."


class Hints:
    """Remembers which tiers the learner has opened."""

    def __init__(self) -> None:
        self._tier: dict[str, int] = {}

    @property
    def opened(self) -> int:
        """Tiers opened in all."""
        return sum(self._tier.values())

    def next(self, checks: Sequence[Check]) -> str:
        """The next hint of the first failing check; its last one again when there is no more."""
        failing = next((check for check in checks if not check.ok), None)
        if failing is None:
            return NOTHING_TO_HINT
        if not failing.hints:
            return f"{failing.title}: expected {failing.expected}, found {failing.found}."
        tier = min(self._tier.get(failing.id, 0) + 1, len(failing.hints))
        self._tier[failing.id] = tier
        return f"Hint {tier} of {len(failing.hints)}: {failing.hints[tier - 1]}"
