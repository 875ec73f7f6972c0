"""Notes are claims and keyword lists are not: terse answers of people who know the matter, and what looks like them."""

from __future__ import annotations

import random

import pytest

from tutor.grading import resources
from tutor.grading.corpus import read_answers
from tutor.grading.gates import Gates, Verdict
from tutor.grading.windows import units
from tutor.scenarios.packs import load_all

SCENARIOS = {pack.id: pack.scenario for pack in load_all().packs}
NOTES = {
    1: """\
committed offset = log end -> nothing to read, all healthy
earliest: ignored, offset exists
check: kafka-consumer-groups --describe, lag 0?
fix: stop group, --reset-offsets --to-earliest, start
or new group.id (test only)
careful: reprocessing, side effects""",
    2: """\
at-least-once by default, dups = normal
crash after DB write, before commit -> redelivered
rebalance: same thing
fix: idempotent handler, event id + unique constraint, same TX as the write
EOS only kafka->kafka, not email / payment API
commit first = loss""",
    3: """\
one partition = one owner per group
idle members: cannot steal, order per partition
diagnose: lag per partition, time per record, skew of keys
fix: slow DB call -> batch it, async workers + pause
more partitions: only new records, keys move""",
    4: """\
Cause: batch > max.poll.interval.ms -> member kicked out
- kicked member rejoins -> next rebalance, loop
- heartbeat thread = separate, session.timeout irrelevant here
Fix:
- lower max.poll.records
- raise max.poll.interval.ms (cost: hung consumer noticed later)
- work on other threads, pause/resume
Also: cooperative-sticky, group.instance.id for rolling deploys
Check: rebalance rate, time between polls, GC logs""",
    5: """\
order: per partition only
no key -> spread, order lost
key = order id, hash % partitions
partitions added -> keys move, old + new mixed
parallel threads in consumer: same problem
retries: idempotence on or max.in.flight 1
hot key: one partition full, split if possible""",
    6: """\
Why
- reads: only offset moves, no delete
- delete = retention.ms / retention.bytes, per partition
- whole closed segments, active one stays
Fix
- lower retention, top topics first
- compact if latest per key enough
- alerts on disk 70 %, growth forecast
Never: rm in log dir""",
    7: """\
- acks=all + linger 0 + tiny batches = one request per record
- linger.ms 5-20, batch.size 64k, lz4
- no send().get(), callbacks
- keep acks=all, money data
- metrics: batch-size-avg, request-latency-avg, record-queue-time""",
    8: """\
poll batch too big: 500 records x 2 MB = 1 GB
list grows across polls -> heap full, GC thrash
fix: max.poll.records down, max.partition.fetch.bytes down (bytes, not count!)
bounded queue + pause/resume
big payload -> S3, only reference in Kafka
-Xmx = later crash, same cause""",
    9: """\
no switch for it
gateway call + DB + offset = three systems
event id table, unique, same transaction as ledger
idempotency key to gateway, same on retry
commit offset last
crash between -> redelivered, key says "done"
reconcile daily""",
    10: """\
Kafka = log, retention, replay, many groups
Rabbit = broker, ack -> gone, routing keys, priorities, per-message TTL
Analytics, event sourcing -> Kafka
Jobs, RPC, small team -> Rabbit
both: events Kafka, tasks Rabbit""",
}
KEYWORDS = (
    "offset, partition, consumer group, rebalance, lag, commit, heartbeat, idempotence, retention",
    "Kafka: log, replay, offsets, partitions, throughput, ordering, retention\nRabbitMQ: queue, ack, exchange, routing, TTL",
    "max.poll.records, max.poll.interval.ms, session.timeout.ms, heartbeat.interval.ms, group.instance.id, fetch.max.bytes",
    "partition key offset commit consumer group lag retention segment broker replica leader",
)


@pytest.fixture(scope="module")
def gates() -> Gates:
    return resources.shipped().gates()


def judge(gates: Gates, number: int, text: str) -> Verdict:
    return gates.judge(SCENARIOS[number], units(text))


@pytest.mark.parametrize("number", NOTES)
def test_right_notes_are_claims(gates: Gates, number: int) -> None:
    verdict = judge(gates, number, NOTES[number])
    assert verdict.honest and not any(verdict.flags)


def test_hardly_any_right_notes_of_the_answers_kept_apart_are_taken_for_words_alone(gates: Gates) -> None:
    notes = [
        row for row in read_answers(resources.shipped().kept_apart) if row.kind == "notes" and row.human_score >= 5
    ]
    assert len(notes) == 20
    taken = [row.id for row in notes if any(judge(gates, row.scenario, row.answer).flags)]
    assert len(taken) <= 2


@pytest.mark.parametrize("text", KEYWORDS)
def test_keywords_are_not(gates: Gates, text: str) -> None:
    verdict = judge(gates, 3, text)
    assert "list" in verdict.flags and not verdict.honest


def test_an_arrow_does_what_a_function_word_does_but_not_for_a_whole_list(gates: Gates) -> None:
    words = "offset partition group rebalance lag commit heartbeat idempotence retention segment broker replica"
    arrows = f"cause -> {words}"
    assert "list" in judge(gates, 3, arrows).flags


def test_shuffled_notes_make_no_sense(gates: Gates) -> None:
    rng = random.Random(1)
    caught = sum(not judge(gates, number, _shuffled(text, rng)).honest for number, text in NOTES.items())
    assert caught >= 8


def _shuffled(text: str, rng: random.Random) -> str:
    """All words in another order, in lines as long as before."""
    words = text.split()
    rng.shuffle(words)
    rest = iter(words)
    return "\n".join(" ".join(next(rest) for _ in line.split()) for line in text.splitlines())
