"""Lab 4: a member joins while another one stands still, under three protocols; and a member that is restarted."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil

from labs import handouts
from labs.catalog.text04 import JOIN_PARTITIONS, PARTITIONS, STILL
from labs.contract import LabContext
from labs.crews import LOOK, QUIET, Crew, CrewYard, Member, frozen
from labs.errors import KafkaRefused, LabError, LearnerError
from labs.gate import Gate
from labs.group_log import comings_and_goings, rebalances
from labs.notebook import plot
from labs.trickle import Trickle
from labs.values import Out
from labs.waits import StopFlag, wait_until

Protocol = Literal["eager", "cooperative", "consumer"]
MEMBER = "variants/member.py"
READY_SECONDS = 40.0
LEAVE_SECONDS = 8.0
RUN_SECONDS = 120.0
TRAFFIC = 0.25
"""Seconds between two records of a partition."""
ASSIGNOR = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
HEARTBEAT_MS = "300"
HEARTBEAT = "consumer.heartbeat.interval.ms"
SESSION = "consumer.session.timeout.ms"
SESSION_MS = "8000"
"""Longer than a member stands still, and short: one that is killed while it joins stays for that long."""
QUICK = "quick_group"
"""Under this name the facts have the group with a setting of its own."""
FREEZE_SECONDS = 15.0
"""How long the newcomer may take to get partitions from a group that does not wait."""


@dataclass(slots=True)
class Report:
    """What a member has told of itself, in the JSON of kafka-verifiable-consumer."""

    held: set[int] = field(default_factory=set)
    gave_up: set[int] = field(default_factory=set)
    """Partitions that were taken from it."""
    read: int = 0
    """Records."""
    started: bool = False

    def line(self, text: str, _stream: object = "") -> None:
        """Take a line of its output."""
        try:
            row = json.loads(text)
        except ValueError:
            return
        parts = {int(part["partition"]) for part in row.get("partitions", ())}
        match row.get("name"):
            case "startup_complete":
                self.started = True
            case "partitions_assigned":
                self.held = self.held | parts
            case "partitions_revoked":
                self.held, self.gave_up = self.held - parts, self.gave_up | parts
            case "records_consumed":
                self.read += sum(int(part["count"]) for part in row["partitions"])


@dataclass(frozen=True, slots=True)
class Joined:
    """What happened while one of two members stood still and a third one had joined."""

    read: int
    """Records that the other old member read in `seconds`."""
    seconds: float
    newcomer: int
    """Partitions that the newcomer had got by then."""
    gave_up: int
    """Partitions that the other old member had to give up for the newcomer."""


# --- three protocols -------------------------------------------------------------------------------------------------


def join(yard: CrewYard, protocol: Protocol) -> Joined:
    """Two members share six partitions; one freezes, a third one joins; then the frozen one goes on."""
    crew = yard.crew(protocol, handouts.path(4, MEMBER), JOIN_PARTITIONS)
    records = [Out(b"invoice", partition=number) for number in range(JOIN_PARTITIONS)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(crew)
        stack.enter_context(_quick_heartbeats(yard, crew, protocol))
        members = stack.enter_context(_Members(yard, crew, protocol))
        stack.enter_context(Trickle(yard.ctx.kafka, crew.topic, records, TRAFFIC, yard.ctx.stop))
        one, two = members.start("one"), members.start("two")
        members.prepare("three")
        members.await_(_shared([one, two]), "two members to share the partitions")
        before = one.read
        members.await_(lambda: one.read > before, "records")
        return _third(yard, members, crew, one, protocol)


def _third(yard: CrewYard, members: _Members, crew: Crew, one: Report, protocol: Protocol) -> Joined:
    members.await_(lambda: members.ready("three"), "the third member to start")
    one.gave_up = set()
    with frozen(members.pid("two")):
        three = members.join("three")
        _await_effect(yard, crew, one, three, protocol)
        read, began = one.read, time.monotonic()
        end = began + STILL
        while time.monotonic() < end:
            plot(yard.ctx, {f"read by one, {protocol}": one.read}, "records")
            yard.ctx.stop.wait(LOOK)
        read, seconds, newcomer = one.read - read, time.monotonic() - began, len(three.held)
        gave_up = len(one.gave_up)
    everything = set(range(JOIN_PARTITIONS))
    members.await_(
        lambda: len(three.held) == 2 and members.held() == everything, "three members to share the partitions"
    )
    # An eager member gives up all that it has at once: later changes of the group would be counted beside this one.
    if protocol != "eager":
        gave_up = len(one.gave_up)
    return Joined(read, seconds, newcomer, gave_up)


def _await_effect(yard: CrewYard, crew: Crew, one: Report, three: Report, protocol: Protocol) -> None:
    """Wait until the group has noticed the newcomer."""
    kafka, stop = yard.ctx.kafka, yard.ctx.stop
    if protocol == "consumer":
        with contextlib.suppress(LabError):  # then it was not served, which is told as a fact
            wait_until(lambda: bool(three.held), stop, FREEZE_SECONDS, "the newcomer to be served", LOOK)
        return
    noticed: Callable[[], bool] = lambda: kafka.group(crew.group).state == "PreparingRebalance"  # noqa: E731
    wait_until(noticed, stop, READY_SECONDS, "the group to prepare a rebalance", LOOK)
    if protocol == "eager":
        wait_until(lambda: bool(one.gave_up), stop, READY_SECONDS, "the old member to notice", LOOK)


def _shared(reports: Sequence[Report]) -> Callable[[], bool]:
    """A predicate: they hold all partitions, as many each, and have done so for a moment."""
    since: list[float] = []

    def look() -> bool:
        sizes = {len(report.held) for report in reports}
        union = set().union(*(report.held for report in reports))
        if len(sizes) != 1 or len(union) != JOIN_PARTITIONS or sum(len(r.held) for r in reports) != JOIN_PARTITIONS:
            since.clear()
            return False
        since.append(time.monotonic())
        return since[-1] - since[0] >= QUIET

    return look


class _Members:
    """Members of one protocol: processes of Python where it is eager, of Java where it is not."""

    def __init__(self, yard: CrewYard, crew: Crew, protocol: Protocol) -> None:
        self._yard = yard
        self._crew = crew
        self._protocol = protocol
        self._flags: dict[str, StopFlag] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._reports: dict[str, Report] = {}
        self._said: list[str] = []
        self._gates: dict[str, Gate] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Have them leave their group in order: a member that is killed stays in it until its session is over."""
        for name in self._threads:
            self._bid_leave(name)
        end = time.monotonic() + LEAVE_SECONDS
        for name, thread in self._threads.items():
            thread.join(max(end - time.monotonic(), 0))
            self._flags[name].stop()
            thread.join(LEAVE_SECONDS)
        self._stack.close()

    def _bid_leave(self, name: str) -> None:
        try:
            if name in self._gates and not self._gates[name].opened:
                self._flags[name].stop()  # it has not joined, and waits for a broker
            else:
                os.kill(self.pid(name), signal.SIGTERM)
        except (LabError, ProcessLookupError):  # it has ended, or has hardly begun
            self._flags[name].stop()

    def prepare(self, name: str) -> None:
        """Start a member that takes long to start, and have it find no broker yet."""
        if self._protocol != "eager":
            self._gates[name] = self._stack.enter_context(Gate(self._yard.ctx.cluster.bootstrap_servers))
            self.start(name)

    def ready(self, name: str) -> bool:
        """Whether a member can join at once."""
        return name not in self._gates or self._reports[name].started

    def join(self, name: str) -> Report:
        """Let a member join that was prepared; where it was not, start it."""
        if name not in self._gates:
            return self.start(name)
        self._gates[name].open()
        return self._reports[name]

    def start(self, name: str) -> Report:
        """Start a member; what it tells of itself goes on growing."""
        report = self._reports[name] = Report()
        if self._protocol == "eager":
            self._crew.start(name, RUN_SECONDS, {}, on_line=report.line)
        else:
            thread = threading.Thread(target=self._java, args=(name, report), name=f"member-{name}", daemon=True)
            self._flags[name] = StopFlag(self._yard.ctx.cluster.failure)
            self._threads[name] = thread
            thread.start()
        return report

    def _java(self, name: str, report: Report) -> None:
        def take(text: str, stream: str) -> None:
            report.line(text)
            if stream == "err":
                self._said.append(text)

        with contextlib.suppress(LearnerError):  # its end is asked for, or whoever waits for it tells
            self._yard.ctx.tools.run(self.arguments(name), take, self._flags[name])

    def arguments(self, name: str) -> list[str]:
        """The command of a Java member."""
        path = self._properties(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            own = "" if self._protocol == "consumer" else f"heartbeat.interval.ms={HEARTBEAT_MS}\n"
            path.write_text(f"client.id={name}\nreconnect.backoff.max.ms=100\n{own}")
        how = ["--group-protocol", "consumer"] if self._protocol == "consumer" else ["--assignment-strategy", ASSIGNOR]
        where = ["--bootstrap-server", self._gates[name].address] if name in self._gates else []
        return [
            "kafka-verifiable-consumer",
            *where,
            *("--topic", self._crew.topic, "--group-id", self._crew.group, *how, "--command-config", str(path)),
        ]

    def _properties(self, name: str) -> Path:
        return self._yard.home / self._crew.name / f"{name}.properties"

    def pid(self, name: str) -> int:
        """The process of a member. Raises LabError."""
        if self._protocol == "eager":
            return self._crew.members[name].program.pid
        marked = str(self._properties(name))
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if child.name() == "java" and marked in child.cmdline():
                    return child.pid
        raise LabError("A member of the group is gone", " ".join(self._said[-1:]), "Type `reset`.")

    def held(self) -> set[int]:
        """All partitions that any of them holds."""
        return set().union(*(report.held for report in self._reports.values()))

    def await_(self, predicate: Callable[[], bool], what: str) -> None:
        """Wait until it holds. Raises LabError."""
        wait_until(predicate, self._yard.ctx.stop, READY_SECONDS, what, LOOK)


@contextlib.contextmanager
def _quick_heartbeats(yard: CrewYard, crew: Crew, protocol: Protocol) -> Iterator[None]:
    """In the newer protocol the broker says how often a member reports: every 5 s, unless the group has it otherwise."""
    if protocol != "consumer":
        yield
        return
    yard.ctx.facts.put(**{QUICK: crew.group})
    with contextlib.suppress(KafkaRefused):  # the cluster allows nothing shorter: then it takes longer
        yard.ctx.kafka.set_config(crew.group, {HEARTBEAT: HEARTBEAT_MS, SESSION: SESSION_MS}, "group")
    try:
        yield
    finally:
        with contextlib.suppress(LearnerError):  # a stop: the end of the lab does it
            forget_heartbeats(yard.ctx)


def forget_heartbeats(ctx: LabContext) -> None:
    """Remove the setting of the group that had one. Raises KafkaRefused."""
    if group := ctx.facts.get(QUICK):
        ctx.kafka.set_config(group, dict.fromkeys((HEARTBEAT, SESSION)), "group")


# --- a restart -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Restarted:
    """What a restart has cost."""

    rebalances: int
    changes: int
    """Members that went or came, each worth a rebalance."""
    moved: int
    """Bytes by which the topic's logs have changed meanwhile."""


def restart(yard: CrewYard, name: str, static: bool) -> Restarted:
    """One of two members ends in order and comes back at once; `static`: each has a group.instance.id."""
    with yard.crew(name, handouts.path(4, MEMBER), PARTITIONS) as crew:
        crew.write(["INV-1"] * 100)
        envs = [{"INSTANCE": f"worker-{number}"} if static else {} for number in (1, 2)]
        first, second = (_start(crew, f"member-{n + 1}", env) for n, env in enumerate(envs))
        _await_all(yard, crew, [first[1], second[1]])
        before, bytes_before = len(crew.history), sum(yard.ctx.kafka.sizes(crew.topic).values())
        second[0].program.send_signal(signal.SIGTERM)
        second[0].program.wait(yard.ctx.stop)
        again = _start(crew, "member-2", envs[1])
        _await_all(yard, crew, [first[1], again[1]])
        moved = sum(yard.ctx.kafka.sizes(crew.topic).values()) - bytes_before
        return Restarted(rebalances(crew.history, before), comings_and_goings(crew.history, before), moved)


def _start(crew: Crew, name: str, env: dict[str, str]) -> tuple[Member, Report]:
    report = Report()
    return crew.start(name, RUN_SECONDS, env, on_line=report.line), report


def _await_all(yard: CrewYard, crew: Crew, reports: Sequence[Report]) -> None:
    settled = crew.settled(len(reports))
    wait_until(
        lambda: all(report.held for report in reports) and settled(), yard.ctx.stop, READY_SECONDS, "both members", LOOK
    )
