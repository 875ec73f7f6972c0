"""What the five kinds of work ask for, and what is found when a system does them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labs.marketplace import Order, orders
from labs.routing_plan import MAILBOXES

PLACED = orders(24)
"""Orders of the first kind of work."""
EVENTS = 3 * len(PLACED)
JOBS = 24
"""Short jobs; a long and an urgent one come on top."""
WORKERS = 3
NOTICES = orders(24)
"""Notifications are made from these."""
STALE = 12
"""Questions that nobody waits for any more …"""
ASKERS = ("checkout-1", "checkout-2")
EACH = 3
"""… and those that each asker does wait for."""
OLD = "old-"
EXPIRES_MS = 300
SALES = 60
SINCE = 30
"""The sales from this one on had the wrong tax."""

TITLES: Mapping[str, str] = {
    "order-events": "order-events: in sequence for each order, and all there for a team that comes later",
    "jobs": "jobs: a long one holds up nobody, an urgent one comes first",
    "notifications": "notifications: each mailbox is handed what its rule asks for, and nothing else",
    "price-checks": "price-checks: answers reach the one that asked, questions that are too old reach nobody",
    "tax-corrections": "tax-corrections: what was handled since some moment is handled once more",
}
EXPECTED: Mapping[str, str] = {
    "order-events": f"0 orders out of sequence, {EVENTS} of {EVENTS} events for the team that comes later",
    "jobs": f"0 of {JOBS + 1} jobs wait for the long one; the urgent one is the first that its worker does",
    "notifications": "0 handed to a mailbox that did not ask for it, 0 missing",
    "price-checks": f"0 of {STALE} old questions reach the service, 0 answers go to somebody else",
    "tax-corrections": f"{SALES - SINCE} of {SALES - SINCE} sales once more",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured when a system did a kind of work."""

    holds: bool
    """Whether it did what is asked of it."""
    found: str


def orders_found(broken: int, late: int) -> Finding:
    """Orders handled out of sequence; events that a late team got."""
    found = f"{broken} of {len(PLACED)} orders out of sequence, {late} of {EVENTS} events for the team that comes later"
    return Finding(broken == 0 and late == EVENTS, found)


def jobs_found(waited: int, rank: int) -> Finding:
    """Jobs that waited for the long one; as which of its worker's jobs the urgent one was done."""
    found = f"{waited} of {JOBS + 1} jobs waited for the long one; the urgent one was its worker's number {rank}"
    return Finding(waited == 0 and rank == 1, found)


def wanted_by(mailbox: str) -> set[str]:
    """The notifications that a mailbox asks for."""
    return {notice.id for notice in NOTICES if _asks(mailbox, notice)}


def _asks(mailbox: str, notice: Order) -> bool:
    if mailbox == "germany":
        return notice.country == "de"
    if mailbox == "urgent":
        return notice.urgency == "urgent"
    return (notice.product, notice.country) == ("books", "at")


def notices_found(handed: Mapping[str, Sequence[str]]) -> Finding:
    """What each mailbox was handed."""
    strangers = sum(len([name for name in handed[box] if name not in wanted_by(box)]) for box in MAILBOXES)
    missing = sum(len(wanted_by(box) - set(handed[box])) for box in MAILBOXES)
    twice = sum(len(handed[box]) - len(set(handed[box])) for box in MAILBOXES)
    found = f"{strangers} handed to a mailbox that did not ask for it, {missing} missing"
    found += f", {twice} handed twice" if twice else ""
    return Finding(not (strangers or missing or twice), found)


def first_difference(handed: Mapping[str, Sequence[str]]) -> str:
    """The first mailbox that was not handed what it asks for, as a sentence; empty where all were."""
    by_id = {notice.id: ".".join(notice.words) for notice in NOTICES}
    for box in MAILBOXES:
        wanted, got = wanted_by(box), set(handed[box])
        example = next((by_id.get(name, name) for name in (*sorted(got - wanted), *sorted(wanted - got))), "")
        if example:
            word = "was handed" if got - wanted else "is missing"
            return f"{box} has {len(got)} messages instead of {len(wanted)}; for example it {word} {example}"
    return ""


def questions(asker: str) -> list[str]:
    """What an asker asks. The answer has the same text."""
    return [f"{asker}/{number}" for number in range(EACH)]


def questions_found(seen: Sequence[str], handed: Mapping[str, Sequence[str]]) -> Finding:
    """The questions that reached the service; the answers that each asker was handed."""
    stale = sum(text.startswith(OLD) for text in seen)
    answered = sum(text.startswith(f"{asker}/") for asker, texts in handed.items() for text in texts)
    strangers = sum(map(len, handed.values())) - answered
    asked = EACH * len(ASKERS)
    found = f"{stale} of {STALE} old questions reached the service, {strangers} answers went to somebody else"
    found += "" if answered == asked else f", {answered} of {asked} answers came"
    return Finding(not (stale or strangers) and answered == asked, found)


def again_found(again: int) -> Finding:
    """Sales that were handled once more."""
    return Finding(again == SALES - SINCE, f"{again} of {SALES - SINCE} sales once more")
