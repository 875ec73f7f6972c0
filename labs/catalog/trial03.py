"""Lab 3: the learner's program at work on a backlog of its own; then the service hangs, and the program is killed."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from labs import commit_log
from labs.calls import Event, Journal, ahead, most_at_once, uncovered
from labs.catalog.service03 import MEMORY_MB, Rig, Service, rig
from labs.catalog.text03 import BACKLOG, BEFORE, HANG, LATER, PACE, SLOW
from labs.contract import LabContext, Output
from labs.customers import Source, event_of, first, in_pairs
from labs.notebook import plot, shell, step
from labs.program import OnLine, Program, ProgramResult
from labs.survival import unreadable

SHARES = {0: 7, 1: 1, 2: 1}
"""Of nine records so many go to each partition: most of them to the one that is behind."""
CUSTOMERS = {0: 50, 1: 7, 2: 7}
START_SECONDS = 12.0
"""In which a program must have called the service."""
COMMIT_SECONDS = 3.0
"""For the commit of what has been handled."""
IDLE_SECONDS = 4.0
"""A program that has records waiting and calls nobody for so long has stopped."""
QUIET_SECONDS = 0.5
"""The same where none are waiting."""
RUN_SECONDS = 60.0
ARRIVED_SECONDS = 1.0
"""For the program to take what arrives while the service hangs."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What came of the kill."""

    lost: int
    """Records that were committed and never handled."""
    left: int
    """Records that were not handled in the end, and not committed."""
    stuck: str = ""
    """How it ended when it was started again; empty where it went on."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a trial has shown."""

    fault: str = ""
    """Why there was nothing to run."""
    result: ProgramResult | None = None
    """How the program ended before it was asked to; None where it did not."""
    handled: int = 0
    """Of the backlog, in its time."""
    seconds: float = 0.0
    """From the first call to the end of the last, or to the end of its time."""
    behind: int = 0
    """Records not committed at the end of its time."""
    disordered: tuple[str, ...] = ()
    """Customers whose order was not kept."""
    refused: int = 0
    """Calls that found no room."""
    at_once: int = 0
    """Calls under way at the same time, at the most."""
    per_call: float = 0.0
    """Records in a call."""
    ahead: int = 0
    """Records that were committed before they were handled."""
    crash: Crash | None = None
    """None where it was not tried."""

    @property
    def rate(self) -> float:
        """Records handled a second."""
        return self.handled / max(self.seconds, 0.001)

    @property
    def in_time(self) -> bool:
        """Whether it handled everything, fast enough."""
        return self.handled == BACKLOG and self.rate >= PACE


@dataclass(slots=True)
class Trial:
    """A topic and a group of one's own, and the program that reads them."""

    rig: Rig
    service: Service
    script: Path
    on_line: OnLine
    source: Source = field(default_factory=Source)
    places: dict[Event, tuple[int, int]] = field(default_factory=dict)
    lives: list[str] = field(default_factory=list)
    """One name for each start of the program: the service knows them apart."""

    @property
    def ctx(self) -> LabContext:
        """All that the lab may touch."""
        return self.rig.ctx

    @property
    def topic(self) -> str:
        """What it reads."""
        return self.rig.name("backlog")

    @property
    def group(self) -> str:
        """Its group."""
        return self.rig.name("yours")

    @property
    def journal(self) -> Journal:
        """What the service has written down."""
        return self.service.journal

    def handled(self) -> Mapping[Event, float]:
        """When each of the events that were written was done."""
        done = self.journal.handled(*self.lives)
        return {event: when for event, when in done.items() if event in self.places}

    def write(self, count: int, turns: Mapping[int, Iterator[str]]) -> None:
        """Events arrive: most of them in the first partition, all mixed."""
        picks = [p for p, share in SHARES.items() for _ in range(count * share // sum(SHARES.values()))]
        random.shuffle(picks)
        outs = [out for p in picks for out in self.source.take(turns[p], 1)]
        for out, sent in zip(outs, self.ctx.kafka.produce(self.topic, outs), strict=True):
            self.places[event_of(out)] = (sent.partition, sent.offset)

    def start(self) -> Program:
        """Start the program, once more."""
        life = f"yours-{len(self.lives) + 1}"
        self.lives.append(life)
        env = {"TOPIC": self.topic, "GROUP": self.group, "INSTANCE": "enrich-a", **self.service.env(life)}
        return self.rig.start(self.script, env, RUN_SECONDS, self.on_line, MEMORY_MB)

    def committed(self) -> Mapping[int, int | None]:
        """Its committed offsets."""
        return self.ctx.kafka.committed(self.group, self.topic)

    def behind(self) -> int:
        """Records that are not committed."""
        committed = self.committed()
        return len(self.places) - sum(offset or 0 for offset in committed.values())

    def look(self) -> None:
        """Plot what waits."""
        plot(self.ctx, {"waiting, yours": len(self.places) - len(self.handled())}, "records")


def try_out(ctx: LabContext, script: Path) -> Seen:
    """Run the program on a backlog; where it is fast enough, let the service hang, kill the program, and start it again."""
    if fault := unreadable(script):
        return Seen(fault)
    with rig(ctx) as found:
        service = found.service((SLOW,))
        trial = Trial(found, service, script, lambda line, stream: ctx.emit(Output(line, stream)))
        turns = _arrange(trial)
        since = commit_log.mark(ctx.kafka, trial.group)
        program, result = _drain(trial)
        seen = _seen(trial, result)
        crash = _crash(trial, turns, program) if seen.in_time and not _failed(result) else None
        program.close()
        return _with_crash(trial, seen, crash, since)


def _arrange(trial: Trial) -> Mapping[int, Iterator[str]]:
    stem = f"c{secrets.token_hex(3)}"
    turns = {p: in_pairs(first(stem, p, BEFORE, count)) for p, count in CUSTOMERS.items()}
    create = shell("kafka-topics", "--create", "--topic", trial.topic, "--partitions", str(BEFORE))
    step(trial.ctx, "verify", f"{BACKLOG} records wait, most of them in partition 0; your program starts", create)
    trial.ctx.kafka.create_topic(trial.topic, BEFORE)
    trial.write(BACKLOG, turns)
    return turns


# --- the backlog -----------------------------------------------------------------------------------------------------


def _drain(trial: Trial) -> tuple[Program, ProgramResult | None]:
    """Run the program until it has drained its backlog, or its time is over."""
    began, program, finished = time.monotonic(), trial.start(), list[float]()

    def over() -> bool:
        trial.look()
        if first_call(trial) is None:
            return time.monotonic() - began > START_SECONDS
        if len(trial.handled()) < BACKLOG:
            return time.time() - (first_call(trial) or 0.0) > BACKLOG / PACE
        finished.append(time.monotonic())
        return not trial.behind() or finished[-1] - finished[0] > COMMIT_SECONDS

    return program, program.wait(trial.ctx.stop, over)


def first_call(trial: Trial) -> float | None:
    """When the program's first call began."""
    calls = trial.journal.of(*trial.lives)
    return calls[0].began if calls else None


def _seen(trial: Trial, result: ProgramResult | None) -> Seen:
    calls = [call for call in trial.journal.of(*trial.lives) if call.done is not None]
    handled = trial.handled()
    began = first_call(trial) or time.time()
    ended = max(handled.values()) if len(handled) == BACKLOG else time.time()
    return Seen(
        result=result,
        handled=len(handled),
        seconds=ended - began,
        behind=trial.behind(),
        at_once=most_at_once(calls),
        per_call=sum(len(call.events) for call in calls) / max(len(calls), 1),
    )


def _failed(result: ProgramResult | None) -> bool:
    return result is not None and result.status != 0


# --- the crash -------------------------------------------------------------------------------------------------------


def _crash(trial: Trial, turns: Mapping[int, Iterator[str]], program: Program) -> Crash:
    """The service hangs, records come in, and the program is killed; both start again."""
    ctx = trial.ctx
    step(
        ctx,
        "verify",
        f"The service hangs; {LATER} more records arrive; your program is killed with SIGKILL",
        "kill -9 PID",
    )
    since = first_call(trial) or time.time()
    if not program.running:  # it ended when everything was done, and is started again, as its users do
        program, since = trial.start(), time.time()
    trial.service.freeze()
    trial.write(LATER, turns)
    arrived = time.time()

    def enough() -> bool:
        trial.look()
        now = time.time()
        return (now - since > HANG and now - arrived > ARRIVED_SECONDS) or bool(
            uncovered(trial.places, trial.handled(), trial.committed())
        )

    program.wait(ctx.stop, enough)
    program.close()
    trial.service.kill()
    ctx.kafka.evict(trial.group)
    return _recover(trial)


def _recover(trial: Trial) -> Crash:
    step(trial.ctx, "verify", "The service works again, and your program is started again")
    trial.service.start()
    with trial.start() as program:
        result = program.wait(trial.ctx.stop, _went_on(trial))
    handled = trial.handled()
    lost = uncovered(trial.places, handled, trial.committed())
    left = len(trial.places) - len(handled) - len(lost)
    stuck = result.explanation if _failed(result) and result is not None else "It stood still." if left else ""
    return Crash(len(lost), left, stuck)


def _went_on(trial: Trial) -> Callable[[], bool]:
    """Holds when everything is handled and committed, or nothing more will be."""
    moved, before = time.monotonic(), (-1, -1)
    began = moved

    def over() -> bool:
        nonlocal moved, before
        trial.look()
        now, state = time.monotonic(), (len(trial.journal.steps), trial.behind())
        if state != before:
            moved, before = now, state
        if not state[1]:
            return len(trial.handled()) == len(trial.places) or now - moved > QUIET_SECONDS
        called = bool(trial.journal.of(trial.lives[-1]))
        return now - moved > IDLE_SECONDS and (called or now - began > START_SECONDS)

    return over


def _with_crash(trial: Trial, seen: Seen, crash: Crash | None, since: int) -> Seen:
    """What the whole trial has shown, once the program is gone."""
    journal, handled = trial.journal, trial.handled()
    early = uncovered(trial.places, handled, trial.committed())
    if trial.ctx.cluster.provider != "external":  # another machine has another clock
        commits = commit_log.history(trial.ctx.kafka, trial.group, since)
        early |= ahead(trial.places, handled, [commit for commit in commits if commit.topic == trial.topic])
    return replace(
        seen,
        disordered=tuple(sorted(journal.disordered(*trial.lives))),
        refused=sum(journal.refused[life] for life in trial.lives),
        ahead=len(early),
        crash=crash,
    )
