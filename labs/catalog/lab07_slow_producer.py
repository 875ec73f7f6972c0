"""Lab 7: a slow producer on a healthy cluster. The client's settings decide, and acks decides what a yes is worth."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs import handouts, properties, strike
from labs.catalog.loss07 import Outcome, leader_dies, make_whole, three_acks
from labs.catalog.paces07 import (
    RATE,
    TEMPLATE,
    acks_latency,
    baseline,
    five_paces,
    java_paces,
    java_speed,
    perf_command,
    warm_up,
)
from labs.catalog.text07 import FACTOR, FACTS, INFO, PARTITIONS, REPLICAS
from labs.contract import Check, LabContext, LabInfo, Observation
from labs.javaload import Speed
from labs.notebook import Notebook, measured, shell, step
from labs.properties import Settings

MAX_FILE = 64 * 1024
NOT_TRIED = "not tried yet: "


class SlowProducer:
    """The lab. State: the topics, the learner's file, and the template's pace in the facts."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """A topic on all brokers, warm brokers, and a template with old habits."""
        strike.require_processes(ctx.cluster)
        topic = ctx.name("orders")
        options = ["--partitions", str(PARTITIONS), "--replication-factor", str(REPLICAS)]
        demand = ["--config", "min.insync.replicas=2"]
        command = shell("kafka-topics", "--create", "--topic", topic, *options, *demand)
        step(ctx, "arrange", f"A topic with {PARTITIONS} partitions on {REPLICAS} brokers each", command)
        ctx.kafka.create_topic(topic, PARTITIONS, {"min.insync.replicas": "2"}, REPLICAS)
        handouts.hand_out(7, ctx.workspace, TEMPLATE)
        step(ctx, "arrange", "A second of load, so that the brokers' code is compiled before anything is measured")
        warm_up(ctx, topic)

    def background(self, ctx: LabContext) -> None:
        """Kill and start brokers for `verify`, in whatever process that runs."""
        strike.Desk(ctx).serve()

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """Five paces, Java's word for it, and the death of a leader."""
        book, topic = Notebook(ctx, FACTS), ctx.name("orders")
        five_paces(ctx, book, topic)
        acks_latency(ctx, book, topic)
        with _scratch() as folder:
            java_paces(ctx, book, topic, Path(folder))
        three_acks(ctx, book)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Run a load with the learner's file; where it is fast, kill a leader under it."""
        text, settings, fault = _read(ctx.workspace / TEMPLATE)
        file_check = _file_check(settings, fault)
        demanded = _demanded(ctx)
        acks_check = _acks_check(settings, demanded)
        if not file_check.ok:
            reason = "the file"
            return [file_check, _rate_check(None, reason), acks_check, _loss_check(None, settings, reason)]
        with _scratch() as folder:
            pace = _measure(ctx, Path(folder), text)
            measured(ctx, RATE, pace.yours.rate, "records/s")
            rate_check = _rate_check(pace)
            if not rate_check.ok:
                return [file_check, rate_check, acks_check, _loss_check(None, settings, "the pace")]
            outcome = leader_dies(ctx, Path(folder), text)
        measured(ctx, "acknowledged records gone when a leader dies", outcome.gone)
        return [file_check, rate_check, acks_check, _loss_check(outcome, settings)]

    def reference_fix(self, ctx: LabContext) -> None:
        """Large, compressed batches; idempotence and acks=all as Kafka has them by default."""
        step(ctx, "fix", "Large batches that have time to fill, compressed, with five requests under way")
        handouts.hand_out_reference(7, ctx.workspace, TEMPLATE)

    def clean(self, ctx: LabContext) -> None:
        """Start the brokers that the last strike has killed: the cluster may belong to somebody else."""
        strike.heal(ctx.cluster)


LAB = SlowProducer()


# --- verify ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pace:
    """The template's pace, and the learner's."""

    template: float
    yours: Speed

    @property
    def ratio(self) -> float:
        return self.yours.rate / max(self.template, 1.0)


def _measure(ctx: LabContext, folder: Path, text: str) -> _Pace:
    """The pace of the learner's file; again on all brokers, where one was missing and made the difference, perhaps."""
    topic = ctx.name("orders")
    whole = _whole(ctx)
    template = baseline(ctx, topic, folder)
    if properties.parse(text).values == properties.parse(handouts.text(7, TEMPLATE)).values:
        return _Pace(template, Speed(template))  # a measurement could only differ by chance
    wanted = FACTOR * template
    step(ctx, "verify", "Java's load generator with your properties", perf_command(topic))
    pace = _Pace(template, java_speed(ctx, topic, folder, "Java, yours", text, wanted))
    if whole or not FACTOR / 3 < pace.ratio < FACTOR:
        return pace
    make_whole(ctx, [topic])
    return _Pace(template, java_speed(ctx, topic, folder, "Java, yours", text, wanted))


def _whole(ctx: LabContext) -> bool:
    return all(len(row.in_sync) == REPLICAS for row in ctx.kafka.partitions(ctx.name("orders")))


def _demanded(ctx: LabContext) -> int:
    return int(ctx.kafka.config(ctx.name("orders"))["min.insync.replicas"])


def _read(path: Path) -> tuple[str, Settings, str]:
    """Text, what it sets, and why it cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE:
            return "", Settings({}), f"{path.name} has more than {MAX_FILE // 1024} KiB"
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return "", Settings({}), f"{path.name} cannot be read: {error.strerror}"
    return text, properties.parse(text), ""


def _file_check(settings: Settings, fault: str) -> Check:
    title = "producer.properties can be read, and every line sets something"
    expected = "settings of a producer, one a line"
    complaint = fault or "; ".join(settings.faults)
    if not complaint:
        return Check("file", title, True, expected, f"{len(settings.values)} settings")
    hints = (
        "A producer ignores a setting it does not know, and you would be looking for its effect in vain.",
        complaint,
        "Put the file back, or type `reset` for a new one." if fault else "Correct that line, or remove it.",
    )
    return Check("file", title, False, expected, complaint, hints)


def _rate_check(pace: _Pace | None, reason: str = "") -> Check:
    title, expected = "Your properties are fast", f"at least {FACTOR} times the template's records/s"
    if pace is None:
        hints = (
            "Another check has to pass before this one is tried.",
            f"What comes first is {reason}.",
            "Mend that, and save.",
        )
        return Check("pace", title, False, expected, f"{NOT_TRIED}{reason} comes first", hints)
    if not pace.yours.rate:
        error = pace.yours.error or "no record was acknowledged in time"
        hints = (
            "The load did not get going with these properties.",
            f"Java's producer says: {error}",
            "Look at the setting that the message names, and at those that must go with it.",
        )
        return Check("pace", title, False, expected, error, hints)
    found = f"{pace.yours.rate:,.0f} records/s against {pace.template:,.0f}: {pace.ratio:.1f} times"
    ok = pace.ratio >= FACTOR
    hints = (
        "Ask how many records share one request, and how long a batch may wait for them.",
        f"{found}. An event has about 3,000 bytes: how many of them fit into your batch.size?",
        "Let a batch hold dozens of events and give it some milliseconds to fill; compress it; and allow more than one "
        "request under way.",
    )
    return Check("pace", title, ok, expected, found, () if ok else hints)


def _acks_check(settings: Settings, demanded: int) -> Check:
    title = "acks=all is in force, and two replicas in sync are demanded"
    expected = "acks=all, min.insync.replicas=2 or more on $TOPIC"
    acks = settings.values.get("acks", "all (the default)")
    found = f"acks={acks}, min.insync.replicas={demanded}"
    ok = properties.durable(settings.values) and demanded >= 2
    weak = "the topic demands too few replicas" if demanded < 2 else f"acks={acks} does not wait for the followers"
    hints = (
        "Who has a record when the producer is told that it is written?",
        f"As it stands, {weak}.",
        "Speed comes from batches here, not from asking fewer brokers: take acks back to what it was."
        if demanded >= 2
        else "kafka-configs changes min.insync.replicas of a topic.",
    )
    return Check("durable", title, ok, expected, found, () if ok else hints)


def _loss_check(outcome: Outcome | None, settings: Settings, reason: str = "") -> Check:
    title = "Nothing acknowledged is gone when a leader is killed in mid-run"
    expected = "0 acknowledged records gone, and writing goes on"
    if outcome is None:
        hints = (
            "Another check has to pass before this one is tried.",
            f"What comes first is {reason}.",
            "Mend that, and save.",
        )
        return Check("nothing-lost", title, False, expected, f"{NOT_TRIED}{reason} comes first", hints)
    found = f"{outcome.gone} of {outcome.acknowledged} acknowledged records gone"
    found += f", {outcome.refused} refused and reported as such" if outcome.refused else ""
    if outcome.went_on and not outcome.gone:
        return Check("nothing-lost", title, True, expected, found)
    if outcome.gone:
        acks = settings.values.get("acks", "all")
        hints = (
            "Somebody said yes to these records. Who had them at that moment?",
            f"With acks={acks} the leader's word was enough, and the leader is dead.",
            "Demand the word of all replicas in sync.",
        )
    else:
        found += f"; it did not write again: {outcome.error or 'nothing was acknowledged in time'}"
        hints = (
            "After the death of a leader a producer has to try again until there is a new one.",
            f"What stopped it: {outcome.error or 'no acknowledgement came in time'}.",
            "Leave retries and delivery.timeout.ms at their defaults, and linger.ms at milliseconds.",
        )
    return Check("nothing-lost", title, False, expected, found, hints)


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kafka-tutor-")
