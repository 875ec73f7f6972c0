"""One SQLite connection behind a lock: short transactions, each wholly there or not at all, and faults in words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tutor.errors import StoreTooNew
from tutor.store.faults import explained

APPLICATION_ID = 0x4B545554
"""`KTUT` in the file's header: tells our files from other SQLite databases."""
BUSY_SECONDS = 10.0
"""So long a write waits for another instance; a write takes milliseconds."""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns
    "PRAGMA fullfsync = ON",  # macOS: also out of the drive's own cache
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)


def connect(path: Path) -> sqlite3.Connection:
    """A bare connection in autocommit mode. Raises sqlite3.Error."""
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of the file: 0 for an empty one."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def prepare(connection: sqlite3.Connection) -> None:
    """Set what every connection that writes needs. Raises sqlite3.Error."""
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def too_new(path: Path, found: int, known: int) -> StoreTooNew:
    """The file was written by a later release."""
    return StoreTooNew(
        "Your data was written by a newer kafka-tutor",
        f"{path} has format {found}; this program knows up to {known}. Nothing was changed.",
        "Update kafka-tutor, or start it beside that data: KAFKA_TUTOR_HOME=/path/to/another kafka-tutor",
    )


class Database:
    """A prepared and migrated connection, for use from any thread.

    One lock serves all threads: every call is one short transaction, and nobody waits for it on the interface's thread.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._version = version_of(connection)
        self._lock = threading.RLock()
        self._closed = False

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises StoreError."""
        with explained(self.path), self._lock:
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed to the disk at the end of the block, or undone wholly. Raises StoreError."""
        with explained(self.path), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_version()
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself undoes after a full disk
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one and the same state, whatever other instances write meanwhile. Raises StoreError."""
        with explained(self.path), self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def attached(self, other: Path) -> Iterator[sqlite3.Connection]:
        """One transaction, as `write`, with another file to read from under the name `other`. Raises StoreError."""
        with explained(self.path), self._lock:
            self._connection.execute("ATTACH DATABASE ? AS other", (str(other),))
            try:
                with self.write() as connection:
                    yield connection
            finally:
                self._connection.execute("DETACH DATABASE other")

    @property
    def version(self) -> int:
        """Schema version of the file."""
        return self._version

    def _check_version(self) -> None:
        """A newer release may have migrated the file while this one was running."""
        found = version_of(self._connection)
        if found != self._version:
            raise too_new(self.path, found, self._version)

    def close(self) -> None:
        """Write the log back into the file and let go of it. Safe to call twice; never raises."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()
