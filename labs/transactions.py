"""Transactions seen from outside: an open one, its two kinds of readers, and the zombie that wants to commit it."""

from __future__ import annotations

import signal

from labs import handouts
from labs.catalog.text09 import AFTERWARDS, BEFORE, INSIDE
from labs.contract import LabContext
from labs.launcher import Mark, Moment
from labs.notebook import Notebook, plot, shell, step
from labs.payments import new_book
from labs.program import Limits, Program, ProgramResult
from labs.trials import Bench
from labs.values import Out

LAB = 9
SECONDS = 20.0


def frozen_transaction(ctx: LabContext, bench: Bench, book: Notebook) -> None:
    """Freeze a producer in its transaction, read what can be read, start a second instance, wake the first one up."""
    topic = ctx.name("transactions")
    command = shell(
        "kafka-console-consumer", "--topic", topic, "--from-beginning", "--isolation-level", "read_committed"
    )
    step(
        ctx, "symptom", f"A producer writes {INSIDE} records in a transaction, and freezes (SIGSTOP)", "kill -STOP PID"
    )
    ctx.kafka.produce(topic, [Out(f"before-{n}".encode()) for n in range(BEFORE)])
    before_commit = Moment(Mark("before", "KafkaProducer.commit_transaction"), signal=int(signal.SIGSTOP))
    with _instance(ctx, bench, "first", before_commit) as first:
        first.wait(ctx.stop, lambda: first.frozen)
        ctx.kafka.produce(topic, [Out(f"after-{n}".encode()) for n in range(AFTERWARDS)])
        step(ctx, "symptom", "Two readers, one with read_committed and one with read_uncommitted", command)
        _note_open(ctx, book, topic, command)
        list_command = shell("kafka-transactions", "list")
        step(ctx, "symptom", "A second instance starts with the same transactional.id, and commits", list_command)
        with _instance(ctx, bench, "second", None) as second:
            second.wait(ctx.stop)
        step(ctx, "symptom", "The first instance wakes up, and commits", "kill -CONT PID")
        first.send_signal(signal.SIGCONT)
        result = first.wait(ctx.stop)
    _note_fenced(book, result, list_command)
    _note_aborted(ctx, book, topic, command)


def _instance(ctx: LabContext, bench: Bench, name: str, moment: Moment | None) -> Program:
    env = {
        "BOOTSTRAP": ctx.cluster.bootstrap_servers,
        "TOPIC": ctx.name("transactions"),
        "TRANSACTIONAL_ID": ctx.name("payments-1"),
        "INSTANCE": name,
    }
    return Program(
        handouts.path(LAB, "variants/two_instances.py"),
        env=env,
        limits=Limits(SECONDS),
        crash_when=moment,
        cwd=bench.home,
        nursery=bench.nursery,
        access=ctx.cluster.access,
    )


def _note_open(ctx: LabContext, book: Notebook, topic: str, command: str) -> None:
    total = BEFORE + INSIDE + AFTERWARDS
    uncommitted, committed = _read(ctx, topic, "read_uncommitted"), _read(ctx, topic, "read_committed")
    text = f"{BEFORE} records before the open transaction, {INSIDE} in it, {AFTERWARDS} behind it: read_committed got {committed}."
    book.note("open-transaction-holds-back", text, float(committed), f"{committed} of {total} records", command)
    text = f"At the same time read_uncommitted got {uncommitted}."
    book.note("uncommitted-reads-all", text, float(uncommitted), f"{uncommitted} of {total} records", command)


def _read(ctx: LabContext, topic: str, isolation: str) -> int:
    end = ctx.kafka.log_end(topic, isolation)
    with ctx.kafka.consumer(isolation_level=isolation) as consumer:
        consumer.assign(topic, {0: 0})
        count = len(consumer.read_to(topic, end))
    plot(ctx, {isolation: count}, "records")
    return count


def _note_fenced(book: Notebook, result: ProgramResult | None, command: str) -> None:
    error = "nothing"
    if result is not None and result.errors:
        error = result.errors[-1].split(":")[0].rsplit(".", 1)[-1]
    committed = result is not None and result.ending == "finished"
    text = "It was committed." if committed else f"The commit of the first instance was answered with {error}."
    book.note("zombie-fenced", text, "both" if committed else "fenced", "committed" if committed else error, command)


def _note_aborted(ctx: LabContext, book: Notebook, topic: str, command: str) -> None:
    total = BEFORE + AFTERWARDS + 2 * INSIDE
    uncommitted, committed = _read(ctx, topic, "read_uncommitted"), _read(ctx, topic, "read_committed")
    text = (
        f"Afterwards the topic holds {uncommitted} records of {total} written; read_committed reads {committed} of them, all "
        f"but the {uncommitted - committed} of the aborted transaction."
    )
    book.note("aborted-stays-hidden", text, float(committed), f"{committed} of {uncommitted} records", command)


def second_send(ctx: LabContext, book: Notebook) -> None:
    """Send one payment twice with an idempotent producer."""
    topic = ctx.name("payment-completed")
    payment = new_book("AGAIN").first
    step(ctx, "symptom", "An idempotent producer is given the same payment twice")
    ctx.kafka.produce(topic, [payment.out(), payment.out()], enable_idempotence=True, acks="all")
    found = sum(record.value == payment.out().value for record in ctx.kafka.read_all(topic))
    text = f"enable_idempotence=True, acks=all, send() called twice for {payment.id}: the topic holds it {found} times."
    command = shell("kafka-console-consumer", "--topic", topic, "--from-beginning", "--timeout-ms", "5000")
    book.note("second-send-new-record", text, float(found), f"{found} records", command)
