"""Lab 7, second half: a leader dies, and what was acknowledged is looked for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import javaload, losses, strike
from labs.contract import LabContext
from labs.errors import LabError
from labs.losses import Writer
from labs.notebook import Notebook, plot, shell, step

ANSWER_MS = 8_000
"""A request may have gone to the leader when it died, and be missed by the client only then (its default: 30 s)."""
ACKS: Mapping[str, Mapping[str, Any]] = {
    "0": {"acks": 0, "enable_idempotence": False},
    "1": {"acks": 1, "enable_idempotence": False},
    "all": {"acks": "all"},
}
BEGUN = 30
"""Acknowledgements with which a writer is under way."""
ON_THEIR_WAY = 0.4
"""Seconds in which answers may still come that were on their way when the followers stopped."""
ALONE, ALONE_SECONDS = 100, 1.2
"""The followers stand still until acks=1 got so many acknowledgements, or so long."""
BLIND, BLIND_SECONDS = 50, 0.8
"""The leader stands still until acks=0 has sent so many, or so long."""
FROZEN_SECONDS = 0.4
"""The followers of the learner's topic stand still so long."""
AFTER = 20
"""Acknowledgements that show that writing goes on."""
FAILOVER_SECONDS = 45.0
"""At most, on a crowded machine; some 4 s otherwise."""
PROOF = "proof"
"""Of the names of topics with which the learner's properties are tried."""
RATE = 500
"""Records a second of the learner's load …"""
WENT_ON = 100
"""… and acknowledgements that show that it goes on: more than can still be on their way when the leader dies."""


@dataclass(frozen=True, slots=True)
class Phases:
    """Acknowledgements while the followers stood still, while the leader did too, and after its death."""

    alone: Mapping[str, int]
    blind: Mapping[str, int]
    after: int


def three_acks(ctx: LabContext, book: Notebook) -> None:
    """Three producers write on while the leader of their partitions is killed."""
    victim = strike.victim_of(ctx.kafka, ctx.cluster)
    patience = {"request_timeout_ms": ANSWER_MS}
    writers = {acks: Writer(ctx.name(f"acks-{acks}"), 0, {**settings, **patience}) for acks, settings in ACKS.items()}
    topics = [writer.topic for writer in writers.values()]
    step(ctx, "symptom", f"Three topics, led by broker {victim}; one producer each, with acks 0, 1 and all")
    for topic in topics:
        strike.create_led_by(ctx.kafka, topic, victim, ctx.cluster)
    try:
        for acks, writer in writers.items():
            writer.start(ctx.kafka, _plotted(ctx, f"acknowledged, acks={acks}"))
        phases = _strike(ctx, writers, victim)
    finally:
        for writer in writers.values():
            writer.stop()
    for writer in writers.values():
        writer.join(ctx.stop)
    strike.Desk(ctx).post("heal")  # in the background, while the topics are read
    step(ctx, "symptom", "What of it is still there?", shell("kafka-get-offsets", "--topic-partitions", topics[0]))
    gone = losses.gone(ctx.kafka, {writer.topic: writer.acknowledged for writer in writers.values()})
    lost = {acks: len(gone[writer.topic]) for acks, writer in writers.items()}
    _told_all(book, writers["all"], lost["all"], phases)
    _told_one(book, writers["1"], lost["1"], phases)
    _told_zero(book, writers["0"], lost["0"], phases)


def _plotted(ctx: LabContext, series: str) -> Callable[[int], None]:
    return lambda count: plot(ctx, {series: count}, "records")


def _strike(ctx: LabContext, writers: Mapping[str, Writer], victim: int) -> Phases:
    for acks, writer in writers.items():
        if writer.more(BEGUN, ctx.stop, FAILOVER_SECONDS) < BEGUN:
            raise LabError(f"Nothing could be written with acks={acks}", "The brokers do not answer.", "Type `reset`.")
    alone: dict[str, int] = {}
    blind: dict[str, int] = {}

    def while_alone() -> None:
        _let_come(writers["all"], ctx)
        before = {acks: writer.count for acks, writer in writers.items()}
        writers["1"].more(ALONE, ctx.stop, ALONE_SECONDS)
        alone.update({acks: writer.count - before[acks] for acks, writer in writers.items()})

    def while_blind() -> None:
        before = {acks: writer.count for acks, writer in writers.items()}
        writers["0"].more(BLIND, ctx.stop, BLIND_SECONDS)
        blind.update({acks: writer.count - before[acks] for acks, writer in writers.items()})

    step(ctx, "symptom", "Both followers stop (SIGSTOP), then the leader; it is killed (SIGKILL), the followers go on")
    strike.strike(ctx.cluster, victim, while_alone, while_blind)
    step(ctx, "symptom", "Until the controller misses the dead broker's heartbeats, its partitions have no leader")
    after = writers["all"].more(AFTER, ctx.stop, FAILOVER_SECONDS)
    return Phases(alone, blind, after)


def _let_come(writer: Writer, ctx: LabContext) -> None:
    """Wait until nothing more is acknowledged, or for so long: a broker that misses heartbeats is taken for dead after 3 s."""
    end = time.monotonic() + ON_THEIR_WAY
    while time.monotonic() < end and writer.more(1, ctx.stop, 0.1):
        pass


def _told_all(book: Notebook, writer: Writer, lost: int, phases: Phases) -> None:
    waited = phases.alone["all"]
    text = f"While both followers stood still, acks=all acknowledged {waited} records and acks=1 {phases.alone['1']}."
    book.note("all-waits", text, float(waited), f"{waited} records")
    text = f"acks=all: {writer.count} of {writer.sent} records acknowledged, {lost} of these are gone."
    book.note("lost-all", text, float(lost), f"{lost} of {writer.count} acknowledged")
    text = f"With one of three brokers dead, acks=all went on and acknowledged {phases.after} records and more."
    book.note("two-are-enough", text, float(phases.after), f"{phases.after} and more")


def _told_one(book: Notebook, writer: Writer, lost: int, phases: Phases) -> None:
    text = (
        f"acks=1: {writer.count} of {writer.sent} records acknowledged, {lost} of these are gone; "
        f"{phases.alone['1']} were acknowledged while the followers stood still."
    )
    amount = "none" if not lost else "every" if lost == writer.count else "some"
    book.note("lost-one", text, amount, f"{lost} of {writer.count} acknowledged")


def _told_zero(book: Notebook, writer: Writer, lost: int, phases: Phases) -> None:
    blind = phases.blind["0"]
    text = f"While the leader stood still, acks=0 reported {blind} records as sent, acks=1 {phases.blind['1']}."
    answer = "success" if blind else "error" if writer.failed else "waits"
    book.note("zero-blind", text, answer, f"{blind} reported as sent")
    text = f"acks=0: {writer.count} of {writer.sent} records reported as sent, {lost} of these are gone."
    book.note("lost-zero", text, float(lost), f"{lost} of {writer.count}")


# --- the learner's properties ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a load with the learner's properties."""

    acknowledged: int
    gone: int
    refused: int
    """Records of which the producer was told that they failed."""
    went_on: bool
    """Whether it wrote again after the leader's death."""
    error: str


def make_whole(ctx: LabContext, topics: Sequence[str]) -> None:
    """Start what was killed, wait until all are in sync, and remove the topics of earlier tries."""
    strike.Desk(ctx).ask("heal")
    strike.wait_in_sync(ctx.kafka, topics, len(ctx.cluster.nodes), ctx.stop)
    ctx.kafka.delete_topics(ctx.kafka.topics(ctx.name(PROOF)))


def leader_dies(ctx: LabContext, folder: Path, properties: str) -> Outcome:
    """Java's verifiable producer writes with these properties while the leader of its partition is killed."""
    desk, topic = strike.Desk(ctx), ctx.name(f"{PROOF}-{secrets.token_hex(3)}")
    file = folder / "proof.properties"
    # This tool gives up at the first error unless it is told what every other producer does by default.
    file.write_text(f"retries={2**31 - 1}\n{properties}", encoding="utf-8")
    with strike.alone(ctx):
        make_whole(ctx, [ctx.name("orders")])
        victim = strike.victim_of(ctx.kafka, ctx.cluster)
        strike.create_led_by(ctx.kafka, topic, victim, ctx.cluster)
        args = ["kafka-verifiable-producer", "--topic", topic, "--throughput", str(RATE), "--command-config", str(file)]
        step(ctx, "verify", f"Your properties write while broker {victim} is killed", shell(*args))
        load = javaload.Verifiable(ctx.tools, args, _plotted(ctx, "acknowledged, yours"))
        try:
            load.start(ctx.stop)
            went_on = _survives(ctx, desk, load, victim)
            load.end()
        finally:
            load.quit()
            desk.post("heal")  # in the background, while the topic is read
        gone = len(losses.gone(ctx.kafka, {topic: load.acknowledged})[topic])
    return Outcome(len(load.acknowledged), gone, load.refused, went_on, load.error)


def _survives(ctx: LabContext, desk: strike.Desk, load: javaload.Verifiable, victim: int) -> bool:
    if not load.more(BEGUN, ctx.stop, FAILOVER_SECONDS):
        return False
    desk.ask("strike", victim, FROZEN_SECONDS)
    return load.more(WENT_ON, ctx.stop, FAILOVER_SECONDS)
