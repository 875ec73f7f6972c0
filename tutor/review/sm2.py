"""Plain SM-2 (Woźniak 1990), for comparison in the simulation only."""

from __future__ import annotations

import msgspec

START_EASE = 2.5
LOWEST_EASE = 1.3
QUALITY = {1: 2, 2: 3, 3: 4, 4: 5}
"""From the four ratings to SM-2's six: again 2, hard 3, good 4, easy 5."""


class Sm2(msgspec.Struct, frozen=True):
    """What SM-2 knows of a card."""

    repetitions: int = 0
    ease: float = START_EASE
    interval: int = 0
    """Days."""


def repeated(card: Sm2, rating: int) -> Sm2:
    """The card after an answer."""
    quality = QUALITY[rating]
    ease = max(card.ease + 0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02), LOWEST_EASE)
    if quality < 3:
        return Sm2(0, ease, 1)
    interval = {0: 1, 1: 6}.get(card.repetitions, round(card.interval * card.ease))
    return Sm2(card.repetitions + 1, ease, interval)
