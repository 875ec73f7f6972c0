"""Opening the file: checked, backed up, migrated; a newer one refused, a broken one set aside. One opener at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from tutor.clock import Clock
from tutor.errors import LearnerError, StoreDamaged, StoreError
from tutor.store import backup
from tutor.store.database import APPLICATION_ID, Database, connect, prepare, too_new, version_of
from tutor.store.faults import busy, explained, is_damage, may_write, not_writable
from tutor.store.migrate import Migration, migrate, shipped

FILE = "tutor.db"
_LOCK_SECONDS = 60.0
"""So long one opener waits for another one that migrates."""


class _Damage(Exception):
    """The file is broken; the text says how."""


def open_database(path: Path, clock: Clock, migrations: tuple[Migration, ...] | None = None) -> Database:
    """Open or create the file. Raises StoreDamaged (after setting it aside), StoreTooNew, StoreError, EnvironmentFault."""
    steps = shipped() if migrations is None else migrations
    with opener(path), explained(path):
        _refuse_read_only(path)
        try:
            if _emptied(path):
                raise _Damage("it is empty")
            connection = _opened(path, clock, steps)
        except _Damage as damage:
            raise _set_aside(path, clock, str(damage)) from damage
        return Database(connection, path)


@contextmanager
def opener(path: Path) -> Iterator[None]:
    """Make the directory and hold the lock that all instances share while they open, migrate or restore."""
    with explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(path.with_suffix(".lock"), timeout=_LOCK_SECONDS)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise busy(path) from error
    try:
        yield
    finally:
        lock.release()


def _refuse_read_only(path: Path) -> None:
    """Before SQLite looks: it would leave a log beside a read-only file, as read-only as that, and fail on it later."""
    present = [part for part in (path.parent, *backup.parts(path)) if part.exists()]
    for part in present:
        if not may_write(part):
            raise not_writable(part, "It is read-only.")


def _opened(path: Path, clock: Clock, steps: tuple[Migration, ...]) -> sqlite3.Connection:
    connection = connect(path)
    try:
        _refuse_foreign(connection, path, steps[-1].version)
        _refuse_broken(connection)
        prepare(connection)
        _back_up_if_due(connection, path, clock)
        migrate(connection, steps, lambda old: backup.make_backup(path, old, clock.now(), "migration"))
    except BaseException as error:
        connection.close()
        if is_damage(error):
            raise _Damage(str(error)) from error
        raise
    return connection


def _refuse_foreign(connection: sqlite3.Connection, path: Path, known: int) -> None:
    """Only reads: a file that is not ours, or not ours yet, stays as it is."""
    found = version_of(connection)
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if owner == APPLICATION_ID and found > known:
        raise too_new(path, found, known)
    if owner != APPLICATION_ID and not empty:
        raise StoreError(
            "The data file belongs to another program",
            f"{path} is a SQLite database that kafka-tutor did not write. Nothing was changed.",
            "Move it away, or start elsewhere: KAFKA_TUTOR_HOME=/path/to/directory kafka-tutor",
        )


def _emptied(path: Path) -> bool:
    """A file without content where there was some: SQLite would take it for a new one. A missing file is a new start."""
    return path.exists() and path.stat().st_size == 0 and bool(backup.backups(path))


def _refuse_broken(connection: sqlite3.Connection) -> None:
    if fault := backup.check(connection):
        raise _Damage(fault)


def _back_up_if_due(connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
    """The routine backup. Its failure (disk nearly full) is no reason to keep the learner out."""
    version = version_of(connection)
    if version and _has_content(connection):
        with suppress(OSError, sqlite3.OperationalError, LearnerError):
            backup.backup_if_due(path, version, clock.now())


def _has_content(connection: sqlite3.Connection) -> bool:
    wanted = ("attempts", "drafts", "lab_records", "mocks")
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = (table for table in wanted if table in known)  # an older file has no mocks yet
    return any(connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)


def _set_aside(path: Path, clock: Clock, fault: str) -> StoreDamaged:
    kept = backup.set_aside(path, clock.now(), "damaged")
    have = backup.backups(path)
    if not have:
        after = "There is no backup. Start again to begin empty."
        return StoreDamaged("Your data file is damaged", _cause(kept, fault), after)
    after = (
        f"Put the backup of {have[0].at:%Y-%m-%d %H:%M} UTC back: kafka-tutor doctor --restore   "
        "(or start again to begin empty)"
    )
    return StoreDamaged("Your data file is damaged", _cause(kept, fault), after)


def _cause(kept: Path, fault: str) -> str:
    return f"SQLite finds: {fault}. The file was set aside, not deleted: {kept}"
