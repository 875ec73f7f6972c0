"""Lab 4: what a program of the invoice-worker does as a group of two, and what becomes of a member that hangs or freezes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from labs.catalog.text04 import BOUND, INVOICES, MEMBERS, PARTITIONS
from labs.contract import Output
from labs.coordinator import reasons
from labs.crews import Crew, CrewYard, frozen
from labs.downstream import Downstream
from labs.group_log import rebalances
from labs.notebook import plot

SETTLE_SECONDS = 10.0
"""In which members must have shared the partitions, before anything arrives."""
WORK_SECONDS = 14.0
"""In which the invoices must be handled: four times what two members need."""
CERTAIN = 4.5
"""Seconds after which a storm that has been seen need not be watched any longer."""
STUCK_SECONDS = 8.0
"""In which a member must have begun to work, so that it can be stuck."""
RUN_SECONDS = 60.0
"""After so many a process is ended, whatever it does."""
LATE = "heartbeat expiration"
"""What the coordinator's log says when the broker removes a member."""
FEW = 4
"""Invoices for a member that gets stuck with the first of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a group of two has done with the invoices."""

    fault: str = ""
    """Why it did not do it at all, or not to the end; empty where all is well."""
    settled: bool = False
    rebalances: int = 0
    """After the group had settled, as its coordinator counts them."""
    revoked: int = 0
    """How often a member said that partitions were taken from it."""
    refused: int = 0
    """How often a member said that its commit failed."""
    handled: int = 0
    """Invoices that the service has had at least once …"""
    twice: int = 0
    """… and more than once."""
    calls: int = 0
    """Calls to the service that were answered."""
    committed: int = 0
    seconds: float = 0.0
    """From the arrival of the invoices until all were handled and committed, or it was given up."""
    why: tuple[str, ...] = ()
    """The reasons of all rebalances of the group, those of its beginning too, from the coordinator's log."""

    @property
    def starved(self) -> bool:
        """Whether a member was removed for want of heartbeats: they do not wait for polls, so the machine had no time."""
        return self.rebalances > 0 and any(LATE in reason for reason in self.why)

    @property
    def done(self) -> bool:
        """Whether every invoice was handled and committed."""
        return not self.fault and self.handled == self.committed == INVOICES

    @property
    def stormy(self) -> bool:
        """Whether a round of the storm has been seen to its end: out, a commit that came too late, in, and over again."""
        return self.rebalances >= 3 and self.twice >= MEMBERS

    def to_row(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stuck:
    """What a group does about a member that does not get on."""

    fault: str = ""
    """Why it could not be tried; empty where it was."""
    waited: float | None = None
    """Seconds until another member had partitions; None: not in time."""
    lost: int = 0
    """Invoices that are committed, and nobody has handled them."""


def names(count: int) -> list[str]:
    """Numbers of invoices."""
    return [f"INV-{number + 1:04}" for number in range(count)]


# --- two members at work ---------------------------------------------------------------------------------------------


def work(yard: CrewYard, service: Downstream, crew: Crew, window: float = 0.0, shown: bool = False) -> Work:
    """Two members settle, invoices arrive, and are handled. `window`: how long to watch, or twice that where no storm has come up; 0: until done."""
    with crew:
        fault = _settle(service, crew, MEMBERS, shown=shown)
        seen = Work(fault) if fault else _watch(yard, service, crew, window)
        return replace(seen, why=tuple(reasons(yard.ctx, crew.group)))


def fair_work(yard: CrewYard, service: Downstream, name: str, script: Path, *, shown: bool = False) -> Work:
    """As `work`, by a crew of this name; once more where the machine starved a member: that tells nothing of the program."""
    seen = work(yard, service, yard.crew(name, script, PARTITIONS), shown=shown)
    if not seen.starved:
        return seen
    yard.ctx.emit(Output(f"{name}: this machine had no time for a member's heartbeats. Once more."))
    return work(yard, service, yard.crew(f"{name}-again", script, PARTITIONS), shown=shown)


def _settle(service: Downstream, crew: Crew, count: int, *, shown: bool = False) -> str:
    """Start members and wait until they share the partitions; why they do not, or nothing."""
    for number in range(count):
        _start(service, crew, f"member-{number + 1}", shown=shown)
    return "" if crew.wait(crew.settled(count), SETTLE_SECONDS) else _why_not(crew, count)


def _start(service: Downstream, crew: Crew, member: str, *, shown: bool = False) -> None:
    crew.start(member, RUN_SECONDS, service.env(crew.name, member), shown)


def _watch(yard: CrewYard, service: Downstream, crew: Crew, window: float) -> Work:
    began, first = time.monotonic(), len(crew.history)
    said = {name: len(member.lines) for name, member in crew.members.items()}
    crew.write(names(INVOICES))

    def now() -> Work:
        done = service.book().done(crew.name)
        lines = [line for name, member in crew.members.items() for line in member.lines[said[name] :]]
        return Work(
            "",
            True,
            rebalances(crew.history, first),
            sum(line.startswith(("revoked ", "lost ")) for line in lines),
            sum("CommitFailed" in line for line in lines),
            len(done),
            sum(count > 1 for count in done.values()),
            sum(done.values()),
            sum(crew.committed().values()),
            time.monotonic() - began,
        )

    def over() -> bool:
        seen = now()
        plot(yard.ctx, {f"handled, {crew.name}": seen.handled, f"twice, {crew.name}": seen.twice}, "invoices")
        if window:
            return seen.seconds >= (window if seen.stormy else 2 * window)
        return seen.done or (seen.stormy and seen.seconds >= CERTAIN)

    crew.wait(over, max(2 * window + 1, WORK_SECONDS))
    return replace(now(), fault=crew.fault)


def _why_not(crew: Crew, count: int) -> str:
    """Why a group has not settled."""
    if crew.fault:
        return crew.fault
    members = len(crew.generation.members) if crew.generation else 0
    if crew.number > count + 3:
        return f"After {SETTLE_SECONDS:.0f} s the group was in generation {crew.number} and had not come to rest."
    return f"After {SETTLE_SECONDS:.0f} s {members} of {count} processes were members of the group that holds its partitions."


# --- a member that is stuck ------------------------------------------------------------------------------------------


def hang(yard: CrewYard, service: Downstream, name: str, script: Path, seconds: float = BOUND) -> Stuck:
    """One member works alone, and the service gives it no answer any more; another one joins."""
    with yard.crew(name, script, PARTITIONS) as crew:
        if fault := _settle(service, crew, 1) or _let_hang(service, crew):
            return Stuck(fault)
        old, began = set(crew.held), time.monotonic()
        first = crew.members.pop("member-1")  # it may end now: whoever gives up is out of the way
        try:
            _start(service, crew, "member-2")
            newcomer = lambda: any(held for name, held in crew.held.items() if name not in old)  # noqa: E731
            return Stuck(waited=_timed(crew, newcomer, began, seconds), fault=crew.fault, lost=_lost(service, crew))
        finally:
            first.program.close()


def hide(yard: CrewYard, service: Downstream, name: str, script: Path, seconds: float) -> Stuck:
    """Of two members one gets no answer any more, and nobody joins. How long until the other has its partitions."""
    with yard.crew(name, script, PARTITIONS) as crew:
        if fault := _settle(service, crew, 2) or _let_hang(service, crew):
            return Stuck(fault)
        return Stuck(waited=_timed(crew, lambda: crew.whole(1), time.monotonic(), seconds), fault=crew.fault)


def freeze(yard: CrewYard, service: Downstream, name: str, script: Path, seconds: float = BOUND) -> Stuck:
    """Of two members one stands still (SIGSTOP), heartbeats and all. How long until the other has its partitions."""
    with yard.crew(name, script, PARTITIONS) as crew:
        if fault := _settle(service, crew, 2):
            return Stuck(fault)
        began = time.monotonic()
        with frozen(crew.members["member-1"].program.pid):
            return Stuck(waited=_timed(crew, lambda: crew.whole(1), began, seconds), fault=crew.fault)


def _let_hang(service: Downstream, crew: Crew) -> str:
    """Give a member that has work to do no more answers; why that could not be done, or nothing."""
    service.hang(crew.name, "member-1")
    crew.write(names(FEW))
    if crew.wait(lambda: bool(service.book().hung(f"{crew.name}/member-1")), STUCK_SECONDS):
        return ""
    return crew.fault or f"{STUCK_SECONDS:.0f} s after invoices had come, it had not called the service."


def _timed(crew: Crew, until: Callable[[], bool], began: float, seconds: float) -> float | None:
    return time.monotonic() - began if crew.wait(until, seconds) else None


def _lost(service: Downstream, crew: Crew) -> int:
    """Invoices below the committed offset of their partition that the service has not handled."""
    done, committed = service.book().done(crew.name), crew.committed()
    below = [invoice for n, invoice in enumerate(names(FEW)) if n // PARTITIONS < committed.get(n % PARTITIONS, 0)]
    return sum(invoice not in done for invoice in below)
