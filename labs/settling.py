"""When a trial has come to its end: predicates that are asked again and again while its program runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labs import crashes

if TYPE_CHECKING:
    from labs.trials import Trial

QUIET = 0.15
"""Seconds without a change after which nothing more is expected, where every payment has taken effect …"""
GRACE = 0.6
"""… and where one has not: other payments may overtake it."""
IDLE = 0.25
"""Seconds without a call after which a program that has done its work is waiting for more."""
ROUNDS = 3
"""Rounds of waiting after which it is, too."""


@dataclass(slots=True)
class _Steady:
    """True once a value has not changed for a time."""

    value: object = None
    since: float = field(default_factory=time.monotonic)

    def quiet_for(self, value: object) -> float:
        """Seconds since it last changed."""
        if value != self.value:
            self.value, self.since = value, time.monotonic()
        return time.monotonic() - self.since


def settled(trial: Trial, on_look: Callable[[], None] = lambda: None) -> Callable[[], bool]:
    """A predicate: the payment that came later has been handled, and nothing more is expected."""
    steady = _Steady()

    def look() -> bool:
        on_look()
        sums = trial.sums()
        quiet = steady.quiet_for(sums)
        return trial.handled_later(sums) and quiet >= (QUIET if trial.complete(sums, later=True) else GRACE)

    return look


def done(trial: Trial, seconds: float) -> Callable[[], bool]:
    """A predicate: all payments have taken effect, and nothing has changed for some seconds."""
    steady = _Steady()

    def look() -> bool:
        sums = trial.sums()
        return steady.quiet_for(sums) >= seconds and trial.complete(sums, later=False)

    return look


def waiting(trial: Trial) -> Callable[[], bool]:
    """A predicate on a traced run: all payments have taken effect, and the program waits for more.

    It makes no calls any more, or it has come round to waiting several times: loops may do something each time.
    """
    steady, begun = _Steady(), list[int]()

    def look() -> bool:
        rows = crashes.read_trace(trial.trace)
        calls, inside = crashes.busy(rows)
        quiet, complete = steady.quiet_for((calls, inside)), trial.complete(trial.sums(), later=False)
        if complete:
            begun.append(crashes.waits(rows))
        return complete and ((quiet >= IDLE and not inside) or begun[-1] >= begun[0] + ROUNDS)

    return look
