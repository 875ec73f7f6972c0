"""Everything in the file as one JSON document, and back, without loss.

A document names the version of its schema. Importing builds a database of that version beside the learner's, migrates
and checks it, and only then takes its content over, in one transaction: a broken document changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tutor.errors import EnvironmentFault, StoreError, UsageError
from tutor.sessions.placement import PREFIX
from tutor.store import backup, rows
from tutor.store.database import Database, connect, prepare
from tutor.store.faults import NOTHING_LOST, disk_full, explained, from_sqlite, is_full, of_the_disk
from tutor.store.migrate import migrate, shipped
from tutor.store.sqlite import SqliteStore

FORMAT = "kafka-tutor export"
MAX_BYTES = 512 * 1024 * 1024
"""Far above what a learner can write in years; a larger file is not an export."""
_COUNTERS = "sqlite_sequence"
"""SQLite's own table of the ids given out: an id that was deleted is never given out again."""

Cell = str | int | float | None | dict[str, str]
"""`{"text": …}` is free text (kept as bytes), `{"base64": …}` bytes that are no UTF-8."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of one table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything."""

    format: str
    version: int
    """Of the schema."""
    exported: datetime
    """UTC."""
    tables: dict[str, Table]


class _Head(msgspec.Struct, frozen=True):
    """Enough of a document to tell whether it is one."""

    format: str = ""
    version: int = 0


def export(store: SqliteStore, now: datetime) -> bytes:
    """Everything that the store holds. Raises StoreError."""
    with store.database.snapshot() as connection:
        tables = {name: _table(connection, name) for name in _tables(connection)}
    return msgspec.json.encode(Document(FORMAT, store.database.version, now, tables))


def write(data: bytes, target: Path) -> None:
    """Put an export into a file: whole or not at all. Raises EnvironmentFault."""
    scratch = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            with scratch.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        if is_full(error):
            raise disk_full(target) from error
        raise EnvironmentFault(
            "The file cannot be written",
            f"{target}: {error.strerror or error}. {NOTHING_LOST}",
            "Name a file in a directory that you can write to.",
        ) from error


def refuse_huge(size: int) -> None:
    """Raises UsageError where a file of so many bytes is no export."""
    if size > MAX_BYTES:
        raise _refused(f"It is larger than {MAX_BYTES // 1024 // 1024} MiB.")


def parse(data: bytes) -> Document:
    """Read a document. Raises UsageError where it is none of ours, or from a newer release."""
    refuse_huge(len(data))
    try:
        head = msgspec.json.decode(data, type=_Head)
        _refuse_foreign(head)
        return msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _refused(f"It cannot be read: {error}.") from error
    except RecursionError as error:
        raise _refused("It cannot be read: it is nested too deep.") from error


def _refuse_foreign(head: _Head) -> None:
    if head.format != FORMAT:
        raise _refused("It was not written by `kafka-tutor export`.")
    known = shipped()[-1].version
    if head.version > known:
        raise UsageError(
            "This export was written by a newer kafka-tutor",
            f"It has format {head.version}; this program knows up to {known}. {NOTHING_LOST}",
            "Update kafka-tutor, then import again.",
        )
    if head.version < 1:
        raise _refused(f"There is no format {head.version}.")


def import_(store: SqliteStore, document: Document, now: datetime) -> Path | None:
    """Replace everything in the store by a document; returns the backup of before (None where there was nothing).

    Raises UsageError where the document does not hold together; StoreError, EnvironmentFault. Then nothing is changed.
    """
    with _scratch() as folder:
        staged = folder / "import.db"
        try:
            _stage(staged, document)
        except (sqlite3.Error, OverflowError) as error:
            if of_the_disk(error):
                raise from_sqlite(error, staged) from error
            raise _refused(f"Its content does not hold together: {error}.") from error
        _try_to_read(staged)
        kept = keep_backup(store, now, "import")
        _take_over(store.database, staged)
    return kept


@contextmanager
def _scratch() -> Iterator[Path]:
    """A directory of its own for a moment. Raises StoreError, EnvironmentFault where none can be made."""
    with ExitStack() as stack:
        with explained(Path("the directory for temporary files ($TMPDIR)")):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kafka-tutor-import-"))
        yield Path(folder)


def keep_backup(store: SqliteStore, now: datetime, why: backup.Kind) -> Path | None:
    """Back up before something is replaced or removed; None where there is nothing to lose. Raises StoreError."""
    if is_empty(store):
        return None
    with explained(store.path):
        return backup.make_backup(store.path, store.database.version, now, why)


def is_empty(store: SqliteStore) -> bool:
    """Whether the learner has nothing in the file that could be lost (settings left out)."""
    tables = ("attempts", "drafts", "lab_records", "skips", "cards", "mocks")
    placed = store.database.rows("SELECT 1 FROM settings WHERE key GLOB ? AND value <> x'' LIMIT 1", (f"{PREFIX}*",))
    return not placed and not any(store.database.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in tables)


# --- out -------------------------------------------------------------------------------------------------------------


def _tables(connection: sqlite3.Connection) -> list[str]:
    """The learner's tables in the order of their making, which no reference goes against; the counters last."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    return [name for (name,) in found if not name.startswith("sqlite_")] + [_COUNTERS]


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{table}")'))


def _table(connection: sqlite3.Connection, name: str) -> Table:
    found = connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid')
    return Table(_columns(connection, name), tuple(tuple(_cell(value) for value in row) for row in found))


def _cell(value: Any) -> Cell:
    if not isinstance(value, bytes):
        cell: Cell = value
        return cell
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


# --- in --------------------------------------------------------------------------------------------------------------


def _value(cell: Cell) -> str | int | float | bytes | None:
    """What `_cell` was given. Raises UsageError."""
    if not isinstance(cell, dict):
        return cell
    match list(cell.items()):
        case [("text", text)]:
            return text.encode()
        case [("base64", coded)]:
            try:
                return base64.b64decode(coded, validate=True)
            except binascii.Error as error:
                raise _refused(f"A value cannot be read: {error}.") from error
    raise _refused("A value is of no known kind.")


def _stage(staged: Path, document: Document) -> None:
    """Build a database of the document's version, and migrate it. Raises sqlite3.Error, UsageError."""
    steps = shipped()
    with closing(connect(staged)) as connection:
        prepare(connection)
        connection.execute("PRAGMA foreign_keys = OFF")  # checked as a whole below
        migrate(connection, steps[: document.version], lambda old: None)
        connection.execute("BEGIN")
        _fill(connection, document)
        connection.execute("COMMIT")
        migrate(connection, steps, lambda old: None)
        _check(connection)


def _fill(connection: sqlite3.Connection, document: Document) -> None:
    known = _tables(connection)
    if set(document.tables) != set(known):
        odd = ", ".join(sorted(set(document.tables) ^ set(known)))
        raise _refused(f"It does not have the tables of its format: {odd}.")
    for name in known:
        table = document.tables[name]
        if table.columns != _columns(connection, name):
            raise _refused(f"The table {name} does not have the columns of its format.")
        connection.execute(f'DELETE FROM "{name}"')
        marks = ", ".join("?" * len(table.columns))
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', _values(name, table))


def _values(name: str, table: Table) -> Sequence[Sequence[Any]]:
    if any(len(row) != len(table.columns) for row in table.rows):
        raise _refused(f"A row of the table {name} has too many or too few values.")
    return [[_value(cell) for cell in row] for row in table.rows]


def _check(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise _refused(f"A row of the table {broken[0]} belongs to a row of {broken[2]} that is not there.")
    if fault := backup.check(connection):
        raise _refused(f"Its content does not hold together: {fault}.")
    for name in _tables(connection):
        for column in _columns(connection, name):
            if connection.execute(f'SELECT 1 FROM "{name}" WHERE "{column}" IN (9e999, -9e999)').fetchone():
                # text such as "1e999" becomes infinity in a column of numbers, which no export can say
                raise _refused(f"A number in the table {name} is too large: {column}.")


def _try_to_read(staged: Path) -> None:
    """Whatever the app will read must be readable: grades, verdicts, times. Raises UsageError."""
    try:
        with closing(connect(staged)) as connection:
            store = SqliteStore(Database(connection, staged))
            for attempt in store.attempts():
                store.overrules(attempt.id)
            for mock in store.mock_ids():
                store.mock(mock), store.mock_drafts(mock)
            store.drafts(), store.lab_records(), store.cards(), store.reviews(), store.review_days()
            for table, column in (("skips", "at"), ("undone", "at"), ("review_drafts", "at")):
                for (at,) in store.database.rows(f"SELECT {column} FROM {table}"):
                    rows.moment(at)
            for (key,) in store.database.rows("SELECT key FROM settings"):
                store.setting(key)
    except StoreError as error:
        raise _refused(f"Its content cannot be read: {error.cause}") from error
    except (ValueError, TypeError, AttributeError, msgspec.MsgspecError) as error:
        raise _refused(f"Its content cannot be read: {error}.") from error


def _take_over(database: Database, staged: Path) -> None:
    """Replace every row, in one transaction of the learner's file; the staged one is only read."""
    with database.attached(staged) as connection:
        for name in reversed(_tables(connection)):
            connection.execute(f'DELETE FROM main."{name}"')
        for name in _tables(connection):
            if name == _COUNTERS:  # inserting has filled them in the meantime
                connection.execute(f'DELETE FROM main."{name}"')
            connection.execute(f'INSERT INTO main."{name}" SELECT * FROM other."{name}"')


def _refused(cause: str) -> UsageError:
    return UsageError(
        "This file cannot be imported", f"{cause} {NOTHING_LOST}", "Name a file that `kafka-tutor export` has written."
    )
