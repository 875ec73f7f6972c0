"""When a card comes back: FSRS-6 by py-fsrs, days spread so that none is overfull, leeches taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache

import fsrs
import msgspec

from tutor.review.cards import RATINGS, REVIEW, Card, Rating, Schedule
from tutor.review.days import Zone
from tutor.review.spread import balanced

RETENTION = 0.9
"""Recall that is aimed at when a card comes back."""
STEPS = (timedelta(minutes=10),)
"""One step only: a typed answer takes a minute or two, so a new card is not asked twice in a row when it was right."""
LONGEST = 365
"""Days; an interview is never further away than that."""
LEECH = 5
"""So many failures make a leech; afterwards every third one does so again."""
LEECH_AGAIN = 3


@cache
def scheduler(retention: float = RETENTION) -> fsrs.Scheduler:
    """FSRS as it is used here: its own default parameters; spreading is ours, since its fuzz cannot be seeded."""
    return fsrs.Scheduler(
        desired_retention=retention,
        learning_steps=STEPS,
        relearning_steps=STEPS,
        maximum_interval=LONGEST,
        enable_fuzzing=False,
    )


def answered(schedule: Schedule, rating: Rating, at: datetime, retention: float = RETENTION) -> Schedule:
    """The schedule after an answer, exactly as py-fsrs has it."""
    before = _to_fsrs(schedule)
    after, _ = scheduler(retention).review_card(before, fsrs.Rating(rating), at)
    failed = schedule.failed + (rating == 1 and schedule.answered > 0)
    return Schedule(
        due=after.due,
        state=int(after.state),
        step=after.step,
        stability=after.stability,
        difficulty=after.difficulty,
        last_review=after.last_review,
        answered=schedule.answered + 1,
        failed=failed,
        suspended=failed > schedule.failed and is_leech(failed),
    )


def is_leech(failed: int) -> bool:
    """Whether this failure takes the card out of the queue: repeating does not help, another way of learning does."""
    return failed >= LEECH and (failed - LEECH) % LEECH_AGAIN == 0


def recalls(schedule: Schedule, moments: Sequence[datetime]) -> list[float]:
    """`recall` at several moments."""
    card = _to_fsrs(schedule)
    return [scheduler().get_card_retrievability(card, at) for at in moments]


def recall(schedule: Schedule, at: datetime) -> float:
    """How likely the card is remembered at a moment: 0 before its first answer."""
    return scheduler().get_card_retrievability(_to_fsrs(schedule), at)


def options(
    card: Card,
    at: datetime,
    loads: Mapping[date, int],
    zone: Zone = None,
    *,
    retention: float = RETENTION,
    fuzz: bool = True,
) -> dict[Rating, Schedule]:
    """The schedule that each rating would give. `loads`: cards due on each of the learner's days.

    `fuzz` off: exactly what FSRS says, for tests.
    """
    exact = {rating: answered(card.schedule, rating, at, retention) for rating in RATINGS}
    if not fuzz:
        return exact
    return {rating: _spread(card, after, at, loads, zone) for rating, after in exact.items()}


def _spread(card: Card, after: Schedule, at: datetime, loads: Mapping[date, int], zone: Zone) -> Schedule:
    if after.state != REVIEW:
        return after
    days = balanced((after.due - at).days, at, f"{card.id}:{after.answered}", loads, zone, LONGEST)
    return msgspec.structs.replace(after, due=at + timedelta(days=days))


def _to_fsrs(schedule: Schedule) -> fsrs.Card:
    return fsrs.Card(
        card_id=1,  # without one py-fsrs sleeps for a millisecond to make one up
        state=fsrs.State(schedule.state),
        step=schedule.step,
        stability=schedule.stability,
        difficulty=schedule.difficulty,
        due=schedule.due,
        last_review=schedule.last_review,
    )
