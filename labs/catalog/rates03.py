"""Lab 3, second half: seven programs, each with one partition of its own, 50 ms from the profile service."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labs import handouts
from labs.calls import Journal, most_at_once, overtaken, rate
from labs.catalog.service03 import Rig, Service
from labs.catalog.text03 import AT_ONCE, FEW_EVENTS, REFERENCE, RUN_EVENTS, TEMPLATE
from labs.client import Producer
from labs.contract import LabContext
from labs.customers import Source, in_pairs
from labs.notebook import Notebook, plot, shell, step
from labs.program import Program
from labs.waits import wait_until

CUSTOMERS = 40
RUN_SECONDS = 30.0
KILLED_AT = 40
"""Events handled when the one that commits at once is killed."""
TOLD = 0.25
"""Seconds between two points of the plot."""
MEND = "reference/consumer.py"
WAYS = {
    "one": ("consumer.py", FEW_EVENTS),
    "poll-more": ("variants/poll_more.py", FEW_EVENTS),
    "workers": ("variants/workers.py", RUN_EVENTS),
    "lanes": (MEND, RUN_EVENTS),
    "any-order": ("variants/any_order.py", RUN_EVENTS),
    "commit-at-once": ("variants/commit_at_once.py", KILLED_AT),
    "no-limit": ("variants/no_limit.py", RUN_EVENTS),
}
"""Program, and how many events it handles until it is ended."""
RANKED = ("one", "workers", "lanes")
LABELS = {
    "one": "one call after the other",
    "poll-more": "max.poll.records=500",
    "workers": f"{AT_ONCE} workers",
    "lanes": "4 workers, batches",
}


@dataclass(slots=True)
class Run:
    """One program with its topic and its group."""

    rig: Rig
    service: Service
    way: str
    source: Source = field(default_factory=Source)
    program: Program | None = None

    @property
    def topic(self) -> str:
        """Has one partition."""
        return self.rig.name(self.way)

    @property
    def group(self) -> str:
        """Its group."""
        return self.rig.name(f"{self.way}-group")

    @property
    def script(self) -> Path:
        """What it runs."""
        return handouts.path(3, WAYS[self.way][0])

    def write(self, producer: Producer) -> None:
        """The events it is to handle."""
        turn = in_pairs([f"customer-{secrets.token_hex(3)}" for _ in range(CUSTOMERS)])
        producer.send_all(self.topic, self.source.take(turn, RUN_EVENTS))

    def start(self) -> None:
        """Start the program."""
        env = {"TOPIC": self.topic, "GROUP": self.group, "INSTANCE": self.way, **self.service.env(self.way)}
        self.program = self.rig.start(self.script, env, RUN_SECONDS)

    def kill(self) -> None:
        """SIGKILL, and the group is told."""
        if self.program is not None:
            self.program.close()
        self.rig.ctx.kafka.evict(self.group)


def ways_to_handle(rig: Rig, service: Service, book: Notebook) -> None:
    """All of them side by side: they wait most of the time."""
    ctx = rig.ctx
    runs = {way: Run(rig, service, way) for way in WAYS}
    ctx.kafka.create_topics([run.topic for run in runs.values()])
    with ctx.kafka.producer() as producer:
        for run in runs.values():
            run.write(producer)
    step(ctx, "symptom", f"{len(runs)} ways to handle {RUN_EVENTS} records of one partition, 50 ms from the service")
    for run in runs.values():
        run.start()
    _until_done(ctx, service, runs)
    _keep_figures(ctx, service.journal)
    _speeds(ctx, book, service.journal)
    _workers(book, service.journal)
    _any_order(book, service.journal)
    _no_limit(book, service.journal)
    _commit_at_once(book, runs["commit-at-once"])


def _until_done(ctx: LabContext, service: Service, runs: Mapping[str, Run]) -> None:
    """Let each run until it has handled what it is to handle, or can handle no more."""
    left, told = dict(runs), 0.0

    def look() -> bool:
        nonlocal told
        journal = service.journal
        for way in [way for way in left if _has_done(journal, way)]:
            left.pop(way).kill()
        if time.monotonic() - told >= TOLD:
            told = time.monotonic()
            plot(ctx, {f"handled, {label}": len(journal.handled(way)) for way, label in LABELS.items()}, "records")
        return not left

    wait_until(look, ctx.stop, RUN_SECONDS, "the programs to handle their records")


def _has_done(journal: Journal, way: str) -> bool:
    refused = journal.refused[way] if way == "no-limit" else 0
    return len(journal.handled(way)) + refused >= WAYS[way][1]


def _keep_figures(ctx: LabContext, journal: Journal) -> None:
    """What verify shows beside the learner's own figures."""
    rows = {}
    for name, way in ((TEMPLATE, "one"), (REFERENCE, "lanes")):
        calls = [call for call in journal.of(way) if call.done is not None]
        per_call = sum(len(call.events) for call in calls) / max(len(calls), 1)
        rows[name] = {
            "rate": rate(calls),
            "at_once": most_at_once(calls),
            "per_call": per_call,
            "disordered": len(journal.disordered(way)),
        }
    ctx.facts.put(figures=rows)


def _speeds(ctx: LabContext, book: Notebook, journal: Journal) -> None:
    found = {way: rate(journal.of(way)) for way in LABELS}
    plot(ctx, {f"records/s, {label}": found[way] for way, label in LABELS.items()}, "records/s")
    ratio = found["poll-more"] / max(found["one"], 0.1)
    value = "same" if ratio < 2 else "few-times" if ratio < 10 else "many-times"
    text = (
        f"With max.poll.records=500 it handled {found['poll-more']:.0f} records a second, with 10 {found['one']:.0f}."
    )
    book.note("poll-more", text, value, f"{found['poll-more']:.0f} records/s instead of {found['one']:.0f}")
    ranking = tuple(sorted(RANKED, key=lambda way: -found[way]))
    told = ", ".join(f"{LABELS[way]}: {found[way]:.0f}" for way in ranking)
    book.note("speed-order", f"Records a second from one partition: {told}.", ranking, told)


def _workers(book: Notebook, journal: Journal) -> None:
    most, broken = most_at_once(journal.of("workers")), len(journal.disordered("workers"))
    text = (
        f"With a queue for each customer up to {most} calls of one partition were under way at once, and {broken} of "
        f"{CUSTOMERS} customers had two events under way or one left out."
    )
    value = float(most if not broken else 0)
    book.note("one-partition-many-calls", text, value, f"{most} at once, {broken} customers out of order")


def _any_order(book: Notebook, journal: Journal) -> None:
    broken = len(overtaken(journal.handled("any-order")))
    both = len(journal.disordered("any-order"))
    text = (
        f"With {AT_ONCE} workers that take any record, {both} of {CUSTOMERS} customers had two events under way at once; for "
        f"{broken} a later one was done first."
    )
    book.note("any-order", text, float(broken), f"{broken} customers out of order")


def _no_limit(book: Notebook, journal: Journal) -> None:
    refused = journal.refused["no-limit"]
    text = f"With 40 workers the service, which has room for {AT_ONCE} calls, refused {refused} of {RUN_EVENTS}."
    book.note("no-limit-refused", text, float(refused), f"{refused} of {RUN_EVENTS} refused")


def _commit_at_once(book: Notebook, run: Run) -> None:
    """It has been killed. One more event comes, and it is started again: once that is handled, nothing before it will be."""
    ctx, journal = run.rig.ctx, run.service.journal
    step(ctx, "symptom", "The one that commits at once was killed, and is started again", "kill -9 PID")
    committed = ctx.kafka.committed(run.group, run.topic)[0]
    done = len(journal.handled(run.way))
    last = f"customer-{secrets.token_hex(3)}"
    ctx.kafka.produce(run.topic, [run.source.next(last)])
    run.start()
    wait_until(_handled(run, last), ctx.stop, RUN_SECONDS, "the last record to be handled")
    run.kill()
    lost = sum(run.source.made.values()) - len(run.service.journal.handled(run.way))
    text = (
        f"When it was killed {committed} records were committed and {done} handled. Started again, it went on behind them: "
        f"{lost} records were never handled."
    )
    command = shell("kafka-consumer-groups", "--describe", "--group", run.group)
    book.note("commit-at-once-loses", text, "lost" if lost else "again", f"{lost} records lost", command)


def _handled(run: Run, customer: str) -> Callable[[], bool]:
    return lambda: (customer, 1) in run.service.journal.handled(run.way)
