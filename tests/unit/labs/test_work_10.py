"""Lab 10's five kinds of work, as far as no system is needed to judge them."""

from __future__ import annotations

import threading

import pytest

from labs.catalog import onkafka10, onrabbit10
from labs.catalog.share10 import count, name_of
from labs.catalog.shift10 import LONG, QUIET, URGENT, Shift
from labs.catalog.text10 import BOTH, EITHER, EVENTS, FOR_GERMANY, PLACED
from labs.catalog.text10 import URGENT as URGENT_EVENTS
from labs.catalog.verify10 import HINTS
from labs.catalog.work10 import (
    ASKERS,
    EXPECTED,
    NOTICES,
    TITLES,
    first_difference,
    jobs_found,
    notices_found,
    orders_found,
    questions,
    questions_found,
    wanted_by,
)
from labs.order_messages import event_messages, handled, happened
from labs.ordering import out_of_order, outgoing
from labs.routing_plan import MAILBOXES, WORK
from labs.waits import StopFlag


def test_every_kind_of_work_has_all_that_it_needs() -> None:
    for table in (TITLES, EXPECTED, HINTS, onkafka10.DRIVES, onrabbit10.DRIVES):
        assert set(table) == set(WORK)
    assert set(onrabbit10.TOPIC_RULES) == set(MAILBOXES)


def test_both_systems_get_the_same_bytes_in_the_same_order() -> None:
    messages = event_messages(PLACED)
    assert [message.body for message in messages] == [out.value for out in outgoing(happened(PLACED), key=True)]
    assert len(messages) == EVENTS
    assert out_of_order(handled(message.body for message in messages)) == set()


def test_the_counts_that_are_asked_for() -> None:
    keys = [message.key.split(".") for message in event_messages(PLACED)]
    assert sum("de" in key for key in keys) == FOR_GERMANY == 48
    assert sum("urgent" in key for key in keys) == URGENT_EVENTS == 36
    assert sum("de" in key and "urgent" in key for key in keys) == BOTH == 12
    assert sum("de" in key or "urgent" in key for key in keys) == EITHER == 72


@pytest.mark.parametrize("mailbox", MAILBOXES)
def test_a_mailbox_wants_some_and_not_all(mailbox: str) -> None:
    assert 0 < len(wanted_by(mailbox)) < len(NOTICES)


def exactly() -> dict[str, list[str]]:
    return {box: sorted(wanted_by(box)) for box in MAILBOXES}


def test_mailboxes_are_judged_by_what_they_were_handed() -> None:
    assert notices_found(exactly()).holds
    assert first_difference(exactly()) == ""
    short = exactly()
    short["germany"].pop()
    assert "1 missing" in notices_found(short).found
    assert "is missing de." in first_difference(short)
    double = exactly()
    double["urgent"] *= 2
    assert not notices_found(double).holds and "handed twice" in notices_found(double).found
    other = exactly()
    other["books-austria"].append(next(iter(wanted_by("germany"))))
    assert "1 handed to a mailbox" in notices_found(other).found
    assert "was handed de." in first_difference(other)


def test_questions_are_judged_by_who_got_what() -> None:
    right = {asker: questions(asker) for asker in ASKERS}
    asked = [text for texts in right.values() for text in texts]
    assert questions_found(asked, right).holds
    assert not questions_found(["old-1", *asked], right).holds
    assert not questions_found(asked, dict.fromkeys(ASKERS, asked)).holds
    assert "5 of 6 answers came" in questions_found(asked, {**right, ASKERS[0]: questions(ASKERS[0])[1:]}).found


def test_both_requirements_of_events_and_of_jobs_count() -> None:
    assert orders_found(0, 72).holds
    assert not orders_found(1, 72).holds and not orders_found(0, 71).holds
    assert jobs_found(0, 1).holds
    assert not jobs_found(1, 1).holds and not jobs_found(0, 2).holds and not jobs_found(0, 0).holds


def test_the_long_job_waits_for_all_others_or_until_nothing_moves() -> None:
    times = iter([0.0, *[QUIET + 1] * 50])
    stalled = Shift(3, StopFlag(), lambda: next(times))
    for job in (LONG, "a", URGENT):  # one worker, in the order of a partition: the long one is first
        stalled.work(job)
    assert (stalled.waited, stalled.urgent_rank, stalled.over) == (2, 2, True)
    free = Shift(3, StopFlag())
    for job in (URGENT, "a", LONG):
        free.work(job)
    assert (free.waited, free.urgent_rank) == (0, 1)
    assert (Shift(2, StopFlag()).waited, Shift(2, StopFlag()).urgent_rank) == (0, 0)


def test_how_fast_other_workers_are_does_not_count() -> None:
    shift = Shift(4, StopFlag())
    other = threading.Thread(target=lambda: [shift.work(job) for job in ("a", "b", "c")])
    other.start()
    other.join()
    shift.work(URGENT)
    assert shift.done.index(URGENT) == 3
    assert shift.urgent_rank == 1


def test_what_the_share_consumers_say() -> None:
    said = [
        '{"timestamp":1,"name":"startup_complete"}',
        '{"timestamp":2,"name":"records_consumed","count":39,"partitions":[]}',
        '{"timestamp":3,"name":"records_consumed","count":1,"partitions":[]}',
        '{"timestamp":4,"name":"offsets_acknowledged","count":39,"success":true}',
        "[2026-11-24 23:02:00,166] WARN something else",
        "7",
    ]
    assert (count(said, "records_consumed"), count(said, "offsets_acknowledged")) == (40, 39)
    assert [name_of(line) for line in said[::4]] == ["startup_complete", ""]
