"""Values for tests of the store."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from tests.unit.sessions.make import START
from tutor.grading.types import GraderId, Span
from tutor.review.cards import Card, NewCard, Review, Schedule, Verdict
from tutor.sessions.ports import Attempt
from tutor.store.sqlite import SqliteStore

VERDICT = Verdict(True, "covered", (Span(0, 3), Span(5, 9)), 0.1 + 0.2, True, GraderId("model", "abc"), ("A note.",))


def add_cards(store: SqliteStore, attempt: Attempt, *targets: str) -> list[Card]:
    """Store an attempt with cards for these targets; returns them."""
    kinds = {True: "misconception", False: "point"}
    cards = [NewCard(attempt.scenario, target, kinds[target.startswith("m_")]) for target in targets]  # type: ignore[arg-type]
    store.add_attempt(attempt, cards)
    return [card for card in store.cards(attempt.scenario) if card.target in targets]


def review(card: Card, **changes: object) -> Review:
    made = Review(0, card.id, START, date(2026, 11, 23), 3, 2, 61.5, 1, "The group resumes.", VERDICT, card.schedule)
    return msgspec.structs.replace(made, **changes)


def after(card: Card, days: float = 3.0, **changes: object) -> Schedule:
    schedule = msgspec.structs.replace(
        card.schedule,
        due=START + timedelta(days=days),
        state=2,
        step=None,
        stability=2 / 3,
        difficulty=5.1 + 0.2,
        last_review=START,
        answered=card.schedule.answered + 1,
    )
    return msgspec.structs.replace(schedule, **changes)
