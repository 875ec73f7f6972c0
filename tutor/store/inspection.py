"""A look at the learner's data that changes nothing: for `doctor`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tutor.errors import StoreError
from tutor.store.backup import Backup, backups, parts
from tutor.store.database import APPLICATION_ID, BUSY_SECONDS, version_of
from tutor.store.faults import explained, is_damage
from tutor.store.migrate import shipped


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What was found in the file."""

    path: Path
    exists: bool
    version: int = 0
    """Schema version; 0 where there is none."""
    known: int = 0
    """The version that this program writes."""
    size: int = 0
    """Bytes, its log included."""
    damage: str = ""
    """What SQLite's full check finds; empty where the file is sound."""
    foreign: bool = False
    """The file belongs to another program."""
    attempts: int = 0
    drafts: int = 0
    labs: int = 0
    """Lab runs."""
    last_backup: Backup | None = None


def inspect(path: Path) -> StoreReport:
    """Look into the file with SQLite's full check. Raises StoreError where it cannot be opened at all."""
    known = shipped()[-1].version
    have = backups(path)
    last = have[0] if have else None
    with explained(path):
        if not path.exists():
            return StoreReport(path, False, known=known, last_backup=last)
        size = sum(part.stat().st_size for part in parts(path)[:2] if part.exists())
    if not size and have:
        return StoreReport(path, True, 0, known, damage="it is empty", last_backup=last)
    try:
        with explained(path), closing(_open(path)) as connection:
            return _look(connection, StoreReport(path, True, 0, known, size, last_backup=last))
    except StoreError as fault:
        if fault.__cause__ and is_damage(fault.__cause__):
            return StoreReport(path, True, 0, known, size, str(fault.__cause__), last_backup=last)
        raise


def _open(path: Path) -> sqlite3.Connection:
    """For reading and writing, since SQLite needs its log to read; but never made anew."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _look(connection: sqlite3.Connection, so_far: StoreReport) -> StoreReport:
    version = version_of(connection)
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    counts = {"attempts": 0, "drafts": 0, "lab_records": 0}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if table in counts and owner == APPLICATION_ID:
            counts[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return StoreReport(
        path=so_far.path,
        exists=True,
        version=version,
        known=so_far.known,
        size=so_far.size,
        damage="" if found == "ok" else found.splitlines()[-1],
        foreign=owner != APPLICATION_ID and so_far.size > 0,
        attempts=counts["attempts"],
        drafts=counts["drafts"],
        labs=counts["lab_records"],
        last_backup=so_far.last_backup,
    )
