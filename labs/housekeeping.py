"""Leaving nothing behind: topics, groups and transactions of a prefix, files of a run, and what a crash left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from filelock import FileLock, Timeout

from labs import workspace
from labs.client import Kafka
from labs.contract import StopToken
from labs.dirs import Dirs
from labs.errors import EnvironmentFault, LabBusy, LabError, LearnerError
from labs.session_file import LabPaths, Session, lab_paths, read_session
from labs.waits import Deadline, wait_until

GONE_SECONDS = 15.0
SWEEP_SECONDS = 30.0
PREFIX = "kt"
"""Every name that a lab gives begins with it."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What of a prefix is still in a cluster."""

    topics: tuple[str, ...]
    groups: tuple[str, ...]
    transactions: tuple[str, ...]
    """Ids of transactions that are still open."""

    def __bool__(self) -> bool:
        return bool(self.topics or self.groups or self.transactions)

    def __str__(self) -> str:
        return ", ".join([*self.topics, *self.groups, *self.transactions]) or "nothing"


def leftovers(kafka: Kafka, prefix: str) -> Leftovers:
    """Look for what a prefix still owns."""
    ongoing = [name for name, state in kafka.transactions(prefix).items() if state == "Ongoing"]
    return Leftovers(tuple(kafka.topics(prefix)), tuple(kafka.groups(prefix)), tuple(sorted(ongoing)))


def remove(kafka: Kafka, prefix: str, stop: StopToken) -> Leftovers:
    """Remove topics, groups and open transactions of a prefix; returns what would not go."""
    found = leftovers(kafka, prefix)
    for name in found.transactions:
        _fence(kafka, name)
    kafka.delete_topics(found.topics)
    with contextlib.suppress(LabError):
        wait_until(lambda: _removed(kafka, prefix), stop, GONE_SECONDS, "everything to be removed")
    return leftovers(kafka, prefix)


def _removed(kafka: Kafka, prefix: str) -> bool:
    """One round of removing; a group with members first loses these."""
    for name in kafka.delete_groups(list(kafka.groups(prefix))):
        kafka.evict(name)
    return not leftovers(kafka, prefix)


def _fence(kafka: Kafka, transactional_id: str) -> None:
    """End an open transaction the way a restarted producer does: by taking over its id."""
    with contextlib.suppress(LabError), kafka.producer(transactional_id=transactional_id) as producer:
        producer.begin()
        producer.abort()


# --- the lock and the files of a lab ---------------------------------------------------------------------------------


def acquire(dirs: Dirs, number: int) -> FileLock:
    """Take a lab's lock. Raises LabBusy, which names who holds it, and EnvironmentFault."""
    paths = lab_paths(dirs, number)
    try:
        paths.lock.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(paths.lock, thread_local=False)
        lock.acquire(timeout=0)
    except Timeout:
        raise busy(paths, number) from None
    except OSError as error:
        raise EnvironmentFault(
            f"Cannot write {paths.lock.parent}", error.strerror or str(error), "Run: kafka-tutor doctor"
        ) from error
    return lock


def busy(paths: LabPaths, number: int) -> LabBusy:
    """The fault that names the process which runs the lab."""
    session = read_session(paths)
    who = f"It runs in process {session.owner.pid} since {session.opened_at}." if session else "It is just starting."
    return LabBusy(
        f"Lab {number} is open in another window", who, f"Close it there, or: kafka-tutor lab verify {number}"
    )


def sweep(dirs: Dirs, number: int) -> Leftovers:
    """Remove what a killed run of a lab left. Call with its lock held. Returns what could not be removed."""
    paths = lab_paths(dirs, number)
    session = read_session(paths)
    left = Leftovers((), (), ())
    if session is not None and session.provider != "embedded":  # an embedded broker died with its app, data and all
        left = _sweep_cluster(session)
    forget(paths)
    return left


def _sweep_cluster(session: Session) -> Leftovers:
    deadline = Deadline(SWEEP_SECONDS)
    try:
        with Kafka(session.bootstrap_servers, deadline) as kafka:
            return remove(kafka, session.prefix, deadline)
    except LearnerError:
        return Leftovers((f"{session.prefix}-* at {session.bootstrap_servers}",), (), ())


def forget(paths: LabPaths) -> None:
    """Remove the files of a run."""
    workspace.remove(paths.home)


def sweep_all(dirs: Dirs, numbers: Iterator[int] | tuple[int, ...]) -> dict[int, str]:
    """Sweep every lab that nobody runs; lab → what was found and done, for those where there was something."""
    done: dict[int, str] = {}
    for number in numbers:
        paths = lab_paths(dirs, number)
        if not paths.home.exists():
            continue
        try:
            lock = acquire(dirs, number)
        except LabBusy as error:
            done[number] = f"running: {error.cause}"
            continue
        with lock:
            left = sweep(dirs, number)
        done[number] = f"left over: {left}" if left else "removed"
    return done
