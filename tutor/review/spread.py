"""Which day of several that are as good: the one with least to do, and by a card's own dice where they are alike.

py-fsrs draws its fuzz from the global generator, so that a card's interval would depend on whatever else drew numbers.
Here each card has its own, seeded by its id and the count of its answers: the same history gives the same days.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from fsrs.scheduler import FUZZ_RANGES

from tutor.review.days import Zone, day_of

SHORTEST = 2.5
"""Intervals below are left as they are, as in FSRS."""


def window(days: int, longest: int) -> range:
    """The intervals that are as good as this one: FSRS's own ranges, a day or two here, some weeks in half a year."""
    if days < SHORTEST:
        return range(days, days + 1)
    delta = 1.0 + sum(part["factor"] * max(min(float(days), part["end"]) - part["start"], 0.0) for part in FUZZ_RANGES)
    last = min(round(days + delta), longest)
    return range(min(max(2, round(days - delta)), last), last + 1)


def balanced(days: int, at: datetime, seed: str, loads: Mapping[date, int], zone: Zone, longest: int) -> int:
    """The interval in days: in the window, on the learner's day that has the fewest cards."""
    candidates = window(days, longest)
    load = {count: loads.get(day_of(at + timedelta(days=count), zone), 0) for count in candidates}
    least = min(load.values())
    return random.Random(seed).choice([count for count in candidates if load[count] == least])
