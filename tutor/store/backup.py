"""Backups beside the data, broken files set aside, and a backup put back. Nothing here ever deletes the learner's data."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from tutor.errors import StoreError
from tutor.store.database import connect, version_of
from tutor.store.faults import busy, explained, is_damage

FOLDER = "backups"
EVERY = timedelta(days=1)
"""A routine backup at most so often."""
KEEP = 7
"""Routine backups kept; those made before a migration, an import or a reset are all kept."""
Kind = Literal["daily", "migration", "import", "reset"]
"""Why a backup was made: once a day, or before what its name says."""
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup file."""

    path: Path
    version: int
    """Schema version of its content."""
    at: datetime
    """UTC."""
    routine: bool
    """False: made before a migration, an import or a reset."""


def parts(path: Path) -> tuple[Path, Path, Path]:
    """What belongs to one SQLite file: itself, its log, and the log's index."""
    return path, Path(f"{path}-wal"), Path(f"{path}-shm")


def backups(path: Path) -> tuple[Backup, ...]:
    """Backups of this file, the latest first. Raises nothing: a folder that cannot be read has none."""
    try:
        found = [_parsed(file) for file in (path.parent / FOLDER).glob(f"{path.stem}-v*.db")]
    except OSError:
        return ()
    return tuple(sorted((b for b in found if b), key=lambda b: (b.at, not b.routine), reverse=True))


def make_backup(path: Path, version: int, now: datetime, kind: Kind) -> Path:
    """Copy what is committed in `path`. The copy appears whole or not at all. Raises sqlite3.Error, OSError."""
    target = path.parent / FOLDER / f"{path.stem}-v{version}-{now.astimezone(UTC).strftime(_STAMP)}-{kind}.db"
    target.parent.mkdir(mode=0o700, exist_ok=True)
    scratch = target.with_suffix(f".{os.getpid()}.part")
    try:
        with closing(connect(path)) as source, closing(connect(scratch)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
        _flush(scratch)
        scratch.replace(target)
        _flush(target.parent)
    finally:
        for part in parts(scratch):
            part.unlink(missing_ok=True)
    return target


def backup_if_due(path: Path, version: int, now: datetime) -> Path | None:
    """Make the routine backup where the last one is a day old, and drop the oldest. Raises sqlite3.Error, OSError."""
    have = backups(path)
    if have and abs(now - have[0].at) < EVERY:  # a clock set back counts as due
        return None
    made = make_backup(path, version, now, "daily")
    for old in [backup for backup in backups(path) if backup.routine and backup.path != made][KEEP - 1 :]:
        old.path.unlink(missing_ok=True)
    return made


def set_aside(path: Path, now: datetime, why: str) -> Path:
    """Rename the file and what belongs to it to a name that says why. Raises OSError."""
    stamp = now.astimezone(UTC).strftime(_STAMP)
    target = _free(path.with_name(f"{path.stem}.{why}-{stamp}{path.suffix}"))
    for source, name in reversed(list(zip(parts(path), parts(target), strict=True))):
        if source.exists():  # the file itself last: a kill in between leaves it to be found again
            source.replace(name)
    return target


def fault_of(path: Path) -> str | None:
    """What SQLite's own check finds wrong in a file, None where it is sound. Raises sqlite3.Error for other faults."""
    try:
        with closing(connect(path)) as connection:
            return check(connection)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise


def check(connection: sqlite3.Connection) -> str | None:
    """The first fault that SQLite's quick check finds. Raises sqlite3.DatabaseError where it cannot even begin."""
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    return None if found == "ok" else found.splitlines()[-1]


def restore(path: Path, now: datetime) -> tuple[Path, Path | None]:
    """Put the latest sound backup back; returns it, and where the present file was set aside. Raises StoreError.

    Call it under the lock of `tutor.store.opening`.
    """
    with explained(path):
        chosen = next((backup for backup in backups(path) if fault_of(backup.path) is None), None)
        if chosen is None:
            raise StoreError("There is no backup", f"None was found in {path.parent / FOLDER}.", "kafka-tutor doctor")
        _refuse_while_in_use(path)
        copy = path.with_suffix(".restoring")
        copy.write_bytes(chosen.path.read_bytes())
        _flush(copy)
        aside = set_aside(path, now, "replaced") if any(part.exists() for part in parts(path)) else None
        copy.replace(path)
        _flush(path.parent)
        return chosen.path, aside


def _refuse_while_in_use(path: Path) -> None:
    """Leaving WAL mode needs the file for itself, so it fails while another instance is running."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            version_of(connection)
    except sqlite3.OperationalError as error:
        raise busy(path) from error
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise


def _parsed(file: Path) -> Backup | None:
    """`tutor-v1-20261123T101500Z-daily.db` as a value; None for other names."""
    try:
        version, stamp, kind = file.stem.rsplit("-", 3)[1:]
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        return Backup(file, int(version.removeprefix("v")), at, kind == "daily")
    except ValueError:
        return None


def _free(path: Path) -> Path:
    """The name itself, or the first numbered one that is not taken."""
    candidates = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 1000))
    return path if not path.exists() else next(name for name in candidates if not name.exists())


def _flush(path: Path) -> None:
    """Onto the disk: a file's content, or a directory's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
