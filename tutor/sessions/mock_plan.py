"""A mock interview being planned and begun: level, length, and the questions with the reason for each."""

from __future__ import annotations

import random
from datetime import datetime

from tutor.errors import UsageError
from tutor.mocks.choosing import Standing, choose
from tutor.mocks.values import Chosen, Level, Mock
from tutor.review.days import Zone, day_of, end_of
from tutor.sessions.mock import Scenarios, readable, unfinished
from tutor.sessions.ports import MockStore, Store


def plan(
    store: Store,
    scenarios: Scenarios,
    now: datetime,
    level: Level,
    minutes: int,
    dice: random.Random,
    zone: Zone = None,
) -> tuple[Chosen, ...]:
    """The questions that would be asked now, with the reason for each. Raises StoreError."""
    return choose(standings(store, scenarios, now, zone), level, minutes, dice)


def standings(store: Store, scenarios: Scenarios, now: datetime, zone: Zone = None) -> list[Standing]:
    """Where the learner stands with each scenario. Raises StoreError."""
    last = {attempt.scenario: attempt for attempt in store.attempts() if attempt.follow_up_to is None}
    before = _last_mock(store)
    asked = {question.scenario for question in before.answered} if before else set()
    end = end_of(day_of(now, zone), zone)
    cards = [card for card in store.cards() if not card.schedule.suspended and card.schedule.due < end]
    return [
        Standing(
            scenario=one.id,
            minutes=one.minutes,
            last=last[one.id].grade.score if one.id in last else None,
            dimensions=last[one.id].grade.dimensions if one.id in last else {},
            due=sum(card.scenario == one.id for card in cards),
            asked_last=one.id in asked,
        )
        for one in scenarios
    ]


def _last_mock(store: MockStore) -> Mock | None:
    return next((mock for mock in reversed(readable(store)) if mock.is_finished), None)


def begin(store: Store, level: Level, minutes: int, questions: tuple[Chosen, ...], now: datetime) -> Mock:
    """Store a new interview. Raises UsageError without questions or where one is open, StoreError."""
    open_ = unfinished(store, ())
    if open_ is not None:
        raise UsageError(
            "You have an unfinished mock interview",
            f"{open_.level}, {open_.minutes} minutes, begun on {open_.started:%Y-%m-%d %H:%M} UTC.",
            "Go on with it: kafka-tutor mock --resume   or give it up: kafka-tutor mock discard",
        )
    if not questions:
        raise UsageError("There is nothing to ask", "No scenario could be read.", "kafka-tutor check")
    return store.add_mock(Mock(0, level, minutes, now, questions))
