"""Lab 8: a consumer that runs out of memory. What is kept decides, not how much memory there is."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Sequence
from contextlib import ExitStack

from labs import handouts, nursery
from labs.catalog.runs08 import Done, Run, behind, growth, own_group, run
from labs.catalog.text08 import (
    DOCUMENTS,
    FACTS,
    FEW,
    INFO,
    LIMIT,
    PARTITIONS,
    PAYLOAD,
    PAYLOADS,
    WORDS,
)
from labs.catalog.verify08 import checks_of
from labs.contract import Check, LabContext, LabInfo, Observation, Whose
from labs.documents import Body, Tally, bodies, draw, tally, values
from labs.errors import KafkaRefused, LabError
from labs.notebook import Notebook, measured, plot, shell, step
from labs.nursery import Nursery
from labs.values import Out

PROGRAM = "consumer.py"
LARGE = {"batch_size": 262_144, "linger_ms": 20}


class ConsumerOom:
    """The lab. State: the topic, the learner's program, and the seed of the documents in the facts."""

    @property
    def info(self) -> LabInfo:
        """Static facts."""
        return INFO

    def arrange(self, ctx: LabContext) -> None:
        """60 MB of documents, and a program that collects them."""
        topic = ctx.name("documents")
        create = shell("kafka-topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
        step(ctx, "arrange", f"A topic with {PARTITIONS} partitions", create)
        ctx.kafka.create_topic(topic, PARTITIONS)
        ctx.facts.put(seed=secrets.randbits(64))
        step(ctx, "arrange", f"{DOCUMENTS:,} documents of 6 KB are written")
        known, drawn = _documents(ctx)
        ctx.kafka.produce(
            topic, (Out(value, partition=n % PARTITIONS) for n, value in enumerate(values(drawn, known))), **LARGE
        )
        handouts.hand_out(8, ctx.workspace, PROGRAM)

    def symptom(self, ctx: LabContext) -> Sequence[Observation]:
        """The program as it is, with twice the memory, and mended; what else holds memory; the claim check."""
        book = Notebook(ctx, FACTS)
        with ExitStack() as stack:
            fork = stack.enter_context(Nursery()) if nursery.available() else None
            broken = _broken(ctx, book, fork)
            _doubled(ctx, book, fork, broken)
            _commits(ctx, book, fork)
            _one_record(ctx, book, fork)
            _paused(ctx, book)
            _fixed(ctx, book, fork)
            _claim_check(ctx, book, fork)
        return book.observations

    def verify(self, ctx: LabContext) -> Sequence[Check]:
        """Run the learner's program under the limit, with a group and a directory of its own."""
        topic, script = ctx.name("documents"), ctx.workspace / PROGRAM
        if not script.is_file():
            return checks_of(None, tally("", _digests(ctx)), DOCUMENTS)
        with own_group(ctx) as group:
            step(ctx, "verify", f"Your program runs with {LIMIT} MB")
            env, done = {"TOPIC": topic, "GROUP": group}, Done(ctx, group, topic, DOCUMENTS, "yours")
            seen = run(ctx, script, "yours", LIMIT, env, done, shown=True)
            found = tally(seen.index, _digests(ctx))
            _figures(ctx, seen, found.right, "yours")
            return checks_of(seen, found, behind(ctx, group, topic))

    def reference_fix(self, ctx: LabContext) -> None:
        """Small polls, small fetches, one document at a time."""
        step(ctx, "fix", "Less at a time, and nothing is kept: each document is handled and let go")
        handouts.hand_out_reference(8, ctx.workspace, PROGRAM)

    def clean(self, ctx: LabContext) -> None:
        """Nothing beyond the prefix."""


LAB = ConsumerOom()


# --- the symptom -----------------------------------------------------------------------------------------------------


def _broken(ctx: LabContext, book: Notebook, fork: Nursery | None) -> Run:
    topic, group = ctx.name("documents"), ctx.name("doc-indexer")
    step(ctx, "symptom", f"consumer.py runs with {LIMIT} MB")
    seen = run(ctx, handouts.path(8, PROGRAM), f"{LIMIT} MB", LIMIT, {"TOPIC": topic, "GROUP": group}, nursery=fork)
    handled = _tally(ctx, seen).right
    _figures(ctx, seen, handled, "template")
    outcome = "dies" if seen.out_of_memory else "lives" if handled == DOCUMENTS else "slow"
    text = (
        f"With {LIMIT} MB the program ended like this: {_ending(seen)} It had handled {handled} documents; its memory had "
        f"reached {seen.peak:.0f} MB."
    )
    book.note("dies", text, outcome, f"{outcome} at {seen.peak:.0f} MB, {handled} handled")
    amount = "all" if seen.held >= DOCUMENTS else "half" if seen.held >= FEW else "tenth"
    size = _mean_bytes(ctx)
    text = (
        f"Its list held {seen.held} documents: {seen.held * size / 1e6:.0f} MB of JSON, of the {DOCUMENTS * size / 1e6:.0f} "
        "MB that were waiting."
    )
    book.note("held-at-death", text, amount, f"{seen.held} documents", shell("kafka-get-offsets", "--topic", topic))
    command = shell("kafka-consumer-groups", "--describe", "--group", group)
    left = behind(ctx, group, topic)
    text = f"Its group has committed {DOCUMENTS - left} documents; {left} are still to be read by whoever comes next."
    book.note("nothing-committed", text, float(DOCUMENTS - left), f"{DOCUMENTS - left} committed", command)
    return seen


def _doubled(ctx: LabContext, book: Notebook, fork: Nursery | None, broken: Run) -> None:
    step(ctx, "symptom", f"The same program with {2 * LIMIT} MB")
    with own_group(ctx) as group:
        env = {"TOPIC": ctx.name("documents"), "GROUP": group}
        seen = run(ctx, handouts.path(8, PROGRAM), f"{2 * LIMIT} MB", 2 * LIMIT, env, nursery=fork)
    outcome = "lives" if not seen.out_of_memory else "further" if seen.held > broken.held else "same"
    text = (
        f"With {2 * LIMIT} MB its list held {seen.held} documents instead of {broken.held}; then: {_ending(seen)} Its memory "
        f"had reached {seen.peak:.0f} MB."
    )
    book.note("doubled", text, outcome, f"{seen.held} documents instead of {broken.held}, at {seen.peak:.0f} MB")
    each, size = growth(seen.curve), _mean_bytes(ctx)
    text = f"Memory grew by {each / 1000:.0f} KB with each document of {size / 1000:.1f} KB in the list."
    book.note("expansion", text, round(each / size, 1), f"{each / size:.0f} times its JSON")


def _commits(ctx: LabContext, book: Notebook, fork: Nursery | None) -> None:
    step(ctx, "symptom", "A program that commits after every poll, and keeps the documents")
    with own_group(ctx) as group:
        env = {"TOPIC": ctx.name("documents"), "GROUP": group}
        seen = run(ctx, handouts.path(8, "variants/commits.py"), "commits", LIMIT, env, nursery=fork)
        committed = DOCUMENTS - behind(ctx, group, ctx.name("documents"))
    text = f"It had committed {committed} documents when it ended: {_ending(seen)}"
    outcome = "dies" if seen.out_of_memory else "lives"
    book.note("commits-free-nothing", text, outcome, f"{outcome}, {committed} committed")


def _one_record(ctx: LabContext, book: Notebook, fork: Nursery | None) -> None:
    step(ctx, "symptom", "max.poll.records=1, with small and with large fetches")
    grown: dict[int, tuple[int, float]] = {}

    def take(text: str) -> None:
        size, count, _, megabytes = text.split()
        grown[int(size)] = (int(count), float(megabytes))

    env = {"TOPIC": ctx.name("documents")}
    seen = run(
        ctx, handouts.path(8, "variants/one_record.py"), "one record", 0, env, nursery=fork, on_word={"one": take}
    )
    _must_have_finished(seen)
    (small_size, (_, small)), (_, (count, large)) = sorted(grown.items())
    text = (
        f"poll() returned {count} record of 6 KB. With max.partition.fetch.bytes={small_size:,} the process had grown by "
        f"{small:.1f} MB, with 32 MiB by {large:.1f} MB: the client keeps what it has fetched."
    )
    value = "megabytes" if large >= 10 else "kilobytes"
    book.note("one-record-poll", text, value, f"{large:.0f} MB for one record")


def _paused(ctx: LabContext, book: Notebook) -> None:
    topic = ctx.name("documents")
    step(ctx, "symptom", "A consumer pauses its partitions, polls on, and resumes")
    with ctx.kafka.consumer(max_partition_fetch_bytes=65_536) as consumer:
        consumer.assign(topic, dict.fromkeys(range(PARTITIONS), 0))
        while not (before := len(consumer.poll(10))):
            ctx.stop.check()
        consumer.use("pause", lambda client: client.pause(*client.assignment()))
        idle = sum(len(consumer.poll(10)) for _ in range(4))
        consumer.use("resume", lambda client: client.resume(*client.assignment()))
        while not (after := len(consumer.poll(10))):
            ctx.stop.check()
    text = f"It polled {before} documents, then {idle} while paused, with {DOCUMENTS - before} waiting, then {after} again."
    book.note("paused", text, float(idle), f"{idle} while paused")


def _fixed(ctx: LabContext, book: Notebook, fork: Nursery | None) -> None:
    topic = ctx.name("documents")
    step(ctx, "symptom", f"A mended program runs with {LIMIT} MB")
    with own_group(ctx) as group:
        env, done = {"TOPIC": topic, "GROUP": group}, Done(ctx, group, topic, DOCUMENTS, "mended")
        seen = run(ctx, handouts.path(8, f"reference/{PROGRAM}"), "mended", LIMIT, env, done, nursery=fork)
    handled = _tally(ctx, seen).right
    _figures(ctx, seen, handled, "reference")
    text = f"A program that keeps nothing handled {handled} of {DOCUMENTS} documents with the same {LIMIT} MB."
    book.note("fixed-all", text, float(handled), f"{handled} documents")
    share = seen.peak / LIMIT
    text = f"Its peak was {seen.peak:.0f} MB, {share:.0%} of its limit, however many documents it had handled."
    book.note(
        "fixed-peak", text, "half" if share < 0.65 else "most" if share < 0.85 else "limit", f"{seen.peak:.0f} MB"
    )


# --- the claim check -------------------------------------------------------------------------------------------------


def _claim_check(ctx: LabContext, book: Notebook, fork: Nursery | None) -> None:
    step(
        ctx,
        "symptom",
        f"{PAYLOADS} documents of {PAYLOAD / 1e6:.0f} MB: first as records, then as files with references",
    )
    payloads = [random.Random(n).randbytes(PAYLOAD) for n in range(PAYLOADS)]
    digests = [hashlib.sha256(payload).hexdigest() for payload in payloads]
    inline, claims = ctx.name("payloads"), ctx.name("claims")
    raised = ["--config", f"max.message.bytes={2 * PAYLOAD}"]
    command = shell("kafka-topics", "--create", "--topic", inline, *raised)
    ctx.kafka.create_topic(claims)
    answer = _too_large(ctx, claims, payloads[0])
    text = f"With the default message.max.bytes the broker answered {answer} to a record of {PAYLOAD / 1e6:.0f} MB."
    book.note("large-refused", text, "refused" if answer != "success" else "accepted", answer, command)
    ctx.kafka.create_topic(inline, 1, {"max.message.bytes": str(2 * PAYLOAD)})
    outs = [Out(payload, digest.encode()) for payload, digest in zip(payloads, digests, strict=True)]
    ctx.kafka.produce(inline, outs, max_request_size=2 * PAYLOAD)
    ctx.kafka.produce(claims, _claims(ctx, payloads, digests))
    _compare(ctx, book, fork, inline, claims)


def _too_large(ctx: LabContext, topic: str, payload: bytes) -> str:
    try:
        ctx.kafka.produce(topic, [Out(payload)], max_request_size=2 * PAYLOAD)
    except KafkaRefused as error:
        return error.error
    return "success"


def _claims(ctx: LabContext, payloads: Sequence[bytes], digests: Sequence[str]) -> list[Out]:
    """Puts the payloads into files; returns the records that refer to them."""
    folder = ctx.workspace / "payloads"
    folder.mkdir(exist_ok=True)
    rows = []
    for number, (payload, digest) in enumerate(zip(payloads, digests, strict=True)):
        path = folder / f"document-{number}.bin"
        path.write_bytes(payload)
        rows.append({"path": str(path), "bytes": len(payload), "sha256": digest})
    return [Out(json.dumps(row).encode()) for row in rows]


def _compare(ctx: LabContext, book: Notebook, fork: Nursery | None, inline: str, claims: str) -> None:
    sizes = {topic: sum(ctx.kafka.sizes(topic).values()) for topic in (inline, claims)}
    plot(ctx, {"in Kafka, payloads": sizes[inline], "in Kafka, references": sizes[claims]}, "bytes")
    text = (
        f"In Kafka the payloads take {sizes[inline]:,} bytes, on every replica; references to them {sizes[claims]:,}."
    )
    ratio = sizes[inline] / max(sizes[claims], 1)
    command = shell("kafka-log-dirs", "--describe", "--topic-list", f"{inline},{claims}")
    book.note("claim-bytes", text, round(ratio), f"{ratio:,.0f} times as many bytes", command)
    peaks = {}
    for topic, name in ((inline, "inline"), (claims, "by_reference")):
        env = {"TOPIC": topic, "COUNT": str(PAYLOADS)}
        seen = run(ctx, handouts.path(8, f"variants/{name}.py"), name.replace("_", " "), 0, env, nursery=fork)
        _must_have_finished(seen)
        peaks[topic] = float(seen.said["peak"])
    text = (
        f"The consumer of whole payloads took {peaks[inline]:.0f} MB at its peak, one that reads the files behind the "
        f"references {peaks[claims]:.0f} MB; both saw every byte."
    )
    ratio = peaks[inline] / peaks[claims]
    book.note("claim-peak", text, round(ratio, 1), f"{peaks[inline]:.0f} MB against {peaks[claims]:.0f} MB")


# --- details ---------------------------------------------------------------------------------------------------------


def _documents(ctx: LabContext) -> tuple[list[Body], list[int]]:
    rng = random.Random(ctx.facts.get("seed", 0))
    known = bodies(WORDS, rng)
    return known, draw(DOCUMENTS, rng)


def _digests(ctx: LabContext) -> list[str]:
    known, drawn = _documents(ctx)
    return [known[kind].digest for kind in drawn]


def _tally(ctx: LabContext, seen: Run) -> Tally:
    return tally(seen.index, _digests(ctx))


def _figures(ctx: LabContext, seen: Run, handled: int, whose: Whose) -> None:
    measured(ctx, "peak memory", seen.peak, "MB", whose)
    measured(ctx, "documents in its list, at most", seen.held, whose=whose)
    measured(ctx, "documents handled", handled, f"of {DOCUMENTS:,}", whose)


def _mean_bytes(ctx: LabContext) -> float:
    known, drawn = _documents(ctx)
    return sum(len(known[kind].json) for kind in drawn) / len(drawn)


def _ending(seen: Run) -> str:
    if seen.out_of_memory:
        return "it ran out of memory."
    return seen.result.explanation if seen.result else "it went on."


def _must_have_finished(seen: Run) -> None:
    if seen.result is None or seen.result.ending != "finished":
        raise LabError("A program of the lab did not finish", _ending(seen), "Type `reset`.")
