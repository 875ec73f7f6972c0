"""What the log of a service tells about order, commits and concurrency."""

from __future__ import annotations

import json

import pytest

from labs.calls import (
    Call,
    Event,
    Journal,
    ahead,
    most_at_once,
    overtaken,
    rate,
    uncovered,
)
from labs.commit_log import Commit


def begin(call: str, *events: Event, at: float = 0.0, who: str = "me") -> str:
    return json.dumps({"at": at, "do": "begin", "who": who, "call": call, "events": events})


def done(call: str, at: float = 1.0) -> str:
    return json.dumps({"at": at, "do": "done", "call": call})


def journal(*lines: str) -> Journal:
    found = Journal()
    for line in lines:
        found.take(line)
    return found


def test_what_is_done_is_handled_and_counts_from_its_first_time() -> None:
    found = journal(
        begin("1", ("a", 1), ("b", 1)), begin("2", ("a", 2)), done("1", 3.0), begin("3", ("a", 1)), done("3", 9.0)
    )
    assert found.handled("me") == {("a", 1): 3.0, ("b", 1): 3.0}
    assert found.handled("you") == {}
    assert [call.id for call in found.of("me")] == ["1", "2", "3"]


def test_refusals_are_counted_by_caller() -> None:
    row = json.dumps({"at": 1, "do": "refused", "who": "me"})
    assert journal(row, row).refused == {"me": 2}


IN_ORDER = [begin("1", ("a", 1)), done("1"), begin("2", ("a", 2), ("a", 3)), done("2")]


@pytest.mark.parametrize(
    ("lines", "broken"),
    [
        (IN_ORDER, set()),
        ([begin("1", ("a", 1)), begin("2", ("b", 1)), done("2"), done("1")], set()),
        ([begin("1", ("a", 1)), begin("2", ("a", 2)), done("1"), done("2")], {"a"}),  # in time, by luck
        ([begin("1", ("a", 2)), done("1"), begin("2", ("a", 1)), done("2")], {"a"}),
        ([begin("1", ("a", 2), ("a", 1)), done("1")], {"a"}),
        ([*IN_ORDER, begin("3", ("a", 2)), done("3"), begin("4", ("a", 3)), done("4")], set()),  # again, in order
        ([*IN_ORDER, begin("3", ("a", 2)), done("3"), begin("4", ("a", 4)), done("4")], {"a"}),  # again, with a gap
        ([begin("1", ("a", 1)), begin("2", ("a", 1), who="next")], set()),  # the first one is dead
    ],
)
def test_order_of_a_customer(lines: list[str], broken: set[str]) -> None:
    assert journal(*lines).disordered("me", "next") == broken


def test_overtaken_is_what_was_done_before_an_earlier_event() -> None:
    assert overtaken({("a", 1): 5.0, ("a", 2): 4.0, ("b", 1): 1.0, ("b", 2): 1.0}) == {"a"}
    assert overtaken({("a", 1): float("inf"), ("a", 2): 4.0}) == {"a"}
    assert overtaken({("a", 1): 1.0, ("a", 2): float("inf"), ("a", 3): float("inf")}) == set()


PLACES = {("a", 1): (0, 0), ("b", 1): (0, 1), ("a", 2): (0, 2), ("c", 1): (1, 0)}


def commit(offset: int | None, seconds: float, partition: int = 0) -> Commit:
    return Commit("t", partition, offset, int(seconds * 1000))


@pytest.mark.parametrize(
    ("commits", "early"),
    [
        ([commit(1, 2.0)], set()),
        ([commit(2, 2.0)], {("b", 1)}),  # b is done at 3
        ([commit(3, 2.5)], {("b", 1)}),  # a gap: a2 is done, b is not
        ([commit(3, 4.0)], set()),
        ([commit(1, 2.0, partition=1)], {("c", 1)}),  # never done
        ([commit(None, 2.0), commit(0, 0.0)], set()),
        ([commit(1, 0.999)], set()),  # whole milliseconds
    ],
)
def test_commits_that_are_ahead_of_the_work(commits: list[Commit], early: set[Event]) -> None:
    handled = {("a", 1): 1.0, ("b", 1): 3.0, ("a", 2): 2.0}
    assert ahead(PLACES, handled, commits) == early


def test_what_is_committed_and_was_never_handled() -> None:
    assert uncovered(PLACES, {("a", 1): 1.0}, {0: 2, 1: None}) == {("b", 1)}
    assert uncovered(PLACES, {("a", 1): 1.0}, {0: 1}) == set()


def test_rate_counts_events_from_the_first_call_to_the_end_of_the_last() -> None:
    calls = [Call("me", "1", (("a", 1), ("b", 1)), 10.0, 11.0), Call("me", "2", (("a", 2),), 11.0, 12.0)]
    assert rate(calls) == pytest.approx(1.5)
    assert rate([]) == rate([Call("me", "1", (("a", 1),), 10.0)]) == 0.0


def test_calls_at_once() -> None:
    calls = [Call("me", str(n), (), began, end) for n, (began, end) in enumerate([(0, 2), (1, 3), (2, 4), (9, None)])]
    assert most_at_once(calls) == 2
    assert most_at_once([]) == 0
