"""Cards and reviews in the learner's file: the part of `SqliteStore` behind `tutor.sessions.ports.ReviewStore`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from tutor.errors import StoreError
from tutor.review.cards import Card, CardDraft, DayCount, NewCard, Review, Schedule
from tutor.store import review_rows as sql
from tutor.store.database import Database
from tutor.store.rows import moment, stamp
from tutor.text import encode


class SqliteReviews:
    """Cards and reviews. Reviews are only ever added; undoing adds a line too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- cards -------------------------------------------------------------------------------------------------------

    def card(self, card: int) -> Card | None:
        """One card by its id."""
        found = self._database.rows(f"{sql.SELECT_CARDS} WHERE id = ?", (card,))
        return sql.card(found[0]) if found else None

    def cards(self, scenario: int | None = None) -> Sequence[Card]:
        """All of them, or those of one scenario, oldest first."""
        where = "WHERE ?1 IS NULL OR scenario = ?1 ORDER BY id"
        return [sql.card(row) for row in self._database.rows(f"{sql.SELECT_CARDS} {where}", (scenario,))]

    def due_cards(self, before: datetime, limit: int, *, fresh: bool) -> Sequence[Card]:
        """Cards due before a moment, the longest due first. `fresh`: those never answered, else the others."""
        return [sql.card(row) for row in self._database.rows(sql.DUE, (fresh, stamp(before), limit))]

    def count_due(self, before: datetime, *, fresh: bool) -> int:
        """How many `due_cards` there are."""
        count: int = self._database.rows(sql.COUNT_DUE, (fresh, stamp(before)))[0][0]
        return count

    def dues(self, start: datetime, end: datetime) -> Sequence[datetime]:
        """When the answered cards are due, between two moments: for the load of each day."""
        return [moment(due) for (due,) in self._database.rows(sql.DUES, (stamp(start), stamp(end)))]

    def count_suspended(self) -> int:
        """How many cards are out of the queue."""
        count: int = self._database.rows("SELECT count(*) FROM cards WHERE suspended = 1")[0][0]
        return count

    def suspend(self, card: int, *, suspended: bool) -> None:
        """Take a card out of the queue, or put it back."""
        with self._database.write() as connection:
            connection.execute("UPDATE cards SET suspended = ? WHERE id = ?", (suspended, card))

    # --- reviews -----------------------------------------------------------------------------------------------------

    def add_review(self, review: Review, after: Schedule) -> Review:
        """Store a review, the card's new schedule, and drop its draft, in one transaction; returns it with its id.

        Raises StoreError where the card was answered elsewhere in the meantime: then nothing is stored.
        """
        with self._database.write() as connection:
            _reschedule(connection, review.card, after, review.before.answered)
            new = connection.execute(sql.INSERT_REVIEW, sql.review_values(review)).lastrowid
            connection.execute("DELETE FROM review_drafts WHERE card = ?", (review.card,))
        return msgspec.structs.replace(review, id=new or 0)

    def reviews(self, card: int | None = None) -> Sequence[Review]:
        """Oldest first, those undone left out."""
        where = f"WHERE {sql.NOT_UNDONE} AND (?1 IS NULL OR card = ?1) ORDER BY id"
        return [sql.review(row) for row in self._database.rows(f"{sql.SELECT_REVIEWS} {where}", (card,))]

    def last_review(self) -> Review | None:
        """The latest one that is not undone."""
        found = self._database.rows(f"{sql.SELECT_REVIEWS} WHERE {sql.NOT_UNDONE} ORDER BY id DESC LIMIT 1")
        return sql.review(found[0]) if found else None

    def undo_review(self, review: Review, at: datetime) -> None:
        """Take the last review back: the card is as before, and its answer is a draft again. In one transaction.

        Raises StoreError where it is not the last one any more.
        """
        draft = (review.card, encode(review.answer), review.seconds or 0.0, review.hints, stamp(at))
        with self._database.write() as connection:
            last = connection.execute(f"SELECT max(id) FROM reviews WHERE {sql.NOT_UNDONE}").fetchone()[0]
            if last != review.id:
                raise _elsewhere()
            connection.execute("INSERT INTO undone (review, at) VALUES (?, ?)", (review.id, stamp(at)))
            _reschedule(connection, review.card, review.before, review.before.answered + 1)
            connection.execute("INSERT OR REPLACE INTO review_drafts VALUES (?, ?, ?, ?, ?)", draft)

    def reviewed_on(self, day: date) -> frozenset[int]:
        """The cards answered on one of the learner's days."""
        return frozenset(card for (card,) in self._database.rows(sql.OF_DAY, (day.isoformat(),)))

    def review_days(self) -> Sequence[DayCount]:
        """What was done on each of the learner's days, oldest first; days without reviews are left out."""
        found = self._database.rows(sql.BY_DAY)
        return [DayCount(date.fromisoformat(day), *counts) for day, *counts in found]

    # --- drafts ------------------------------------------------------------------------------------------------------

    def save_card_draft(self, draft: CardDraft) -> None:
        """Replace the draft of its card."""
        values = (draft.card, encode(draft.text), draft.seconds, draft.hints, stamp(draft.at))
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO review_drafts VALUES (?, ?, ?, ?, ?)", values)

    def card_draft(self, card: int) -> CardDraft | None:
        """The unfinished answer to a card, if any."""
        found = self._database.rows(
            "SELECT card, answer, seconds, hints, at FROM review_drafts WHERE card = ?", (card,)
        )
        return sql.draft(found[0]) if found else None

    def drop_card_draft(self, card: int) -> None:
        """Forget it."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM review_drafts WHERE card = ?", (card,))


def insert_cards(connection: sqlite3.Connection, cards: Iterable[NewCard], attempt: int, at: datetime) -> None:
    """Add the cards of an attempt; those that are there already come back as early as new ones."""
    rows = [(card.scenario, card.target, card.kind, stamp(at), attempt, stamp(card.due or at)) for card in cards]
    connection.executemany(sql.INSERT_CARD, rows)


def drop_unanswered(connection: sqlite3.Connection, attempt: int, target: str) -> None:
    """Remove the card that this attempt made for a target, unless it has a history."""
    connection.execute("DELETE FROM cards WHERE attempt = ? AND target = ? AND answered = 0", (attempt, target))


def _reschedule(connection: sqlite3.Connection, card: int, new: Schedule, answered: int) -> None:
    if connection.execute(sql.UPDATE_SCHEDULE, sql.schedule_values(card, new, answered)).rowcount != 1:
        raise _elsewhere()


def _elsewhere() -> StoreError:
    return StoreError(
        "This card has changed in the meantime",
        "Another kafka-tutor answered it, took an answer back, or reset it. Nothing was changed here.",
        "Go on with the next card.",
    )
