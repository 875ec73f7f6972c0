"""Crews: groups of real consumer processes, each with a topic of its own, watched through what the coordinator writes down."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs.contract import LabContext, Output
from labs.group_log import Generation
from labs.group_watch import GroupWatch
from labs.notebook import plot
from labs.program import Limits, OnLine, Program, ProgramResult
from labs.trials import Bench, ignored, make_directory
from labs.values import Out

LOOK = 0.1
"""Seconds between two looks at processes and groups."""
QUIET = 0.6
"""A group has settled when this many seconds have brought no new generation, and none is under way.

A leader that has dealt out partitions of which it had just heard joins once more.
"""
WARM_TOPIC = "warm-up"
"""The topic with which a bench warms up what forks its programs."""
MEMORY_MB = 512
LINES = 1000
SHOWN_LINES = 100
"""Of a program whose output the learner sees."""


@dataclass(slots=True)
class Member:
    """One process of a crew."""

    name: str
    program: Program
    lines: list[str] = field(default_factory=list)
    """What it has printed."""
    result: ProgramResult | None = None
    """How it ended; None while it runs."""


class Crew:
    """Members of one group, all of one program. Close it, or use it in a `with`."""

    def __init__(self, yard: CrewYard, name: str, script: Path, partitions: int, topic: str, group: str) -> None:
        self._yard = yard
        self.name = name
        self.partitions = partitions
        self.topic = topic
        self.group = group
        self._script = script
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill all processes. Safe to call twice."""
        for member in self.members.values():
            member.program.close()

    def start(
        self, name: str, seconds: float, env: Mapping[str, str], shown: bool = False, on_line: OnLine = ignored
    ) -> Member:
        """Start a member; `seconds`: after so many it is ended; `shown`: whether what it prints is shown."""
        ctx, lines = self._yard.ctx, list[str]()

        def take(text: str, stream: str) -> None:
            lines.append(text)
            on_line(text, "err" if stream == "err" else "out")
            if shown:
                ctx.emit(Output(f"{name}: {text}", "err" if stream == "err" else "out"))

        own = {"BOOTSTRAP": ctx.cluster.bootstrap_servers, "TOPIC": self.topic, "GROUP": self.group}
        home = self._yard.home / self.name / name
        if not home.exists():
            make_directory(home)
        program = Program(
            self._script,
            env={**own, **env},
            limits=Limits(seconds, MEMORY_MB, SHOWN_LINES if shown else LINES),
            on_line=take,
            cwd=home,
            nursery=self._yard.nursery,
            access=ctx.cluster.access,
        )
        member = self.members[name] = Member(name, program, lines)
        return member

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Watch the members until it holds; False where a member ends, or the time is over."""
        ctx, end = self._yard.ctx, time.monotonic() + seconds
        while True:
            if self.ended:
                return False
            if until():
                return True
            if time.monotonic() > end:
                return False
            ctx.stop.wait(LOOK)

    @property
    def ended(self) -> list[Member]:
        """The members whose process has ended by itself, or was ended at a limit."""
        for member in self.members.values():
            if member.result is None:
                member.result = member.program.wait(self._yard.ctx.stop, lambda: True)
        return [member for member in self.members.values() if member.result is not None]

    @property
    def fault(self) -> str:
        """How the first of them ended; empty where all run."""
        return next((f"{member.name}: {member.result.explanation}" for member in self.ended if member.result), "")

    # --- the group ---------------------------------------------------------------------------------------------------

    @property
    def generation(self) -> Generation | None:
        """The last one that was written down."""
        return self._yard.watch.latest(self.group)

    @property
    def number(self) -> int:
        """The number of the last generation; 0 before the first."""
        return self.generation.number if self.generation else 0

    @property
    def history(self) -> tuple[Generation, ...]:
        """All generations so far."""
        return self._yard.watch.generations(self.group)

    @property
    def held(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """What each member of the group holds, by its id."""
        return self.generation.held if self.generation else {}

    def settled(self, count: int) -> Callable[[], bool]:
        """A predicate: so many members hold all partitions between them, and no rebalance has followed for a moment."""
        steady: dict[str, float] = {"number": -1, "since": 0.0}

        def look() -> bool:
            if self.number != steady["number"]:
                steady.update(number=self.number, since=time.monotonic())
            quiet = self.whole(count) and time.monotonic() - steady["since"] >= QUIET
            return quiet and self._yard.ctx.kafka.group(self.group).state == "Stable"

        return look

    def whole(self, count: int) -> bool:
        """Whether so many members hold all partitions between them."""
        held = self.held
        wanted = {(self.topic, partition) for partition in range(self.partitions)}
        return len(held) == count and {part for parts in held.values() for part in parts} == wanted

    def committed(self) -> Mapping[int, int]:
        """The committed offset of each partition that has one."""
        return self._yard.watch.committed(self.group)

    def evict(self) -> None:
        """Have the group give up the members that were killed."""
        self._yard.ctx.kafka.evict(self.group)

    # --- records -----------------------------------------------------------------------------------------------------

    def write(self, invoices: Sequence[str]) -> None:
        """Invoices arrive, evenly over the partitions, those of a partition in one batch."""
        records = [Out(invoice.encode(), partition=n % self.partitions) for n, invoice in enumerate(invoices)]
        self._yard.ctx.kafka.produce(self.topic, records, linger_ms=50)


class CrewYard(Bench):
    """A bench for crews. Use as a context manager: leaving it ends all processes and removes topics and groups."""

    def __init__(self, ctx: LabContext) -> None:
        super().__init__(ctx)
        self._groups: list[str] = []
        self._crews: list[Crew] = []
        self._watching = contextlib.ExitStack()
        self.watch: GroupWatch
        """Follows all groups of the lab."""

    def __enter__(self) -> CrewYard:
        super().__enter__()
        try:
            self.await_nursery()
            if self.nursery is None:
                self.topics(self.name(WARM_TOPIC))
            seen = GroupWatch(self.ctx, self.name(WARM_TOPIC), self._rebalanced)
            self.watch = self._watching.enter_context(seen)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for crew in self._crews:
            crew.close()
        self._watching.close()
        super().__exit__()

    def _rebalanced(self, generation: Generation) -> None:
        for crew in self._crews:
            if crew.group == generation.group:
                plot(self.ctx, {f"rebalances, {crew.name}": generation.number}, "generation")

    def _remove(self) -> None:
        for name in self.ctx.kafka.delete_groups(self._groups):
            self.ctx.kafka.evict(name)
            self.ctx.kafka.delete_groups([name])
        super()._remove()

    def crew(self, name: str, script: Path, partitions: int) -> Crew:
        """A crew with a topic and a group of its own, without members yet."""
        crew = self.crew_on(name, script, partitions, self.name(name), self.name(f"{name}-group"))
        self._groups.append(crew.group)
        self._topics.append(crew.topic)
        self.ctx.kafka.create_topic(crew.topic, partitions)
        return crew

    def crew_on(self, name: str, script: Path, partitions: int, topic: str, group: str) -> Crew:
        """A crew with a topic that is there already, and a group; both stay when the yard is left."""
        crew = Crew(self, name, script, partitions, topic, group)
        self._crews.append(crew)
        return crew


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process stands still, as in a long garbage collection."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
