"""Lab 10's checks: each kind of work driven through the system of the plan, and the two proofs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from labs import commit_log, routing_plan
from labs.catalog import onkafka10, onrabbit10
from labs.catalog.work10 import EXPECTED, TITLES, Finding, first_difference, notices_found
from labs.contract import Check, LabContext
from labs.errors import RabbitRefused
from labs.notebook import measured, plot, step
from labs.rabbit.client import Rabbit
from labs.routing_plan import MAILBOXES, WORK, Plan
from labs.values import joined

PLAN = "routing.yaml"
MAX_FILE = 64 * 1024
Hints = tuple[str, str, str]

HINTS: Mapping[str, tuple[str, str]] = {
    "order-events": (
        "Two things are asked: that instances side by side keep each order in sequence, and that a reader who comes later "
        "finds what was written before. Which of the two systems still has a message after it was handled?",
        "A log with a key for each order does both. A queue forgets what is acknowledged, and its consumers overtake each "
        "other.",
    ),
    "jobs": (
        "Ask who decides which worker gets the next job, and whether the second job can pass the first one.",
        "A partition is read in the order of its offsets by one member. A queue gives the next job, and the most urgent one "
        "first, to whoever is free.",
    ),
    "notifications": (
        "Ask who compares a message with the rules: the broker, or each reader after it was handed everything.",
        "Bindings of an exchange are such rules, and a new queue brings its own. A Kafka broker does not look into records.",
    ),
    "price-checks": (
        "Ask what happens to a question while the service is away, and who else sees an answer.",
        "A message with a time to live leaves its queue when it is too old, and an answer can go to the asker's own queue. "
        "A log keeps both for everybody.",
    ),
    "tax-corrections": (
        "All sales are handled and acknowledged. Where are they now, in each of the two systems?",
        "To handle something once more it must still be there, and the group must be able to go back to a moment.",
    ),
}


def checks(ctx: LabContext, rabbit: Rabbit | None) -> list[Check]:
    """All checks. Without RabbitMQ those that need it are judged by what Kafka does, or left out."""
    plan, fault = read_plan(ctx.workspace / PLAN)
    run = secrets.token_hex(2)
    found = [_file_check(plan, fault)]
    found += [_work_check(ctx, rabbit, plan.systems.get(work, ""), work, run) for work in WORK]
    _clear(ctx, run)
    found.append(_fraud_check(ctx))
    if rabbit is not None:
        found.append(_mailbox_check(rabbit, plan, ctx.name(f"proof-{run}")))
    else:
        step(ctx, "verify", "The proof for RabbitMQ cannot be checked: there is none here")
    done = sum(check.ok for check in found)
    plot(ctx, {"checks that pass": done}, "checks")
    measured(ctx, "checks that pass", done, f"of {len(found)}")
    return found


def read_plan(path: Path) -> tuple[Plan, str]:
    """The plan, and why it cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE:
            return Plan({}), f"{path.name} has more than {MAX_FILE // 1024} KiB"
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return Plan({}), f"{path.name} cannot be read: {error.strerror}"
    return routing_plan.parse(text), ""


def _clear(ctx: LabContext, run: str) -> None:
    """Remove what the drives made in Kafka; RabbitMQ's go with the connection."""
    prefix = ctx.name(f"work-{run}-")
    ctx.kafka.delete_topics(ctx.kafka.topics(prefix))
    ctx.kafka.delete_groups(list(ctx.kafka.groups(prefix)))


def _file_check(plan: Plan, fault: str) -> Check:
    title = f"{PLAN} can be read, and says where each kind of work goes"
    expected = "five kinds of work, an exchange, and bindings for each mailbox"
    complaint = fault or "; ".join(plan.faults)
    if not complaint:
        return Check("file", title, True, expected, "all of that")
    hints = (
        "Lines that say nothing the lab knows are left out, and what they meant is not tried.",
        complaint[:500],
        "Put the file back, or type `reset` for a new one." if fault else "Correct that place, and save.",
    )
    return Check("file", title, False, expected, complaint[:500], hints)


# --- the five kinds of work --------------------------------------------------------------------------------------------


def _work_check(ctx: LabContext, rabbit: Rabbit | None, system: str, work: str, run: str) -> Check:
    if not system:
        return _unrouted(work)
    if system == "rabbitmq" and rabbit is None:
        return _without_rabbit(work, _on_kafka(ctx, work, run))
    finding = _on_rabbit(ctx, rabbit, work, run) if system == "rabbitmq" and rabbit else _on_kafka(ctx, work, run)
    name = "RabbitMQ" if system == "rabbitmq" else "Kafka"
    found = f"on {name}: {finding.found}"
    return _check(work, finding.holds, found, f"You sent it to {name}, and there it came to this: {finding.found}.")


def _on_kafka(ctx: LabContext, work: str, run: str) -> Finding:
    step(ctx, "verify", f"{work} on Kafka")
    return onkafka10.DRIVES[work](ctx, ctx.name(f"work-{run}-{work}"))


def _on_rabbit(ctx: LabContext, rabbit: Rabbit, work: str, run: str) -> Finding:
    step(ctx, "verify", f"{work} on RabbitMQ")
    return onrabbit10.DRIVES[work](ctx, rabbit, ctx.name(f"work-{run}-{work}"))


def _without_rabbit(work: str, other: Finding) -> Check:
    """The choice is RabbitMQ, and there is none: it stands where Kafka has been seen not to do it."""
    found = f"not tried on RabbitMQ, there is none here; on Kafka: {other.found}"
    second = f"RabbitMQ cannot be tried here. Kafka was, and it does what is asked: {other.found}."
    return _check(work, not other.holds, found, second)


def _check(work: str, ok: bool, found: str, second: str) -> Check:
    mild, strong = HINTS[work]
    return Check(work, TITLES[work], ok, EXPECTED[work], found, () if ok else (mild, second, strong))


def _unrouted(work: str) -> Check:
    second = f"{PLAN} has no usable line for {work}."
    return _check(work, False, f"not tried: {PLAN} does not say where it goes", second)


# --- the proofs ----------------------------------------------------------------------------------------------------------


def _fraud_check(ctx: LabContext) -> Check:
    topic, group = ctx.name("orders"), ctx.name("fraud")
    title = "Proof for Kafka: $FRAUD has read every event of $TOPIC, long after $SHIPPING had"
    ends = ctx.kafka.log_end(topic)
    committed = ctx.kafka.committed(group, topic)
    since = ctx.facts.get("commits_from", -1)
    complete = all(committed.get(p) == end for p, end in ends.items())
    member = complete and commit_log.had_members(ctx.kafka, group, since)
    found = f"committed {joined(committed)}, the topic ends at {joined(ends)}"
    found += "" if member or not complete else "; but no consumer of the group has read anything"
    hints = (
        "Nothing has to be arranged with the other groups: a new group is a name, and where it begins.",
        f"As it stands: {found}.",
        "kafka-console-consumer takes --group, --from-beginning, and --max-messages so that it ends; $FRAUD is the group."
        if not complete
        else "Offsets that a tool sets prove nothing. Set them back to the start, and let kafka-console-consumer read.",
    )
    ok = complete and member
    return Check("proof-kafka", title, ok, f"committed {joined(ends)}, by a consumer", found, () if ok else hints)


def _mailbox_check(rabbit: Rabbit, plan: Plan, name: str) -> Check:
    title = "Proof for RabbitMQ: your exchange and bindings hand each mailbox what its rule asks for"
    expected = "0 handed to a mailbox that did not ask for it, 0 missing"
    if not plan.exchange or set(plan.bindings) != set(MAILBOXES):
        found, detail = f"not tried: `proof:` in {PLAN} is not complete", "The first check says what is missing."
        return _proof_check(title, False, expected, found, detail, plan.exchange)
    try:
        handed = onrabbit10.into_mailboxes(rabbit, name, plan.exchange, plan.bindings)
    except RabbitRefused as error:
        return _proof_check(title, False, expected, f"RabbitMQ refused: {error.cause}", error.cause, plan.exchange)
    finding = notices_found(handed)
    return _proof_check(title, finding.holds, expected, finding.found, first_difference(handed), plan.exchange)


def _proof_check(title: str, ok: bool, expected: str, found: str, detail: str, exchange: str) -> Check:
    kinds = {
        "direct": "A direct exchange compares the whole routing key: you would have to list every key there can be.",
        "fanout": "A fanout exchange gives everything to everybody; it does not look at your bindings' keys.",
        "headers": "In a headers exchange a binding is a set of headers with x-match: all or any; its routing key is not looked at.",
    }
    strong = kinds.get(exchange, "In a topic exchange * stands for exactly one word and # for any number of them.")
    mild = "Which kind of exchange can tell a country, a product and an urgency apart?"
    return Check("proof-rabbitmq", title, ok, expected, found, () if ok else (mild, detail or found, strong))
