"""Cards, reviews, undo, reset: what goes in comes out, and each write is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade
from tests.unit.store.make import add_cards, after, review
from tutor.errors import StoreError
from tutor.grading.types import MisconceptionResult
from tutor.review.cards import CardDraft, DayCount, NewCard, Schedule
from tutor.sessions.ports import Attempt, Draft, LabRecord, Overrule
from tutor.store.migrate import shipped
from tutor.store.opening import open_database
from tutor.store.sqlite import SqliteStore

Reopen = Callable[[], SqliteStore]
LATER = START + timedelta(days=1)


def test_an_attempt_makes_cards_that_are_due_at_once(store: SqliteStore, reopen: Reopen) -> None:
    point, belief = add_cards(store, attempt(1), "resume", "m_always")
    assert (point.kind, belief.kind, point.attempt, point.created) == ("point", "misconception", 1, START)
    assert point.schedule == Schedule(START)
    assert reopen().cards() == [point, belief]
    assert reopen().card(point.id) == point and reopen().card(99) is None


def test_a_card_that_is_there_is_due_again_and_keeps_its_memory(store: SqliteStore) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    store.add_review(review(card), after(card, 30, suspended=True))
    store.add_attempt(attempt(1), [NewCard(1, "resume", "point")])
    (again,) = store.cards()
    assert again.id == card.id and again.schedule == after(card, 0, suspended=False)
    store.add_attempt(
        Attempt(0, 1, "x", grade(), LATER, 1.0), [NewCard(1, "resume", "point")]
    )  # due already: the earlier time stays
    assert store.cards()[0].schedule.due == START


@pytest.mark.parametrize("said", [EVERYTHING, "", "\ud800", "x" * 1_000_000])
def test_a_review_comes_back_whole(store: SqliteStore, reopen: Reopen, said: str) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    stored = store.add_review(review(card, answer=said), after(card))
    assert stored.id == 1
    other = reopen()
    assert other.reviews() == [stored] and other.reviews(card.id) == [stored] and other.reviews(99) == []
    assert other.cards()[0].schedule == after(card)
    assert store.add_review(review(store.cards()[0], seconds=None), after(store.cards()[0])).seconds is None


def test_reviews_are_never_changed(store: SqliteStore) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    store.add_review(review(card), after(card))
    with pytest.raises(StoreError), store.database.write() as connection:
        connection.execute("UPDATE reviews SET rating = 4")
    assert store.reviews()[0].rating == 3


def test_a_card_answered_in_another_window_is_refused_and_nothing_is_stored(store: SqliteStore, reopen: Reopen) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    other = reopen()
    kept = other.add_review(review(card), after(card))
    with pytest.raises(StoreError, match="changed in the meantime"):
        store.add_review(review(card, answer="too late"), after(card, 9))
    assert store.reviews() == [kept] and store.cards()[0].schedule == after(card)


def test_undo_gives_back_the_card_and_the_answer(store: SqliteStore, reopen: Reopen) -> None:
    card, other = add_cards(store, attempt(1), "resume", "policy")
    first = store.add_review(review(card), after(card))
    second = store.add_review(review(other, answer=EVERYTHING), after(other))
    assert store.last_review() == second
    store.undo_review(second, LATER)
    fresh = reopen()
    assert fresh.cards() == [*[c for c in store.cards() if c.id == card.id], other]
    assert fresh.card_draft(other.id) == CardDraft(other.id, EVERYTHING, 61.5, 1, LATER)
    assert fresh.last_review() == first and fresh.reviews() == [first]
    fresh.undo_review(first, LATER)
    assert fresh.cards() == [card, other] and fresh.last_review() is None
    assert fresh.database.rows("SELECT count(*) FROM reviews") == [(2,)]


def test_only_the_last_review_can_be_undone_and_only_once(store: SqliteStore) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    first = store.add_review(review(card), after(card))
    (now,) = store.cards()
    second = store.add_review(review(now), after(now, 9))
    with pytest.raises(StoreError):
        store.undo_review(first, LATER)
    store.undo_review(second, LATER)
    with pytest.raises(StoreError):
        store.undo_review(second, LATER)
    assert store.cards() == [now]


def test_due_lists_the_longest_due_first_and_no_leeches(store: SqliteStore) -> None:
    a, b, c, d = add_cards(store, attempt(1), "resume", "policy", "describe", "replay")
    store.add_review(review(a), after(a, 2))
    store.add_review(review(b), after(b, 1))
    store.add_review(review(c), after(c, 1, suspended=True))
    end = START + timedelta(days=2)
    assert [card.id for card in store.due_cards(end, 9, fresh=False)] == [b.id]
    assert [card.id for card in store.due_cards(end + timedelta(seconds=1), 9, fresh=False)] == [b.id, a.id]
    assert [card.id for card in store.due_cards(end, 9, fresh=True)] == [d.id]
    assert len(store.due_cards(end + timedelta(days=9), 1, fresh=False)) == 1
    assert (store.count_due(end, fresh=False), store.count_due(end, fresh=True)) == (1, 1)
    assert store.dues(START, end) == [START + timedelta(days=1)]
    store.suspend(c.id, suspended=False)
    assert store.count_due(end, fresh=False) == 2


def test_days_are_counted_as_the_learner_had_them_and_without_what_was_undone(store: SqliteStore) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    for rating, day in ((3, 23), (1, 23), (4, 24), (3, 24)):
        (now,) = store.cards()
        store.add_review(review(now, rating=rating, day=date(2026, 11, day)), after(now))
    last = store.last_review()
    assert last is not None
    store.undo_review(last, LATER)
    assert store.review_days() == [DayCount(date(2026, 11, 23), 2, 1, 0), DayCount(date(2026, 11, 24), 1, 1, 1)]
    assert store.reviewed_on(date(2026, 11, 24)) == {card.id} and store.reviewed_on(date(2026, 11, 25)) == frozenset()


def test_drafts_of_cards(store: SqliteStore, reopen: Reopen) -> None:
    (card,) = add_cards(store, attempt(1), "resume")
    for text in ("begun", EVERYTHING):
        store.save_card_draft(CardDraft(card.id, text, 2.5, 1, START))
    assert reopen().card_draft(card.id) == CardDraft(card.id, EVERYTHING, 2.5, 1, START)
    store.add_review(review(card), after(card))
    assert reopen().card_draft(card.id) is None
    store.save_card_draft(CardDraft(card.id, "x", 1.0, 0, START))
    store.drop_card_draft(card.id)
    assert store.card_draft(card.id) is None


def test_a_verdict_of_the_learner_takes_the_card_away_or_makes_one(store: SqliteStore) -> None:
    resume, policy = add_cards(store, attempt(1), "resume", "policy")
    store.add_review(review(policy), after(policy))
    for target in ("resume", "policy"):
        store.overrule(Overrule(1, target, True, START))
    assert [card.id for card in store.cards()] == [policy.id]  # it has a history
    store.overrule(Overrule(1, "resume", False, LATER), [NewCard(1, "resume", "point")])
    assert store.cards()[1].schedule.due == LATER and resume.id != store.cards()[1].id


def fill(store: SqliteStore, number: int) -> None:
    (card,) = add_cards(store, attempt(number), "resume")
    store.add_review(review(card), after(card))
    store.save_card_draft(CardDraft(card.id, "x", 1.0, 0, START))
    store.save_draft(Draft(number, "x", 1.0, START))
    store.add_lab_record(LabRecord(number, "verified", START, 1.0, 0, 0, 0, "{}"))
    store.skip_lab_lock(number, START)
    store.overrule(Overrule(card.attempt or 0, "policy", True, START))


def test_one_scenario_is_reset_and_the_others_stay(store: SqliteStore) -> None:
    fill(store, 1), fill(store, 2)
    store.set_setting("theme", "light")
    before = (store.attempts(2), store.drafts()[:1], store.cards(2), store.reviews(2), store.lab_records(2))
    store.reset(1, 1)
    assert (store.attempts(), store.drafts(), store.cards(), store.reviews(), store.lab_records()) == before
    assert store.lab_lock_skipped(2) and not store.lab_lock_skipped(1) and store.setting("theme") == "light"
    store.reset()
    tables = ("attempts", "drafts", "overrules", "cards", "reviews", "review_drafts", "lab_records", "skips")
    assert not any(store.database.rows(f"SELECT 1 FROM {table}") for table in tables)
    assert store.setting("theme") == "light"
    fill(store, 1)
    assert store.attempts()[0].id == 3  # an id is never given out again


def test_answers_from_before_there_were_cards_make_them(path: Path, clock: FakeClock) -> None:
    old = open_database(path, clock, shipped()[:1])
    held = (MisconceptionResult("m_always", (), 0.9, True), MisconceptionResult("m_deleted", (), 0.4, False))
    statuses = {"resume": "covered", "policy": "partial", "describe": "covered", "replay": "missed"}
    given = [
        (1, grade(3.0), None),  # an older answer to the same scenario
        (1, grade(3.0, statuses=statuses, held=held), None),
        (1, grade(9.0), 2),
        (2, grade(0.0, 2, honest=False), None),
    ]
    with old.write() as connection:
        from tutor.store import rows

        for number, graded, parent in given:
            values = rows.attempt_values(Attempt(0, number, "x", graded, START, 1.0, parent))
            connection.execute(rows.INSERT_ATTEMPT, values)
        for target, verdict in (("describe", False), ("replay", True), ("m_deleted", True)):
            connection.execute("INSERT INTO overrules VALUES (2, ?, ?, ?)", (target, verdict, rows.stamp(START)))
    old.close()
    with SqliteStore.open(path, clock) as store:
        assert [(card.scenario, card.target) for card in store.cards()] == [
            (1, "policy"),
            (1, "describe"),
            (1, "m_always"),
            (1, "m_deleted"),
        ]
        assert {card.schedule for card in store.cards()} == {Schedule(START)} and store.cards()[0].attempt == 2


def plan(path: Path, sql: str, values: tuple[object, ...]) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))


def test_the_queries_of_every_day_use_their_indexes(store: SqliteStore) -> None:
    from tutor.store import review_rows as sql

    due = plan(store.path, sql.DUE, (False, "2026", 9))
    assert "USING INDEX cards_by_due (suspended=? AND <expr>=? AND due<?)" in due and "SCAN" not in due
    assert "INDEX cards_by_due (suspended=? AND <expr>=? AND due<?)" in plan(store.path, sql.COUNT_DUE, (False, "2026"))
    assert "INDEX cards_by_due (suspended=? AND <expr>=? AND due>" in plan(store.path, sql.DUES, ("2026", "2027"))
    by_day = plan(store.path, sql.BY_DAY, ())
    assert "USING COVERING INDEX reviews_by_day" in by_day and "TEMP B-TREE" not in by_day
    assert "USING COVERING INDEX reviews_by_day (day=?)" in plan(store.path, sql.OF_DAY, ("2026-11-23",))
    last = plan(store.path, f"{sql.SELECT_REVIEWS} WHERE {sql.NOT_UNDONE} ORDER BY id DESC LIMIT 1", ())
    assert "TEMP B-TREE" not in last
    of_card = f"{sql.SELECT_REVIEWS} WHERE {sql.NOT_UNDONE} AND card = ? ORDER BY id"
    assert "USING INDEX reviews_by_card (card=?)" in plan(store.path, of_card, (1,))
