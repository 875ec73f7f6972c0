"""Trials: a payment program is killed at a chosen place, started again until it is done, and its effects are counted.

Each trial has a topic, a group, a directory and a database of its own, so several run side by side. After the crash one
more payment arrives: once that has taken effect, everything before it has been handled, whatever the program looks like.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from labs import crashes, nursery, payments
from labs.contract import LabContext
from labs.errors import EnvironmentFault, LearnerError
from labs.launcher import Moment
from labs.payments import Book, Tally
from labs.program import Limits, OnLine, Program, ProgramResult
from labs.settling import done, settled, waiting
from labs.values import Out
from labs.waits import SLICE, wait_until

T = TypeVar("T")
R = TypeVar("R")
SIDE_BY_SIDE = 6
"""Trials at the same time: they mostly wait for the broker."""
RUN_SECONDS = 8.0
"""A run that has not done its work by then never will."""
RESTARTS = 4
NOT_MET = 1.0
"""Seconds after all work was done in which the crash point would have been passed."""
READ_SECONDS = 3.0
"""How long a database may stay locked by others once a program has ended: all trials share the gateway's."""
WARM_UP = "warm-up-group"
WATCH = ("sqlite3", "kafka", "urllib", "http", "socket")

Sums = Mapping[str, int]
"""Account → rupees."""
Effect = Callable[["Trial"], Sums | None]
"""Reads what a trial has done to one part of the world; None where it cannot be read now."""


def ignored(_line: str, _stream: object) -> None:
    """Drop a line of output."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crash has come to."""

    tallies: Mapping[str, Tally]
    """By effect."""
    crashes: int
    """How often the program was killed."""
    stuck: str = ""
    """Why the payment that came later was never handled; empty where it was."""

    @property
    def once(self) -> bool:
        """Whether every payment has taken every effect once."""
        return not self.stuck and all(tally.once for tally in self.tallies.values())

    def word(self, effect: str) -> str:
        """`once`, `lost`, `twice` …"""
        return self.tallies[effect].word


@dataclass(frozen=True, slots=True)
class QuietRun:
    """A run in which nothing was killed."""

    points: tuple[crashes.Point, ...]
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """By effect, while it waited for more."""
    fault: str = ""
    """Why it did not do its work; empty where it did."""


class Trial:
    """One topic, group, directory and database, and the program that works with them."""

    def __init__(self, bench: Bench, name: str, book: Book, topic: str = "", group: str = "") -> None:
        self.bench = bench
        self.name = name
        self.book = book
        self.effects = dict(bench.effects)
        self.env: Mapping[str, str] = {}
        self.topic = topic or bench.name(name)
        self.group = group or bench.name(f"{name}-group")
        self.home = bench.home / name
        self.trace = self.home / "trace.jsonl"
        self.database = self.home / payments.DATABASE
        self.reader = payments.Reader(self.database)

    def sums(self) -> dict[str, Sums | None]:
        """What has been done to the world so far, by effect."""
        return {name: effect(self) for name, effect in self.effects.items()}

    def sums_at_rest(self) -> dict[str, Sums | None]:
        """The same when its program has ended: a database that cannot be read at this moment is asked again."""
        end = time.monotonic() + READ_SECONDS
        while None in (found := self.sums()).values() and time.monotonic() < end:
            self.bench.ctx.stop.wait(SLICE)
        return found

    def start(
        self,
        script: Path,
        moment: Moment | None = None,
        *,
        trace: bool = False,
        on_line: OnLine = ignored,
    ) -> Program:
        """Start the program; `moment`: where it is to be killed."""
        ctx = self.bench.ctx
        own = {"BOOTSTRAP": ctx.cluster.bootstrap_servers, "TOPIC": self.topic, "GROUP": self.group}
        return Program(
            script,
            env={**own, **self.bench.env(self), **self.env},
            limits=Limits(RUN_SECONDS, lines=60),
            on_line=on_line,
            trace=self.trace if trace else None,
            crash_when=moment,
            watch=WATCH,
            cwd=self.home,
            nursery=self.bench.nursery,
            access=ctx.cluster.access,
        )

    def arrive(self) -> None:
        """The payment that comes later arrives."""
        self.bench.write(self.topic, [self.book.later])

    def forget_dead(self) -> None:
        """Have the group give up its killed member now, instead of when its session has run out."""
        self.bench.ctx.kafka.evict(self.group)

    def handled_later(self, sums: Mapping[str, Sums | None]) -> bool:
        """Whether the payment that came later has taken every effect."""
        return all(payments.all_there([self.book.later], found) for found in sums.values())

    def complete(self, sums: Mapping[str, Sums | None], later: bool) -> bool:
        """Whether every payment has taken every effect at least once."""
        wanted = [*self.book.payments, *([self.book.later] if later else [])]
        return all(payments.all_there(wanted, found) for found in sums.values())

    def tallies(self) -> dict[str, Tally]:
        """How often payments took effect, once all is done."""
        everything = [*self.book.payments, self.book.later]
        return {name: payments.tally(everything, found) for name, found in self.sums_at_rest().items()}


class Bench:
    """Where trials run: names, directories and processes that go when it is left."""

    def __init__(self, ctx: LabContext, transactions: bool = False) -> None:
        """`transactions`: whether programs will use them."""
        self.ctx = ctx
        self.effects: dict[str, Effect] = {"ledger": lambda trial: payments.spent(trial.reader, trial.book)}
        """What the trials made from now on change."""
        self.env: Callable[[Trial], Mapping[str, str]] = lambda _: {}
        """What their programs are told beyond the broker, the topic and the group."""
        self._token = secrets.token_hex(3)
        self.home = ctx.workspace.parent / "runs" / self._token
        self._trials: list[Trial] = []
        self._adopted: list[Trial] = []
        self._topics: list[str] = []
        self._transactions = transactions
        self._producer = ctx.kafka.producer()
        self.nursery: nursery.Nursery | None = None

    def _nursery(self) -> nursery.Nursery:
        topic, group = self.name("warm-up"), self.name(WARM_UP)
        self.topics(topic)
        self._producer.send_all(topic, [Out(b"warm-up")])
        cluster, identity = self.ctx.cluster, self.name("warm-up-id") if self._transactions else ""
        warm_up = nursery.WarmUp(cluster.bootstrap_servers, topic, group, identity, cluster.access.client)
        return nursery.Nursery(warm_up=warm_up)

    def __enter__(self) -> Bench:
        """Raises EnvironmentFault, KafkaRefused."""
        try:
            make_directory(self.home)
            self.nursery = self._nursery() if nursery.available() else None
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.nursery is not None:
            self.nursery.close()
        self._producer.close()
        for trial in (*self._trials, *self._adopted):
            trial.reader.close()
        shutil.rmtree(self.home, ignore_errors=True)
        with contextlib.suppress(LearnerError):  # a stop or a dead broker: the end of the lab removes them
            self._remove()

    def _remove(self) -> None:
        kafka = self.ctx.kafka
        kafka.delete_topics(self._topics)
        groups = [trial.group for trial in self._trials]
        for name in kafka.delete_groups([*groups, self.name(WARM_UP)]):
            kafka.evict(name)
            kafka.delete_groups([name])

    def name(self, suffix: str) -> str:
        """A topic or group of this bench."""
        return self.ctx.name(f"{self._token}-{suffix}")

    def topics(self, *names: str) -> None:
        """Make topics that go with the bench."""
        self._topics += names
        self.ctx.kafka.create_topics(names)

    def write(self, topic: str, wanted: Sequence[payments.Payment]) -> None:
        """Payments arrive in a topic."""
        self._producer.send_all(topic, [payment.out() for payment in wanted])

    def trials(self, names: Iterable[str], each: int = 3) -> list[Trial]:
        """Trials with payments waiting in their topics and the accounts opened. Raises EnvironmentFault."""
        made = [Trial(self, name, payments.new_book(secrets.token_hex(3), payments=each)) for name in names]
        self._trials += made
        self.topics(*(trial.topic for trial in made))
        for trial in made:
            self._open(trial)
        return made

    def adopt(self, topic: str, group: str, each: int) -> Trial:
        """A trial with a topic and a group that stay when the bench is left."""
        trial = Trial(self, topic, payments.new_book(secrets.token_hex(3), payments=each), topic, group)
        self._adopted.append(trial)
        self._open(trial)
        return trial

    def _open(self, trial: Trial) -> None:
        make_directory(trial.home)
        payments.open_accounts(trial.database, trial.book)
        self.write(trial.topic, trial.book.payments)
        self.await_nursery()

    def await_nursery(self) -> None:
        """Wait until programs start at once."""
        ready = self.nursery
        if ready is not None:
            wait_until(lambda: ready.ready, self.ctx.stop, 30.0, "Python to start")

    def side_by_side(self, job: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Do a job for each item, a few at a time; results in the order of the items."""
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="trial") as pool:
            futures = [pool.submit(job, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def make_directory(path: Path) -> None:
    """Make a directory. Raises EnvironmentFault."""
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise EnvironmentFault(
            f"Cannot write {path}", error.strerror or str(error), "Make room, then type `reset`."
        ) from error


def was_killed(result: ProgramResult | None) -> bool:
    """Whether the run ended by the SIGKILL of its moment."""
    return result is not None and result.status == -signal.SIGKILL and result.ending == "failed"


def quiet_run(trial: Trial, script: Path, on_line: OnLine) -> QuietRun:
    """Run the program without a crash and write down its calls."""
    stop = trial.bench.ctx.stop
    with trial.start(script, trace=True, on_line=on_line) as program:
        result = program.wait(stop, waiting(trial))
    trial.forget_dead()
    points = tuple(crashes.points(crashes.read_trace(trial.trace)))
    sums = trial.sums_at_rest()
    tallies = {name: payments.tally(trial.book.payments, found) for name, found in sums.items()}
    if result is None or trial.complete(sums, later=False):
        return QuietRun(points, tallies)
    if result.ending != "time limit":
        return QuietRun(points, tallies, result.explanation)
    return QuietRun(
        points, tallies, f"After {RUN_SECONDS:.0f} s not every payment had been handled: {_short_of(trial)}."
    )


def _short_of(trial: Trial) -> str:
    """What a run has not done, e.g. `ledger: 1 of 3`."""
    told = []
    for effect, sums in trial.sums_at_rest().items():
        found = payments.tally(trial.book.payments, sums)
        total = len(trial.book.payments)
        told.append(f"{effect}: {found.odd or f'{total - len(found.lost)} of {total}'}")
    return ", ".join(told)


def crash(trial: Trial, script: Path, moment: Moment, on_line: OnLine = ignored) -> bool:
    """Run the program until it is killed at the moment; False where it never came there, and was killed while idle."""
    with trial.start(script, moment, on_line=on_line) as program:
        result = program.wait(trial.bench.ctx.stop, done(trial, NOT_MET))
    trial.forget_dead()
    return was_killed(result)


def recover(
    trial: Trial,
    script: Path,
    again: Moment | None = None,
    crashed: int = 1,
    on_line: OnLine = ignored,
    on_look: Callable[[], None] = lambda: None,
) -> Outcome:
    """One more payment arrives, and the program is started until that is done; the first time it is killed at `again`.

    `crashed`: how often it has been killed already; `on_look`: called from time to time while it runs.
    """
    stop, stuck = trial.bench.ctx.stop, ""
    trial.arrive()
    for attempt in range(RESTARTS):
        with trial.start(script, again if attempt == 0 else None, on_line=on_line) as program:
            result = program.wait(stop, settled(trial, on_look))
        trial.forget_dead()
        if result is None or trial.handled_later(trial.sums_at_rest()):
            return Outcome(trial.tallies(), crashed)
        crashed += was_killed(result)
        stuck = result.explanation
        if result.ending == "time limit":
            break
    return Outcome(trial.tallies(), crashed, stuck)
