"""SQLite's and the system's faults as sentences with a next step."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeGuard

from labs.dirs import HOME_VARIABLE
from tutor.errors import EnvironmentFault, LearnerError, StoreError

NOTHING_LOST = "What was saved before is untouched."
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn whatever SQLite and the system raise inside into a LearnerError about this file."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error
    except OSError as error:
        raise from_system(error, path) from error


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is broken."""
    return isinstance(error, sqlite3.DatabaseError) and _kind(error) in _DAMAGED


def of_the_disk(error: BaseException) -> TypeGuard[sqlite3.Error]:
    """Whether SQLite blames the disk or its rights, not what it was given."""
    kinds = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"}
    return isinstance(error, sqlite3.Error) and _kind(error) in kinds


def is_full(error: OSError) -> bool:
    """Whether the system says that there is no room."""
    return error.errno in _FULL_ERRNO


def from_sqlite(error: sqlite3.Error, path: Path) -> LearnerError:
    """The fault in words."""
    kind = _kind(error)
    detail = f"SQLite says: {error}."
    if kind == "SQLITE_FULL":
        return disk_full(path)
    if kind == "SQLITE_IOERR":
        return _device_fault(path, detail)
    if kind in {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"}:
        return not_writable(path, detail)
    if kind in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
        return busy(path)
    if kind in _DAMAGED:
        return StoreError(
            "Your data file is damaged", f"{path}: {detail}", "Start kafka-tutor again: it sets the file aside."
        )
    return StoreError(
        "Your data could not be read or written", f"{path}: {detail} {NOTHING_LOST}", "kafka-tutor doctor"
    )


def from_system(error: OSError, path: Path) -> LearnerError:
    """The fault in words."""
    where = Path(str(error.filename)) if error.filename else path
    if is_full(error):
        return disk_full(path)
    return not_writable(where, f"The system says: {error.strerror or error}.")


def may_write(path: Path) -> bool:
    """Whether this process may write to it; for directories, also enter it. Follows the effective user."""
    mode = os.W_OK | (os.X_OK if path.is_dir() else 0)
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def disk_full(path: Path) -> EnvironmentFault:
    """No room left for the learner's data."""
    return EnvironmentFault(
        "The disk is full",
        f"There is no room left to write {path}. {NOTHING_LOST}",
        "Free some space and try again: kafka-tutor doctor shows how much is needed.",
    )


def not_writable(path: Path, detail: str) -> StoreError:
    """The place is read-only, missing, or no directory at all."""
    return StoreError(
        "Your data directory cannot be written",
        f"{path}: {detail} {NOTHING_LOST}",
        f"Make it writable, or choose another place: {HOME_VARIABLE}=/path/to/directory kafka-tutor",
    )


def busy(path: Path) -> StoreError:
    """Another process holds the file for longer than the time-out."""
    return StoreError(
        "Your data file is in use",
        f"Another kafka-tutor has been writing {path} for too long. {NOTHING_LOST}",
        "Wait for it, or quit it, and try again.",
    )


def _device_fault(path: Path, detail: str) -> LearnerError:
    """SQLite reports a failed write as an I/O error; a full disk or quota is the usual reason, so look."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as scratch:
            scratch.write(b"\0" * 65536)
            scratch.flush()
            os.fsync(scratch.fileno())
    except OSError as error:
        return from_system(error, path)
    return EnvironmentFault(
        "The disk did not take what was written",
        f"{path}: {detail} {NOTHING_LOST}",
        "Try again; if it stays, check the disk and the space left: kafka-tutor doctor",
    )


def _kind(error: sqlite3.Error) -> str:
    """The primary result code by name; extended codes (`SQLITE_IOERR_WRITE`) belong to their primary."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])
