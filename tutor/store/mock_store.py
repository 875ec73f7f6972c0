"""Mock interviews in the learner's file: the part of `SqliteStore` behind `tutor.sessions.ports.MockStore`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from tutor.errors import StoreError
from tutor.mocks.values import Answer, Assessment, Mark, Mock, MockDraft
from tutor.sessions.ports import GradedAnswer
from tutor.store import mock_rows as sql
from tutor.store.database import Database
from tutor.store.review_store import insert_cards
from tutor.store.rows import INSERT_ATTEMPT, attempt_values, stamp


class SqliteMocks:
    """Mock interviews. Answers, own marks and the ends are only ever added; drafts are replaced."""

    _database: Database

    def add_mock(self, mock: Mock) -> Mock:
        """Store a new interview with its questions in one transaction; returns it with its id.

        Raises StoreError where another one is open.
        """
        with self._database.write() as connection:
            if connection.execute(sql.OPEN).fetchone():
                raise _elsewhere()
            values = (mock.level, mock.minutes, stamp(mock.started))
            new = connection.execute(sql.INSERT_MOCK, values).lastrowid or 0
            connection.executemany(sql.INSERT_QUESTION, [sql.question_values(new, one) for one in mock.questions])
        return msgspec.structs.replace(mock, id=new)

    def mock(self, mock: int) -> Mock | None:
        """One interview with everything that has happened in it. Raises StoreError where it is damaged."""
        with self._database.snapshot() as connection:
            row = connection.execute(sql.SELECT_MOCK, (mock,)).fetchone()
            parts = [
                connection.execute(select, (mock,)).fetchall()
                for select in (sql.SELECT_QUESTIONS, sql.SELECT_ANSWERS, sql.SELECT_ASSESSMENTS, sql.SELECT_MARKS)
            ]
        return sql.mock(row, *parts) if row else None

    def mock_ids(self) -> Sequence[int]:
        """Every interview, oldest first."""
        return [mock for (mock,) in self._database.rows("SELECT id FROM mocks ORDER BY id")]

    def open_mocks(self) -> Sequence[int]:
        """Those that can be gone on with, the latest first."""
        return [mock for (mock,) in self._database.rows(sql.OPEN)]

    def add_mock_answer(self, mock: int, answer: Answer, also: GradedAnswer | None = None) -> None:
        """Store an answer and drop its draft, in one transaction. `also`: the same as an attempt (a second try).

        Raises StoreError where it was answered elsewhere in the meantime: then nothing is stored.
        """
        with self._database.write() as connection:
            _insert_once(connection, sql.INSERT_ANSWER, sql.answer_values(mock, answer))
            connection.execute(sql.DROP_DRAFT, (mock, answer.position, answer.turn, answer.redo))
            _insert_attempts(connection, [also] if also else [])

    def assess(self, mock: int, mark: Assessment) -> None:
        """Store the learner's own mark. Raises StoreError where there is one already."""
        with self._database.write() as connection:
            _insert_once(connection, sql.INSERT_ASSESSMENT, (mock, mark.position, mark.score, stamp(mark.at)))

    def mark_mock(self, mock: int, mark: Mark, at: datetime, attempts: Sequence[GradedAnswer] = ()) -> None:
        """Store how it went on. `debriefed` brings the answers as attempts with their cards, in the same transaction.

        Nothing happens where the mark is there already.
        """
        with self._database.write() as connection:
            if connection.execute("SELECT 1 FROM mock_marks WHERE mock = ? AND mark = ?", (mock, mark)).fetchone():
                return
            _insert_once(connection, sql.INSERT_MARK, (mock, mark, stamp(at)))
            _insert_attempts(connection, attempts)

    # --- drafts ------------------------------------------------------------------------------------------------------

    def save_mock_draft(self, draft: MockDraft) -> None:
        """Replace the draft of its question. Raises StoreError where that was answered elsewhere, or reset."""
        turn = (draft.mock, draft.position, draft.turn, draft.redo)
        with self._database.write() as connection:
            if connection.execute(sql.ANSWERED, turn).fetchone():
                raise _elsewhere()
            _insert_once(connection, sql.SAVE_DRAFT, sql.draft_values(draft))

    def mock_drafts(self, mock: int) -> Sequence[MockDraft]:
        """The answers being written, the latest first."""
        return [sql.draft(row) for row in self._database.rows(sql.SELECT_DRAFTS, (mock,))]


def forget(connection: sqlite3.Connection, scenario: int | None) -> None:
    """Remove a scenario's questions from every interview, with what was said to them; or all interviews."""
    if scenario is None:
        connection.execute("DELETE FROM mocks")
        return
    connection.execute("DELETE FROM mock_questions WHERE scenario = ?", (scenario,))
    connection.execute("DELETE FROM mocks WHERE id NOT IN (SELECT mock FROM mock_questions)")


def _insert_attempts(connection: sqlite3.Connection, answers: Iterable[GradedAnswer]) -> None:
    for answer in answers:
        new = connection.execute(INSERT_ATTEMPT, attempt_values(answer.attempt)).lastrowid or 0
        insert_cards(connection, answer.cards, new, answer.attempt.at)


def _insert_once(connection: sqlite3.Connection, statement: str, values: Sequence[object]) -> None:
    try:
        connection.execute(statement, values)
    except sqlite3.IntegrityError as error:
        raise _elsewhere() from error


def _elsewhere() -> StoreError:
    return StoreError(
        "This interview has changed in the meantime",
        "Another kafka-tutor began one, answered this question, or reset it. Nothing was changed here.",
        "Go on with it as it stands now: kafka-tutor mock --resume, or m on Home.",
    )
