"""Mock interviews in the file: added to, never changed; whole after a migration, a reset and a crash."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade
from tutor.errors import StoreError
from tutor.mocks.values import Answer, Assessment, Chosen, Mock, MockDraft
from tutor.review.cards import NewCard
from tutor.sessions.ports import GradedAnswer
from tutor.store import backup
from tutor.store.migrate import shipped
from tutor.store.opening import open_database
from tutor.store.sqlite import SqliteStore


def new(store: SqliteStore, *scenarios: int) -> Mock:
    questions = tuple(Chosen(n, one, 10.0, ("Because.",)) for n, one in enumerate(scenarios or (1, 2), 1))
    return store.add_mock(Mock(0, "senior", 45, START, questions))


def answer(position: int = 1, turn: int = 0, text: str = "said", **more: object) -> Answer:
    return Answer(position, turn, "Why?", text, grade(5.0), START, 61.5, **more)  # type: ignore[arg-type]


def test_what_is_stored_comes_back(store: SqliteStore) -> None:
    mock = new(store)
    given = answer(text=EVERYTHING, target="resume", redo=True)
    store.add_mock_answer(mock.id, given)
    store.assess(mock.id, Assessment(1, 0, START))
    store.mark_mock(mock.id, "closed", START)
    found = store.mock(mock.id)
    assert found is not None and found.questions == mock.questions and found.answers == (given,)
    assert found.assessments == (Assessment(1, 0, START),) and found.marks == {"closed": START}
    assert (store.mock(9), store.mock_ids(), store.open_mocks()) == (None, [1], [1])


@pytest.mark.parametrize("table", ["mocks", "mock_answers", "mock_assessments"])
def test_what_happened_is_never_changed(store: SqliteStore, table: str) -> None:
    mock = new(store)
    store.add_mock_answer(mock.id, answer())
    store.assess(mock.id, Assessment(1, 3, START))
    column = {"mocks": "level", "mock_answers": "answer", "mock_assessments": "score"}[table]
    with (
        pytest.raises(StoreError, match="could not be read or written") as caught,
        store.database.write() as connection,
    ):
        connection.execute(f"UPDATE {table} SET {column} = {column}")
    assert "only ever added to" in caught.value.cause


def test_an_answer_takes_its_own_draft_along_and_no_other(store: SqliteStore) -> None:
    mock = new(store)
    for turn, text in ((0, "first"), (1, "begun")):
        store.save_mock_draft(MockDraft(mock.id, 1, turn, False, text, 1.0, START))
    store.save_mock_draft(MockDraft(mock.id, 1, 0, False, "first, again", 2.0, START))
    store.add_mock_answer(mock.id, answer())
    assert [(draft.turn, draft.text) for draft in store.mock_drafts(mock.id)] == [(1, "begun")]
    store.mark_mock(mock.id, "abandoned", START)
    assert len(store.mock_drafts(mock.id)) == 1  # not a word is thrown away


def test_what_was_answered_elsewhere_is_refused_whole(store: SqliteStore) -> None:
    mock = new(store)
    store.add_mock_answer(mock.id, answer())
    also = GradedAnswer(attempt(1), (NewCard(1, "resume", "point"),))
    for call in (
        lambda: store.add_mock_answer(mock.id, answer(text="other"), also),
        lambda: store.save_mock_draft(MockDraft(mock.id, 1, 0, False, "late", 1.0, START)),
        lambda: store.save_mock_draft(MockDraft(mock.id, 9, 0, False, "no such question", 1.0, START)),
        lambda: store.assess(mock.id, Assessment(9, 3, START)),
    ):
        with pytest.raises(StoreError, match="changed in the meantime"):
            call()
    assert store.attempts() == [] and store.mock_drafts(mock.id) == []


def test_the_debrief_brings_attempts_and_cards_once(store: SqliteStore) -> None:
    mock = new(store)
    graded = [GradedAnswer(attempt(n), (NewCard(n, "resume", "point"),)) for n in (1, 2)]
    for _ in range(2):
        store.mark_mock(mock.id, "debriefed", START, graded)
    assert [one.scenario for one in store.attempts()] == [1, 2] and len(store.cards()) == 2
    assert store.open_mocks() == []


def test_resetting_a_scenario_takes_its_questions_out_and_leaves_the_others(store: SqliteStore) -> None:
    both, one = new(store, 1, 2), None
    store.add_mock_answer(both.id, answer(1)), store.add_mock_answer(both.id, answer(2, text="kept"))
    store.mark_mock(both.id, "abandoned", START)
    one = new(store, 1)
    store.save_mock_draft(MockDraft(one.id, 1, 0, False, "x", 1.0, START))
    store.reset(1, 1)
    found = store.mock(both.id)
    assert (
        found is not None
        and [q.scenario for q in found.questions] == [2]
        and [a.text for a in found.answers] == ["kept"]
    )
    assert store.mock_ids() == [both.id]
    store.reset()
    tables = ("mocks", "mock_questions", "mock_answers", "mock_assessments", "mock_marks", "mock_drafts")
    assert not any(store.database.rows(f"SELECT 1 FROM {table}") for table in tables)
    assert new(store).id == 3  # an id is never given out again


def test_data_from_before_there_were_mocks_goes_on_with_a_backup(path: Path, clock: FakeClock) -> None:
    with closing(open_database(path, clock, shipped()[:2])) as old:
        assert old.version == 2
        SqliteStore(old).add_attempt(attempt(1))
    with SqliteStore.open(path, clock) as store:
        assert store.mock_ids() == [] and len(store.attempts()) == 1 and new(store).id == 1
    assert {kept.version for kept in backup.backups(path)} == {2}


def test_a_mock_alone_is_worth_a_backup(path: Path, clock: FakeClock) -> None:
    with SqliteStore.open(path, clock) as store:
        new(store)
    clock.move(2 * 86_400)
    SqliteStore.open(path, clock).close()
    assert len(backup.backups(path)) == 1


def test_a_row_that_is_damaged_is_said_with_its_number(store: SqliteStore) -> None:
    mock = new(store)
    with store.database.write() as connection:
        connection.execute("UPDATE mock_questions SET minutes = 'long' WHERE position = 2")
    with pytest.raises(StoreError, match="Mock interview 1 cannot be read") as caught:
        store.mock(mock.id)
    assert caught.value.exit_code == 2 and "mock list" in caught.value.next_step


def test_the_queries_of_every_day_use_their_indexes(store: SqliteStore) -> None:
    from tutor.store import mock_rows as sql

    with closing(sqlite3.connect(store.path)) as connection:
        for query, values in ((sql.SELECT_ANSWERS, (1,)), (sql.SELECT_DRAFTS, (1,)), (sql.ANSWERED, (1, 1, 0, 0))):
            steps = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values))
            assert "USING" in steps and "SCAN" not in steps
