"""Lab 7, first half: how fast the same events go to the same brokers with different settings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from labs import handouts, javaload
from labs.catalog.text07 import EVENTS, FEWER, ITEMS, JAVA_WINDOW, LARGE, LINGER, ORDER, WARM_SECONDS, WINDOW
from labs.contract import LabContext
from labs.loads import Pace, full_speed, medians, order_events
from labs.notebook import Notebook, measured, plot, shell, step

DEFAULTS: Mapping[str, Any] = {"acks": "all", "batch_size": 16_384, "linger_ms": 0}
LARGE_BATCHES: Mapping[str, Any] = {"acks": "all", "batch_size": LARGE, "linger_ms": LINGER}
SETTINGS: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "get-large": (LARGE_BATCHES, True),
    "get": (DEFAULTS, True),
    "tiny": ({**DEFAULTS, "batch_size": 1}, False),
    "default": (DEFAULTS, False),
    "large": (LARGE_BATCHES, False),
}
"""The client's settings, and whether it waits after each send; in the order in which they are measured."""
LABELS = {
    "get-large": f".get() after each, linger {LINGER}",
    "get": ".get() after each",
    "tiny": "batch.size 1",
    "default": "batch.size 16384",
    "large": f"batch.size {LARGE}",
}
PAYLOAD = "events.txt"
TEMPLATE = "producer.properties"
RATE = "pace of Java's producer"
APART = 2.0
"""Neighbours whose paces differ less are measured again …"""
MORE = 3
"""… so many times at most, all in all."""
CLEAR = 4.0
"""A multiple of the template's pace that no noise makes."""


def five_paces(ctx: LabContext, book: Notebook, topic: str) -> None:
    """The five settings, with a producer of ours."""
    events = order_events(EVENTS, ITEMS)
    paces = {name: _pace(ctx, topic, events, name) for name in SETTINGS}
    for _ in range(MORE):
        if not (unclear := _unclear(paces)):
            break
        for name in unclear:
            paces[name] = paces[name].plus(_pace(ctx, topic, events, name))
    ranking = tuple(sorted(paces, key=lambda name: -paces[name].rate))
    command = perf_command(topic)
    told = ", ".join(f"{LABELS[name]}: {paces[name].rate:,.0f}" for name in ranking)
    book.note("speed-order", f"Acknowledged records a second, all with acks=all: {told}.", ranking, told, command)
    _linger_alone(book, paces["get-large"], command)
    _requests(book, paces, command)


def _unclear(paces: Mapping[str, Pace]) -> list[str]:
    """Settings that are so close to a neighbour that a moment of other work on the machine may have decided."""
    ranking = sorted(paces, key=lambda name: -paces[name].rate)
    close = {name for one, two in pairwise(ranking) if paces[one].rate < APART * paces[two].rate for name in (one, two)}
    return [name for name in SETTINGS if name in close]


def _pace(ctx: LabContext, topic: str, events: list[bytes], name: str) -> Pace:
    settings, each = SETTINGS[name]
    step(ctx, "symptom", f"{WINDOW} s with {LABELS[name]}")
    return full_speed(
        ctx.kafka, topic, events, WINDOW, settings, lambda rate: plot(ctx, {LABELS[name]: rate}, "records/s"), each=each
    )


def _linger_alone(book: Notebook, pace: Pace, command: str) -> None:
    text = f"With .get() after each send and linger.ms={LINGER} the producer sent {pace.rate:.1f} records a second."
    book.note("sync-linger", text, round(pace.rate, 1), f"{pace.rate:.1f} records/s", command)


def _requests(book: Notebook, paces: Mapping[str, Pace], command: str) -> None:
    each = {name: pace.metrics.get("records-per-request-avg", 0.0) for name, pace in paces.items()}
    told = ", ".join(f"{each[name]:.0f} with {LABELS[name]}" for name in ORDER)
    share = each["large"] / max(each["tiny"], 1.0)
    text = f"Records in one request on average (the producer's metric records-per-request-avg): {told}."
    book.note("records-per-request", text, round(share, 1), f"{share:.0f} times as many with large batches", command)

    metrics = paces["default"].metrics
    batch, record = metrics.get("batch-size-avg", 0.0), metrics.get("record-size-avg", 0.0)
    held = round(batch / record, 1) if record else 0.0
    text = f"With batch.size=16384 a batch had {batch:,.0f} bytes on average: {held:.1f} records."
    book.note("batch-is-bytes", text, held, f"{held:.1f} records a batch", command)


def acks_latency(ctx: LabContext, book: Notebook, topic: str) -> None:
    """One record at a time with acks=1 and acks=all, in turn."""
    step(ctx, "symptom", "One record at a time, in turn with acks=all and acks=1")
    (event,) = order_events(1, ITEMS)
    safe = {**DEFAULTS}
    quick = {**DEFAULTS, "acks": 1, "enable_idempotence": False}
    all_ms, one_ms = (1000 * taken for taken in medians(ctx.kafka, topic, event, WINDOW, (safe, quick)))
    plot(ctx, {"acks=all": all_ms, "acks=1": one_ms}, "ms")
    text = f"An acknowledgement took {all_ms:.1f} ms with acks=all and {one_ms:.1f} ms with acks=1 (medians)."
    book.note("acks-latency", text, round(all_ms / one_ms, 2), f"{all_ms:.1f} ms against {one_ms:.1f} ms")


# --- Java, the second witness ----------------------------------------------------------------------------------------


def java_paces(ctx: LabContext, book: Notebook, topic: str, folder: Path) -> None:
    """Kafka's own load generator with the reference's settings, then with the template."""
    packed_topic = ctx.name("packed")
    ctx.kafka.create_topic(packed_topic, len(ctx.kafka.partitions(topic)))
    tuned = _java(ctx, packed_topic, folder, "large batches, lz4", handouts.text(7, f"reference/{TEMPLATE}"))
    plain, packed = _bytes_each(ctx, topic), _bytes_each(ctx, packed_topic)
    old = baseline(ctx, topic, folder)
    if tuned < CLEAR * old:  # on a crowded machine Java may not have been warm: more time, unless it is far away
        again = handouts.text(7, f"reference/{TEMPLATE}")
        tuned = max(tuned, _java(ctx, packed_topic, folder, "large batches, lz4, again", again, CLEAR * old))
    measured(ctx, RATE, tuned, "records/s", "reference")
    ratio = tuned / max(old, 1.0)
    text = (
        f"Java's producer wrote {old:,.0f} records/s with the template and {tuned:,.0f} with large batches, lz4 and five "
        f"requests under way: {ratio:.0f} times as many, with acks=all in both cases."
    )
    book.note("java-tuned", text, round(ratio, 1), f"{ratio:.0f} times the template's pace", perf_command(topic))
    share = packed / plain if plain else 1.0
    choice = "third" if share <= FEWER else "half" if share <= 0.7 else "same"
    text = f"On the leaders' disks a record takes {plain:,.0f} bytes without compression and {packed:,.0f} with lz4."
    book.note("compression-bytes", text, choice, f"{share:.0%} of the bytes", shell("kafka-log-dirs", "--describe"))


def baseline(ctx: LabContext, topic: str, folder: Path) -> float:
    """The pace of the template as it was handed out, in records a second; measured once in a run of the lab.

    The brokers must be warm: code that is not compiled yet would make every file look fast afterwards.
    """
    known = ctx.facts.get("baseline")
    if known is None:
        known = _java(ctx, topic, folder, "the template", handouts.text(7, TEMPLATE))
        ctx.facts.put(baseline=known)
    measured(ctx, RATE, float(known), "records/s", "template")
    return float(known)


def _java(ctx: LabContext, topic: str, folder: Path, label: str, properties: str, wanted: float = 0.0) -> float:
    step(ctx, "symptom", f"Java's load generator with {label}", perf_command(topic))
    return java_speed(ctx, topic, folder, f"Java, {label}", properties, wanted).rate


def warm_up(ctx: LabContext, topic: str) -> None:
    """Many small requests and some large ones, so that the brokers have compiled both ways."""
    events = order_events(EVENTS, ITEMS)
    for name in ("tiny", "large"):
        full_speed(ctx.kafka, topic, events, WARM_SECONDS, SETTINGS[name][0], lambda _: None)


def java_speed(
    ctx: LabContext, topic: str, folder: Path, series: str, properties: str, wanted: float = 0.0
) -> javaload.Speed:
    """The pace of Java's producer with these properties."""
    payload = folder / PAYLOAD
    if not payload.exists():
        payload.write_bytes(b"\n".join(order_events(EVENTS, ITEMS)))
    file = folder / "load.properties"
    file.write_text(properties, encoding="utf-8")
    on_rate = lambda rate: plot(ctx, {series: rate}, "records/s")  # noqa: E731
    return javaload.speed(ctx.tools, topic, payload, file, JAVA_WINDOW, ctx.stop, on_rate, wanted)


def _bytes_each(ctx: LabContext, topic: str) -> float:
    """Bytes on disk of one record, batches' headers included."""
    records = sum(ctx.kafka.log_end(topic).values())
    return sum(ctx.kafka.sizes(topic).values()) / records if records else 0.0


def perf_command(topic: str) -> str:
    """The load as it would be typed."""
    options = ["--topic", topic, "--num-records", "5000", "--throughput", "-1", "--record-size", "3000"]
    return shell("kafka-producer-perf-test", *options) + " --command-config $WORKSPACE/producer.properties"
