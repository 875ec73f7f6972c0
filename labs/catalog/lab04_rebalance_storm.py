"""Lab 4: rebalance storm. A batch longer than max.poll.interval.ms, what ends it, and what makes a rebalance cheap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from labs import handouts
from labs.catalog.joins04 import ASSIGNOR, Joined, Restarted, forget_heartbeats, join, restart
from labs.catalog.storm04 import Stuck, Work, fair_work, freeze, hang, hide, work
from labs.catalog.text04 import (
    BATCH,
    BOUND,
    FACTS,
    HIDDEN,
    INFO,
    INTERVAL,
    INVOICES,
    LONGER,
    PARTITIONS,
    SERVICE_SECONDS,
    SESSION,
    WINDOW,
)
from labs.catalog.verify04 import SCRIPT, Found, checks_of, table
from labs.contract import Check, LabContext, LabInfo, Observation, Output, Whose
from labs.coordinator import reasons
from labs.crews import Crew, CrewYard
from labs.downstream import Downstream
from labs.notebook import Notebook, measured, shell, step
from labs.survival import unreadable

AT_ONCE = 8
"""Experiments at the same time: they mostly wait."""
TRIED = 4.0
"""Seconds for which a setting that does not help is watched."""
TEMPLATE = "as it is"
REFERENCE = "the reference"
WHOSE: Mapping[str, Whose] = {TEMPLATE: "template", REFERENCE: "reference", "yours": "yours"}


class RebalanceStorm:
    """The lab. State: the workspace's consumer.py, and what the template and the reference did in the facts."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic, and the program with the fault."""
        topic = ctx.name("invoices")
        command = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
        step(ctx, "arrange", f"A topic with {PARTITIONS} partitions", command)
        ctx.kafka.create_topic(topic, PARTITIONS)
        step(ctx, "arrange", f"{SCRIPT}, which handles invoices, is put into the workspace")
        handouts.hand_out(4, ctx.workspace, SCRIPT)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """The storm, what ends it and what does not, three protocols, two restarts: side by side."""
        book = Notebook(ctx, FACTS)
        with CrewYard(ctx) as yard, Downstream(yard, SERVICE_SECONDS) as service:
            _tell_plan(ctx)
            found = _all_of_it(ctx, yard, service)
            _note_storm(ctx, book, yard, found)
            _note_fixes(ctx, book, yard, found)
            _note_protocols(book, yard, found)
            _note_restarts(book, yard, found)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Two members of the learner's program at work, one beside one that hangs, one beside one that is frozen."""
        script = ctx.workspace / SCRIPT
        if fault := unreadable(script):
            return checks_of(Found(Work(fault), fault=fault))
        step(ctx, "verify", f"Two processes of {SCRIPT} settle, then {INVOICES} invoices arrive")
        step(
            ctx,
            "verify",
            "Beside them: one member hangs and another joins; one of two members is frozen",
            "kill -STOP PID",
        )
        with CrewYard(ctx) as yard, Downstream(yard, SERVICE_SECONDS) as service, _Jobs(3) as jobs:
            working = jobs.begin(lambda: fair_work(yard, service, "yours", script, shown=True))
            hanging = jobs.begin(lambda: hang(yard, service, "yours-hanging", script, BOUND))
            freezing = jobs.begin(lambda: freeze(yard, service, "yours-frozen", script, BOUND))
            found = Found(working.result(), hanging.result(), freezing.result())
        _show_beside(ctx, found.work)
        return checks_of(found)

    def reference_fix(self, ctx: LabContext) -> None:
        """Fewer records per poll."""
        step(ctx, "fix", "A poll brings two records instead of ten: 0.5 s of work, where 1.5 s are allowed")
        handouts.hand_out_reference(4, ctx.workspace, SCRIPT)

    def clean(self, ctx: LabContext) -> None:
        """The setting of a group, which outlives the group."""
        forget_heartbeats(ctx)


LAB = RebalanceStorm()


# --- all experiments, side by side -----------------------------------------------------------------------------------


class _Jobs:
    """Runs jobs on threads; the first that fails is told when its result is asked for."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="crew")

    def __enter__(self) -> _Jobs:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, job: Callable[[], Any]) -> Future[Any]:
        """Begin a job, now or when there is room."""
        return self._pool.submit(job)


def _tell_plan(ctx: LabContext) -> None:
    describe = shell("kafka-consumer-groups", "--describe", "--all-groups", "--state")
    batch = BATCH * SERVICE_SECONDS
    step(ctx, "symptom", f"{SCRIPT} as a group of two: batches of {batch} s, {INTERVAL} ms allowed", describe)
    step(
        ctx,
        "symptom",
        "Beside it, each with a topic and a group of its own: three fixes, and two settings that are none",
    )
    step(ctx, "symptom", "Members that hang or are frozen, and two restarts", "kill -STOP PID")
    member = ["kafka-verifiable-consumer", "--topic", "TOPIC", "--group-id", "GROUP"]
    text = "A member joins while another one stands still: eager, cooperative-sticky"
    step(ctx, "symptom", text, shell(*member, "--assignment-strategy", ASSIGNOR))
    step(ctx, "symptom", "… and the protocol of KIP-848", shell(*member, "--group-protocol", "consumer"))


def _all_of_it(ctx: LabContext, yard: CrewYard, service: Downstream) -> Mapping[str, Any]:
    template = handouts.path(4, SCRIPT)
    fewer, worker = handouts.path(4, f"reference/{SCRIPT}"), handouts.path(4, "variants/worker.py")
    longer = _changed(yard, "longer", f"max_poll_interval_ms={INTERVAL}", f"max_poll_interval_ms={LONGER}")
    session = _changed(yard, "session", f"session_timeout_ms={SESSION}", "session_timeout_ms=30_000")
    more = _changed(yard, "more", f"max_poll_records={BATCH}", "max_poll_records=500")
    storm = yard.crew_on("storm", template, PARTITIONS, ctx.name("invoices"), ctx.name("invoice-worker"))

    def crew(name: str, script: Path) -> Crew:
        return yard.crew(name, script, PARTITIONS)

    jobs: dict[str, Callable[[], Any]] = {
        "cooperative": lambda: join(yard, "cooperative"),
        "consumer": lambda: join(yard, "consumer"),
        "storm": lambda: work(yard, service, storm, WINDOW, shown=True),
        "fewer": lambda: fair_work(yard, service, "fewer", fewer),
        "longer": lambda: fair_work(yard, service, "longer", longer),
        "worker": lambda: fair_work(yard, service, "worker", worker),
        "longer-hung": lambda: hang(yard, service, "longer-hung", longer),
        "eager": lambda: join(yard, "eager"),
        "frozen": lambda: freeze(yard, service, "frozen", template),
        "hidden": lambda: hide(yard, service, "hidden", worker, HIDDEN),
        "session": lambda: work(yard, service, crew("session", session), TRIED),
        "more": lambda: work(yard, service, crew("more", more), TRIED),
        "fewer-hung": lambda: hang(yard, service, "fewer-hung", fewer),
        "worker-hung": lambda: hang(yard, service, "worker-hung", worker),
        "dynamic": lambda: restart(yard, "dynamic", static=False),
        "static": lambda: restart(yard, "static", static=True),
    }
    with _Jobs(AT_ONCE) as pool:
        futures = {name: pool.begin(job) for name, job in jobs.items()}
        return {name: future.result() for name, future in futures.items()}


def _changed(yard: CrewYard, name: str, old: str, new: str) -> Path:
    """The template with one setting changed."""
    path = yard.home / f"{name}.py"
    path.write_text(handouts.text(4, SCRIPT).replace(old, new), encoding="utf-8")
    return path


# --- what they have shown --------------------------------------------------------------------------------------------


def _note_storm(ctx: LabContext, book: Notebook, yard: CrewYard, found: Mapping[str, Any]) -> None:
    seen: Work = found["storm"]
    ctx.facts.put(template=seen.to_row(), reference=found["fewer"].to_row())
    describe = shell("kafka-consumer-groups", "--describe", "--group", ctx.name("invoice-worker"), "--state")
    text = f"In {seen.seconds:.1f} s, with two processes that never stopped, the group went through {seen.rebalances} rebalances."
    book.note("rebalances", text, float(seen.rebalances), f"{seen.rebalances} rebalances", describe)
    text = f"Members lost their partitions {seen.revoked} times and came back each time."
    book.note("revocations", text, float(seen.revoked), f"{seen.revoked} times")
    text = f"When they had done their batches, {seen.refused} commits were refused (CommitFailedError)."
    book.note("commits-refused", text, float(seen.refused), f"{seen.refused} commits refused")
    text = f"The service was called {seen.calls} times for {seen.handled} invoices; {seen.twice} were handled more than once."
    book.note("handled-twice", text, float(seen.twice), f"{seen.twice} invoices")
    offsets = shell("kafka-consumer-groups", "--describe", "--group", ctx.name("invoice-worker"))
    text = f"Of {INVOICES} invoices {seen.committed} were committed."
    book.note("committed-nothing", text, float(seen.committed), f"{seen.committed} committed", offsets)
    _note_limits(ctx, book, yard, seen.why, found["frozen"])


def _note_limits(ctx: LabContext, book: Notebook, yard: CrewYard, left: Sequence[str], frozen: Stuck) -> None:
    expired = reasons(ctx, f"{yard.name('frozen')}-group")
    who = "client" if any("LeaveGroup" in reason for reason in left) else "broker" if left else "unknown"
    text = f"Why the group rebalanced, in the coordinator's log: {_quoted(left, 'LeaveGroup')}."
    book.note("left-by-itself", text, who, _WHO[who])
    waited = frozen.waited if frozen.waited is not None else BOUND + 1
    text = (
        f"A member stopped with SIGSTOP had its partitions taken away after {waited:.1f} s (session.timeout.ms={SESSION}). The "
        f"coordinator's log: {_quoted(expired, 'heartbeat')}."
    )
    book.note("frozen-by-heartbeat", text, round(waited, 1), f"{waited:.1f} s", "kill -STOP PID")


_WHO = {
    "client": "the client left",
    "broker": "the broker removed it",
    "unknown": "not told: the broker's log is not on this machine",
}


def _quoted(said: Sequence[str], word: str) -> str:
    fitting = [reason for reason in said if word in reason] or list(said)
    return fitting[-1] if fitting else "it is not on this machine"


def _note_fixes(ctx: LabContext, book: Notebook, yard: CrewYard, found: Mapping[str, Any]) -> None:
    rows = {title: found[name] for name, title in _ROWS.items()}
    for line in table(rows):
        ctx.emit(Output(line))
    for name, observation in (("session", "longer-session"), ("more", "more-records")):
        seen: Work = found[name]
        goes_on = "on" if seen.rebalances and not seen.committed else "ends"
        text = f"With {_ROWS[name]}: {seen.rebalances} rebalances and {seen.committed} invoices committed in {seen.seconds:.1f} s."
        book.note(observation, text, goes_on, f"{seen.rebalances} rebalances, {seen.committed} committed")
    for name, observation in (("fewer", "fewer-records"), ("longer", "longer-interval"), ("worker", "worker-paused")):
        _note_fix(book, observation, _ROWS[name], found[name])
    _note_hung(ctx, book, found)


_ROWS = {
    "storm": TEMPLATE,
    "session": "session.timeout.ms=30000",
    "more": "max.poll.records=500",
    "fewer": "max.poll.records=2",
    "longer": f"max.poll.interval.ms={LONGER}",
    "worker": "worker and pause()",
}


def _note_fix(book: Notebook, observation: str, title: str, seen: Work) -> None:
    why = f" The last one, in the coordinator's log: {_quoted(seen.why, '')}." if seen.rebalances else ""
    faults = seen.rebalances + seen.twice + (INVOICES - seen.committed)
    text = (
        f"With {title}: {seen.rebalances} rebalances, {seen.committed} of {INVOICES} invoices committed, {seen.twice} handled "
        f"twice, in {seen.seconds:.1f} s.{why}"
    )
    book.note(
        observation,
        text,
        float(faults),
        f"{seen.rebalances} rebalances, {seen.twice} twice, {seen.committed} committed",
    )


def _note_hung(ctx: LabContext, book: Notebook, found: Mapping[str, Any]) -> None:
    waits = {name: found[f"{name}-hung"].waited or BOUND + 1 for name in ("fewer", "longer", "worker")}
    ctx.emit(Output("A member hangs, another one joins; it waits for partitions:"))
    for name, waited in waits.items():
        ctx.emit(Output(f"  {_ROWS[name]:<26} {waited:5.1f} s"))
    ranking = tuple(sorted(waits, key=lambda name: waits[name]))
    told = ", ".join(f"{_ROWS[name]}: {waits[name]:.1f} s" for name in ranking)
    book.note("hung-wait", f"Beside a member that hangs, a newcomer had partitions after … {told}.", ranking, told)
    hidden: Stuck = found["hidden"]
    text = f"The worker of one of two members hung for {HIDDEN:.0f} s, and the group " + (
        "did not notice." if hidden.waited is None else f"took its partitions after {hidden.waited:.1f} s."
    )
    noticed = float(hidden.waited is not None)
    book.note("worker-hides-hang", text, noticed, "not noticed" if not noticed else "noticed")


def _note_protocols(book: Notebook, yard: CrewYard, found: Mapping[str, Any]) -> None:
    joins: dict[str, Joined] = {name: found[name] for name in ("eager", "cooperative", "consumer")}
    describe = {
        name: shell(
            "kafka-consumer-groups", "--describe", "--group", f"{yard.name(name)}-group", "--members", "--verbose"
        )
        for name in joins
    }
    for name, title in (("eager", "range, which is eager"), ("cooperative", "cooperative-sticky")):
        gave = joins[name].gave_up
        text = f"With {title}, an old member gave up {gave} of its 3 partitions when a third one joined."
        book.note(f"{name}-gives-up", text, float(gave), f"{gave} of 3", describe[name])
    for name, observation in _READS.items():
        seen = joins[name]
        text = (
            f"While one member stood still and a third one had joined, the other old member read {seen.read} records in "
            f"{seen.seconds:.1f} s ({_PROTOCOLS[name]}), and the newcomer had {seen.newcomer} partitions."
        )
        book.note(observation, text, float(seen.read), f"{seen.read} records", describe[name])
    served = {name for name in ("cooperative", "consumer") if joins[name].newcomer}
    value = "both" if len(served) == 2 else "neither" if not served else served.pop()
    told = f"cooperative-sticky: {joins['cooperative'].newcomer}, consumer: {joins['consumer'].newcomer}"
    text = f"Partitions of the newcomer while one of the old members stood still … {told}."
    book.note("kip848-serves-newcomer", text, value, told, describe["consumer"])


_READS = {"eager": "eager-reads-nothing", "cooperative": "cooperative-reads-on", "consumer": "kip848-reads-on"}
_PROTOCOLS = {
    "eager": "range, kafka-python",
    "cooperative": "cooperative-sticky, Java's client",
    "consumer": "group.protocol=consumer, Java's client",
}


def _note_restarts(book: Notebook, yard: CrewYard, found: Mapping[str, Any]) -> None:
    for name, how in (("dynamic", "without"), ("static", "with")):
        seen: Restarted = found[name]
        describe = shell("kafka-consumer-groups", "--describe", "--group", f"{yard.name(name)}-group", "--state")
        more = seen.rebalances - seen.changes
        again = f" ({more} more because its leader joined once again)" if more > 0 else ""
        text = (
            f"One of two members, {how} group.instance.id, ended in order and came back: {seen.changes} rebalances because a "
            f"member had gone or come{again}."
        )
        book.note(f"{name}-restart", text, float(seen.changes), f"{seen.changes} rebalances", describe)
    moved = found["dynamic"].moved
    command = shell("kafka-log-dirs", "--describe", "--topic-list", yard.name("dynamic"))
    text = f"In these rebalances partitions changed hands twice; the topic's logs changed by {moved} bytes."
    book.note("no-bytes-moved", text, float(moved), f"{moved} bytes", command)


# --- before and after ------------------------------------------------------------------------------------------------


def _show_beside(ctx: LabContext, yours: Work) -> None:
    """The learner's figures under those of the template and the reference."""
    known = {TEMPLATE: ctx.facts.get("template"), REFERENCE: ctx.facts.get("reference")}
    rows = {name: Work(**row) for name, row in known.items() if isinstance(row, dict)}
    for line in table({**rows, "yours": yours}):
        ctx.emit(Output(line))
    for name, seen in {**rows, "yours": yours}.items():
        whose = WHOSE[name]
        measured(ctx, "rebalances after the group had settled", seen.rebalances, whose=whose)
        measured(ctx, "commits refused", seen.refused, whose=whose)
        measured(ctx, "invoices handled twice", seen.twice, whose=whose)
        measured(ctx, "invoices committed", seen.committed, f"of {INVOICES}", whose)
