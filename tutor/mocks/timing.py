"""The clock of the interview in words. It informs; nothing here ends anything."""

from __future__ import annotations

import msgspec

WARN_LEFT = 300.0
"""Seconds before the end from which the time left is told …"""
WARN_SHARE = 0.2
"""… of a short interview only in this last part."""


class Timing(msgspec.Struct, frozen=True):
    """Where the time has gone."""

    used: float
    """Seconds, pauses not counted."""
    minutes: float
    """What the whole interview has."""
    question_used: float
    question_minutes: float
    """The question's share."""

    @property
    def left(self) -> float:
        """Seconds; negative once it is over."""
        return self.minutes * 60 - self.used

    @property
    def is_over(self) -> bool:
        """Whether an interviewer would look at the clock."""
        return self.left < 0


def mood(timing: Timing) -> str:
    """What there is to say about the time; empty where there is nothing."""
    if timing.is_over:
        return f"{-timing.left / 60:.0f} min over. Nothing is cut off: finish what you want to say."
    if timing.question_used > timing.question_minutes * 60:
        return "This question has had its share of the time."
    if timing.left <= min(WARN_LEFT, timing.minutes * 60 * WARN_SHARE):
        return f"{timing.left / 60:.0f} min left."
    return ""
