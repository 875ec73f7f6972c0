"""Cards and reviews to rows and back, without loss."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import msgspec

from tutor.errors import StoreError
from tutor.review.cards import Card, CardDraft, Kind, Rating, Review, Schedule, Verdict
from tutor.store.rows import Row, from_json, moment, stamp, to_json
from tutor.text import decode, encode

_SCHEDULE = "due, state, step, stability, difficulty, last_review, answered, failed, suspended"
SELECT_CARDS = f"SELECT id, scenario, target, kind, created, attempt, {_SCHEDULE} FROM cards"
INSERT_CARD = """
INSERT INTO cards (scenario, target, kind, created, attempt, due) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (scenario, target) DO UPDATE SET due = min(due, excluded.due), suspended = 0
"""
"""A card that is there already comes back as early as a new one would: the learner has just failed at it."""
UPDATE_SCHEDULE = """
UPDATE cards SET due = ?, state = ?, step = ?, stability = ?, difficulty = ?, last_review = ?, answered = ?,
                 failed = ?, suspended = ?
WHERE id = ? AND answered = ?
"""
NOT_UNDONE = "id NOT IN (SELECT review FROM undone)"
SELECT_REVIEWS = "SELECT id, card, at, day, rating, derived, seconds, hints, answer, verdict, before FROM reviews"
INSERT_REVIEW = """
INSERT INTO reviews (card, at, day, rating, derived, seconds, hints, answer, verdict, state, before)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DUE = f"{SELECT_CARDS} WHERE suspended = 0 AND (answered = 0) = ? AND due < ? ORDER BY due, id LIMIT ?"
COUNT_DUE = "SELECT count(*) FROM cards WHERE suspended = 0 AND (answered = 0) = ? AND due < ?"
DUES = "SELECT due FROM cards WHERE suspended = 0 AND (answered = 0) = 0 AND due >= ? AND due < ?"
BY_DAY = f"""
SELECT day, count(*), sum(state = 2), sum(state = 2 AND rating > 1) FROM reviews WHERE {NOT_UNDONE}
GROUP BY day ORDER BY day
"""
OF_DAY = f"SELECT DISTINCT card FROM reviews WHERE day = ? AND {NOT_UNDONE}"


def card(row: Row) -> Card:
    """From SELECT_CARDS."""
    id_, scenario, target, kind, created, attempt, *schedule = row
    return Card(id_, scenario, target, cast(Kind, kind), moment(created), attempt, _schedule(schedule))


def _schedule(row: list[Any]) -> Schedule:
    due, state, step, stability, difficulty, last, answered, failed, suspended = row
    return Schedule(
        due=moment(due),
        state=state,
        step=step,
        stability=stability,
        difficulty=difficulty,
        last_review=moment(last) if last else None,
        answered=answered,
        failed=failed,
        suspended=bool(suspended),
    )


def schedule_values(card: int, new: Schedule, answered: int) -> Row:
    """For UPDATE_SCHEDULE; `answered`: how often the card must have been answered so far."""
    return (
        stamp(new.due),
        new.state,
        new.step,
        new.stability,
        new.difficulty,
        stamp(new.last_review) if new.last_review else None,
        new.answered,
        new.failed,
        new.suspended,
        card,
        answered,
    )


def review_values(review: Review) -> Row:
    """For INSERT_REVIEW."""
    return (
        review.card,
        stamp(review.at),
        review.day.isoformat(),
        review.rating,
        review.derived,
        review.seconds,
        review.hints,
        encode(review.answer),
        to_json(review.verdict),
        review.before.state,
        to_json(review.before),
    )


def review(row: Row) -> Review:
    """From SELECT_REVIEWS. Raises StoreError where its verdict cannot be read."""
    id_, card, at, day, rating, derived, seconds, hints, answer, verdict, before = row
    try:
        return Review(
            id=id_,
            card=card,
            at=moment(at),
            day=date.fromisoformat(day),
            rating=cast(Rating, rating),
            derived=cast(Rating, derived),
            seconds=seconds,
            hints=hints,
            answer=decode(answer),
            verdict=msgspec.convert(from_json(verdict), Verdict),
            before=msgspec.convert(from_json(before), Schedule),
        )
    except (ValueError, msgspec.ValidationError) as error:
        raise StoreError("A stored review cannot be read", f"Review {id_}: {error}.", "kafka-tutor doctor") from error


def draft(row: Row) -> CardDraft:
    """From the table `review_drafts`."""
    card, answer, seconds, hints, at = row
    return CardDraft(card, decode(answer), seconds, hints, moment(at))
