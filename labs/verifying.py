"""Verify: a lab's checks, and the same from another terminal through the session file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from labs import housekeeping
from labs.broker.access import OPEN
from labs.client import Kafka
from labs.clusters import AttachedCluster
from labs.contract import Check, Emit, Lab, LabContext, Step
from labs.dirs import Dirs
from labs.errors import EnvironmentFault, KafkaRefused, LabNotRunning
from labs.external.connection import EXTERNAL
from labs.facts import Facts
from labs.housekeeping import Admit
from labs.session_file import Session, lab_paths, read_session
from labs.tools import ToolRunner
from labs.waits import StopFlag, held
from labs.workspace import fingerprint

_MISSING = ("UnknownTopicOrPartitionError", "UnknownTopicIdError")


def checks_of(lab: Lab, ctx: LabContext) -> tuple[Check, ...]:
    """The lab's checks; where the learner has removed what they look at, one check that says so.

    One at a time, in whatever process: two loads at once would measure each other.
    """
    files = lab.info.task.files
    with _alone(ctx):
        before = fingerprint(ctx.workspace, files)
        try:
            checks = tuple(lab.verify(ctx))
        except KafkaRefused as error:
            if error.error not in _MISSING:
                raise
            return (_gone(ctx),)
        return checks if fingerprint(ctx.workspace, files) == before else (*checks, _saved_meanwhile(files))


@contextlib.contextmanager
def _alone(ctx: LabContext) -> Iterator[None]:
    folder, waits = ctx.workspace.parent, Step("verify", "Another terminal verifies this lab; it has to finish first")
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(folder / "verify.lock", ctx.stop, lambda: ctx.emit(waits)))
        except OSError as error:
            raise EnvironmentFault(f"Cannot write {folder}", error.strerror or str(error), "Type `reset`.") from error
        yield


def _saved_meanwhile(files: Sequence[str]) -> Check:
    """A program is started many times in one verification: after a save they were not all the same."""
    names = ", ".join(files)
    return Check(
        "one-text",
        f"{names} stays the same while it is checked",
        False,
        "one text from beginning to end",
        "it was saved in the middle, so what was found belongs to neither text",
        (
            "Some of this was found with the old text, and some with the new.",
            f"{names} was saved.",
            "Verify once more.",
        ),
    )


def _gone(ctx: LabContext) -> Check:
    there = ctx.kafka.topics(ctx.prefix)
    return Check(
        "still-there",
        "The topics of the lab are still there",
        False,
        "the topics that the lab made",
        ", ".join(there) or "none of them",
        (
            "Something that the lab measures is no longer in the cluster.",
            "A topic of this lab was deleted; its records cannot come back.",
            "Type `reset`: it makes everything anew.",
        ),
    )


def running_session(dirs: Dirs, number: int) -> Session:
    """The session of a lab that runs in any process. Raises LabNotRunning."""
    session = read_session(lab_paths(dirs, number))
    if session is None or not session.owner.alive or not session.arranged:
        raise LabNotRunning(
            f"Lab {number} is not running",
            "verify looks at a lab that is open in another terminal or in the app, after its experiment has run.",
            f"Run: kafka-tutor lab run {number}",
        )
    return session


def verify_running(
    lab: Lab,
    dirs: Dirs,
    emit: Emit,
    monotonic: Callable[[], float] = time.monotonic,
    admit: Admit = housekeeping.without_login,
) -> tuple[Check, ...]:
    """The checks of a lab that runs in another process. Raises LabNotRunning, and what `admit` raises."""
    session = running_session(dirs, lab.info.number)
    with contextlib.ExitStack() as stack:
        access = OPEN
        if session.provider == EXTERNAL:
            access = stack.enter_context(admit(session.bootstrap_servers, session.secured))
        cluster = AttachedCluster(session, lambda: session.owner.alive, access)
        return _verify(lab, dirs, cluster, session, emit, monotonic)


def _verify(
    lab: Lab, dirs: Dirs, cluster: AttachedCluster, session: Session, emit: Emit, monotonic: Callable[[], float]
) -> tuple[Check, ...]:
    paths = lab_paths(dirs, lab.info.number)
    flag = StopFlag(cluster.failure)
    began = monotonic()
    with Kafka.at(cluster, flag) as kafka:
        ctx = LabContext(
            cluster,
            kafka,
            ToolRunner.at(cluster, dirs),
            session.prefix,
            paths.workspace,
            Facts(paths.facts),
            emit,
            flag,
            lambda: monotonic() - began,
        )
        return checks_of(lab, ctx)
