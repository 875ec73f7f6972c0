"""Leaving nothing behind: topics, groups and transactions of a prefix, files of a run, and what a crash left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from filelock import FileLock, Timeout

from labs import uncleaned, workspace
from labs.broker.access import OPEN, Access
from labs.broker.interface import Cluster
from labs.client import Kafka
from labs.contract import StopToken
from labs.dirs import Dirs
from labs.errors import BadClusterSettings, EnvironmentFault, LabBusy, LabError, LearnerError
from labs.external.attempt import connected
from labs.session_file import LabPaths, lab_paths, read_session
from labs.uncleaned import Left
from labs.waits import Deadline, wait_until

Admit = Callable[[str, bool], AbstractContextManager[Access]]
"""Lets us in to a cluster: its address, and whether it is known to ask for more. Raises BadClusterSettings, ClusterUnusable."""
GONE_SECONDS = 15.0
SWEEP_SECONDS = 30.0


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
    if not _removed(kafka, prefix):
        with contextlib.suppress(LabError):
            wait_until(lambda: _removed(kafka, prefix), stop, GONE_SECONDS, "everything to be removed")
    return leftovers(kafka, prefix)


def _removed(kafka: Kafka, prefix: str) -> bool:
    """One round of removing: what a client was still making at the last look is there at the next."""
    found = leftovers(kafka, prefix)
    for name in found.transactions:
        _fence(kafka, name)
    # Groups first: a broker that is losing the topic of a share group keeps whoever deletes that group waiting.
    for name in kafka.delete_groups(found.groups):
        kafka.evict(name)  # it has members: without them it goes in the next round
    kafka.delete_topics(found.topics)
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


def sweep(dirs: Dirs, number: int, admit: Admit | None = None) -> Leftovers:
    """Remove what a killed run of a lab left. Call with its lock held. Returns what could not be removed.

    `admit`: lets us in to a cluster that asks for more than its address. What stays there is written down for later.
    """
    paths = lab_paths(dirs, number)
    session = read_session(paths)
    left = Leftovers((), (), ())
    if session is not None and session.provider == "external":  # brokers of ours died with their app, data and all
        owed = Left(number, session.provider, session.bootstrap_servers, session.prefix)
        left = _sweep_cluster(owed, session.secured, admit or without_login)
        if left:
            uncleaned.note(dirs, owed)
    forget(paths)
    return left


def _sweep_cluster(owed: Left, secured: bool, admit: Admit) -> Leftovers:
    try:
        with admit(owed.bootstrap_servers, secured) as access:
            deadline = Deadline(SWEEP_SECONDS)
            with connected(owed.bootstrap_servers, access):
                pass  # an address where nobody answers is known at once
            with Kafka(owed.bootstrap_servers, deadline, access.client) as kafka:
                return remove(kafka, owed.prefix, deadline)
    except LearnerError as error:
        return Leftovers((f"{owed.prefix}-* at {owed.bootstrap_servers} ({error.title})",), (), ())


@contextlib.contextmanager
def without_login(servers: str, secured: bool) -> Iterator[Access]:
    """An Admit for clusters that ask for nothing. Raises BadClusterSettings for others."""
    if secured:
        raise BadClusterSettings(
            f"The cluster at {servers} needs a login or TLS",
            "What it needs is not written down.",
            f"Say it again: -b {servers} --command-config FILE, as for `lab run`.",
        )
    yield OPEN


def forget(paths: LabPaths) -> None:
    """Remove the files of a run."""
    workspace.remove(paths.home)


def sweep_all(dirs: Dirs, numbers: Iterator[int] | tuple[int, ...], admit: Admit | None = None) -> dict[int, str]:
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
            left = sweep(dirs, number, admit)
        done[number] = f"left over: {left}" if left else "removed"
    return done


def sweep_owed(dirs: Dirs, admit: Admit) -> list[tuple[Left, Leftovers]]:
    """Remove from other people's clusters what earlier could not be removed; what each of it has left now."""
    done = []
    for owed in uncleaned.everything(dirs):
        left = _sweep_cluster(owed, False, admit)
        if not left:
            uncleaned.strike_out(dirs, owed)
        done.append((owed, left))
    return done


def adopt_debts(dirs: Dirs, dead: Dirs) -> None:
    """Take over what a process with a state directory of its own has left on other people's clusters."""
    for owed in uncleaned.everything(dead):
        uncleaned.note(dirs, owed)
    for home in (dead.state / "labs").glob("*"):
        session = read_session(LabPaths(home))
        if session is not None and session.provider == "external":
            uncleaned.note(dirs, Left(session.lab, session.provider, session.bootstrap_servers, session.prefix))


def settle_debts(dirs: Dirs, cluster: Cluster) -> None:
    """The same for one cluster, now that it is reached."""

    @contextlib.contextmanager
    def admit(servers: str, secured: bool) -> Iterator[Access]:
        yield cluster.access

    for owed in uncleaned.everything(dirs):
        if owed.bootstrap_servers == cluster.bootstrap_servers and not _sweep_cluster(owed, False, admit):
            uncleaned.strike_out(dirs, owed)
