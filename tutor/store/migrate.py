"""Numbered migrations: each one whole or not at all, with a backup before."""

from __future__ import annotations

import importlib.resources
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from tutor.store.database import APPLICATION_ID, version_of


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    """The `user_version` after it; 1, 2, 3 …"""
    sql: str


@cache
def shipped() -> tuple[Migration, ...]:
    """The migrations of this release, in order, from `migrations/NNNN_name.sql`."""
    folder = importlib.resources.files("tutor.store").joinpath("migrations")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return tuple(Migration(int(file.name[:4]), file.read_text("utf-8")) for file in files)


def migrate(connection: sqlite3.Connection, migrations: tuple[Migration, ...], backup: Callable[[int], object]) -> None:
    """Bring the file to the last version in one transaction. Raises sqlite3.Error, or what `backup` raises.

    The write lock is taken first, so `backup` (called with the old version, not for a new file) sees exactly what is
    migrated, and of two instances that start together one migrates and the other finds the work done.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = version_of(connection)
        todo = [migration for migration in migrations if migration.version > found]
        if todo and found:
            backup(found)
        for migration in todo:
            _apply(connection, migration)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in _statements(migration.sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {migration.version:d}")


def _statements(sql: str) -> Iterator[str]:
    """The statements one by one: `executescript` would commit the transaction first."""
    statement = ""
    for part in sql.split(";")[:-1]:
        statement += part + ";"
        if sqlite3.complete_statement(statement):  # not inside a comment, a string or a trigger
            yield statement
            statement = ""
