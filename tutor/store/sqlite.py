"""`SqliteStore`: the learner's data in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from labs.dirs import Dirs, dirs
from tutor.clock import Clock, SystemClock
from tutor.review.cards import NewCard
from tutor.sessions.placement import PREFIX
from tutor.sessions.ports import Attempt, Draft, LabRecord, Overrule
from tutor.store import rows
from tutor.store.database import Database
from tutor.store.mock_store import SqliteMocks, forget
from tutor.store.opening import FILE, open_database
from tutor.store.review_store import SqliteReviews, drop_unanswered, insert_cards
from tutor.text import decode, encode


def data_file(where: Dirs | None = None) -> Path:
    """Where the learner's data lives."""
    return (where or dirs()).data / FILE


class SqliteStore(SqliteReviews, SqliteMocks):
    """The store behind `tutor.sessions.ports.Store`. Every write is on the disk when the call returns."""

    @classmethod
    def open(cls, path: Path | None = None, clock: Clock | None = None) -> SqliteStore:
        """Open or create the file (`data_file()` by default). Raises StoreError, EnvironmentFault."""
        return cls(open_database(path or data_file(), clock or SystemClock()))

    @property
    def database(self) -> Database:
        """What lies below, for the modules of this package."""
        return self._database

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        self._database.close()

    def __enter__(self) -> SqliteStore:
        """For `with`: closes at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- drafts ------------------------------------------------------------------------------------------------------

    def save_draft(self, draft: Draft) -> None:
        """Replace the draft of its question."""
        with self._database.write() as connection:
            _drop_draft(connection, draft.scenario, draft.follow_up_to)
            connection.execute(rows.INSERT_DRAFT, rows.draft_values(draft))

    def draft(self, scenario: int, follow_up_to: int | None = None) -> Draft | None:
        """The unfinished answer, if any."""
        found = self._database.rows(f"{rows.SELECT_DRAFTS} {rows.OF_QUESTION}", (scenario, follow_up_to))
        return rows.draft(found[0]) if found else None

    def drafts(self) -> Sequence[Draft]:
        """Every unfinished answer, the latest first."""
        return [rows.draft(row) for row in self._database.rows(f"{rows.SELECT_DRAFTS} ORDER BY id DESC")]

    def drop_draft(self, scenario: int, follow_up_to: int | None = None) -> None:
        """Forget it."""
        with self._database.write() as connection:
            _drop_draft(connection, scenario, follow_up_to)

    # --- attempts ----------------------------------------------------------------------------------------------------

    def add_attempt(self, attempt: Attempt, cards: Sequence[NewCard] = (), *, keep_draft: bool = False) -> Attempt:
        """Store an attempt with its cards and drop the draft of its question in one transaction; returns it with its id."""
        with self._database.write() as connection:
            new = connection.execute(rows.INSERT_ATTEMPT, rows.attempt_values(attempt)).lastrowid
            insert_cards(connection, cards, new or 0, attempt.at)
            if not keep_draft:
                _drop_draft(connection, attempt.scenario, attempt.follow_up_to)
        return rows.with_id(attempt, new or 0)

    def attempt(self, attempt: int) -> Attempt | None:
        """One attempt by its id."""
        found = self._database.rows(f"{rows.SELECT_ATTEMPTS} WHERE id = ?", (attempt,))
        return rows.attempt(found[0]) if found else None

    def attempts(self, scenario: int | None = None) -> Sequence[Attempt]:
        """Oldest first: by order of storing, whatever the clock said."""
        found = self._database.rows(
            f"{rows.SELECT_ATTEMPTS} WHERE ?1 IS NULL OR scenario = ?1 ORDER BY id", (scenario,)
        )
        return [rows.attempt(row) for row in found]

    def overrule(self, overrule: Overrule, cards: Sequence[NewCard] = ()) -> None:
        """Replace the learner's verdict on one target of one attempt, and the card that rests on it."""
        values = (overrule.attempt, overrule.target, overrule.held, rows.stamp(overrule.at))
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO overrules (attempt, target, held, at) VALUES (?, ?, ?, ?)", values
            )
            drop_unanswered(connection, overrule.attempt, overrule.target)
            insert_cards(connection, cards, overrule.attempt, overrule.at)

    def overrules(self, attempt: int) -> Sequence[Overrule]:
        """The learner's verdicts on an attempt, by target."""
        sql = "SELECT attempt, target, held, at FROM overrules WHERE attempt = ? ORDER BY target"
        return [Overrule(a, t, bool(h), rows.moment(at)) for a, t, h, at in self._database.rows(sql, (attempt,))]

    # --- labs --------------------------------------------------------------------------------------------------------

    def skip_lab_lock(self, lab: int, at: datetime) -> None:
        """The learner opened a lab without an attempt: recorded once, with the first time."""
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO skips (lab, at) VALUES (?, ?)", (lab, rows.stamp(at)))

    def lab_lock_skipped(self, lab: int) -> bool:
        """Whether the lock of this lab was skipped."""
        return bool(self._database.rows("SELECT 1 FROM skips WHERE lab = ?", (lab,)))

    def add_lab_record(self, record: LabRecord) -> None:
        """Store how a lab run ended, with its predictions, in one transaction."""
        with self._database.write() as connection:
            new = connection.execute(rows.INSERT_LAB_RECORD, rows.lab_record_values(record)).lastrowid
            connection.executemany(rows.INSERT_PREDICTION, rows.prediction_values(new or 0, record))

    def lab_records(self, lab: int | None = None) -> Sequence[LabRecord]:
        """Oldest first."""
        where = "WHERE ?1 IS NULL OR lab = ?1"
        found = self._database.rows(f"{rows.SELECT_LAB_RECORDS} {where} ORDER BY id", (lab,))
        predictions = rows.grouped(
            self._database.rows(f"{rows.SELECT_PREDICTIONS} {where} ORDER BY lab_record, position", (lab,))
        )
        return [rows.lab_record(row, predictions.get(row[0], ())) for row in found]

    # --- starting over -----------------------------------------------------------------------------------------------

    def reset(self, scenario: int | None = None, lab: int | None = None) -> None:
        """Forget what was learnt of one scenario and its lab, or of all, in one transaction. Settings stay."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM settings WHERE key GLOB ?", (f"{PREFIX}{'*' if scenario is None else scenario}",)
            )
            for table in ("drafts", "cards", "attempts"):  # what hangs on them goes along
                connection.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR scenario = ?1", (scenario,))
            for table in ("lab_records", "skips"):
                connection.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR lab = ?2", (scenario, lab))
            forget(connection, scenario)

    # --- settings ----------------------------------------------------------------------------------------------------

    def setting(self, key: str) -> str | None:
        """A setting of the app."""
        found = self._database.rows("SELECT value FROM settings WHERE key = ?", (key,))
        return decode(found[0][0]) if found else None

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, encode(value)))


def _drop_draft(connection: sqlite3.Connection, scenario: int, follow_up_to: int | None) -> None:
    connection.execute(f"DELETE FROM drafts {rows.OF_QUESTION}", (scenario, follow_up_to))
