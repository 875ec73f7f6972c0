"""The directories and the learner's data."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from labs.dirs import HOME_VARIABLE, Dirs
from tutor.health.finding import Finding
from tutor.store.faults import may_write
from tutor.store.inspection import StoreReport, inspect
from tutor.store.opening import FILE
from tutor.text import size

ROOM = 300_000_000
"""Bytes wanted free: 44 MB of jars, 70 MB of start-up cache, a lab's data, and the backups."""


def check(where: Dirs) -> Iterator[Finding]:
    """Each directory writable, room for what is to come, and the data sound. Raises StoreError from the last one."""
    for name, directory in (
        ("Data directory", where.data),
        ("Cache directory", where.cache),
        ("State directory", where.state),
    ):
        yield writable(name, directory)
    yield from _room(where)
    yield _store(where.data / FILE)


def writable(name: str, directory: Path) -> Finding:
    """Whether the directory, or the place where it will be made, takes files."""
    elsewhere = f"{HOME_VARIABLE}=/path/to/directory kafka-tutor"
    there = nearest(directory)
    if not there.is_dir():
        return Finding(name, False, f"{directory}: {there} is a file, not a directory", elsewhere)
    try:
        if there == directory:
            with tempfile.TemporaryFile(dir=directory) as scratch:
                scratch.write(b"kafka-tutor")
        elif not may_write(there):
            raise PermissionError(f"{there} is read-only")
    except OSError as error:
        return Finding(name, False, f"{directory} cannot be written: {error.strerror or error}", elsewhere)
    return Finding(name, True, f"{directory}{'' if there == directory else ' (not made yet)'}", "")


def nearest(directory: Path) -> Path:
    """The directory, or the first thing above it that exists."""
    while not _exists(directory) and directory != directory.parent:
        directory = directory.parent
    return directory


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # e.g. below a directory that may not be looked into
        return False


def _room(where: Dirs) -> Iterator[Finding]:
    """One line for each file system."""
    seen: set[int] = set()
    for directory in (where.data, where.cache, where.state):
        place = nearest(directory)
        device = place.stat().st_dev
        if device not in seen:
            seen.add(device)
            free = shutil.disk_usage(place).free
            remedy = (
                ""
                if free >= ROOM
                else f"Free {size(ROOM - free)}, or use another disk: {HOME_VARIABLE}=/path/to/directory"
            )
            yield Finding("Disk", free >= ROOM, f"{size(free)} free at {place}", remedy)


def _store(path: Path) -> Finding:
    return judge(inspect(path)) if nearest(path.parent).is_dir() else Finding("Your data", True, "not made yet", "")


def judge(report: StoreReport) -> Finding:
    """A report in a line."""
    name = "Your data"
    last = f"last backup {report.last_backup.at:%Y-%m-%d %H:%M} UTC" if report.last_backup else "no backup yet"
    if not report.exists:
        return Finding(name, True, f"{report.path}: not made yet, {last}", "")
    if report.damage:
        remedy = (
            "kafka-tutor doctor --restore"
            if report.last_backup
            else "kafka-tutor (sets the file aside and begins empty)"
        )
        return Finding(name, False, f"{report.path} is damaged: {report.damage}; {last}", remedy)
    if report.foreign:
        return Finding(
            name, False, f"{report.path} belongs to another program", f"mv {report.path} {report.path}.other"
        )
    if report.version > report.known:
        found = f"{report.path} has format {report.version}, this program knows {report.known}"
        return Finding(name, False, found, "Update kafka-tutor to the version that wrote it.")
    kept = (_count(report.attempts, "attempt"), _count(report.drafts, "draft"), _count(report.labs, "lab run"))
    return Finding(name, True, ", ".join((*kept, size(report.size), last)), "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
