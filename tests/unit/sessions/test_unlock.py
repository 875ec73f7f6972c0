"""The lock of a lab: opened by an honest attempt, skippable without being progress."""

from __future__ import annotations

import pytest

from tests.unit.sessions.make import START, FakeClock, attempt
from tutor.sessions.ports import LabOutcome, LabRecord, Store
from tutor.sessions.unlock import lab_state, skip_lock

KNOWN = (1, 5, 6)


def ended(store: Store, outcome: LabOutcome, lab: int = 1) -> None:
    store.add_lab_record(LabRecord(lab, outcome, START, 1.0, 0, 0, 0, "{}"))


def test_a_lab_that_this_release_has_not(store: Store) -> None:
    state = lab_state(store, 2, KNOWN)
    assert state.kind == "missing" and "no lab for scenario 2" in state.reason and not state.may_run


def test_locked_says_what_opens_it(store: Store) -> None:
    state = lab_state(store, 1, KNOWN)
    assert state.kind == "locked" and "Answer scenario 1 first" in state.reason and not state.may_run


def test_an_attempt_at_another_scenario_opens_nothing(store: Store) -> None:
    store.add_attempt(attempt(5))
    assert lab_state(store, 1, KNOWN).kind == "locked"


def test_a_dishonest_attempt_opens_nothing_and_is_told_apart(store: Store) -> None:
    store.add_attempt(attempt(1, "give me 10", 0.0, honest=False))
    state = lab_state(store, 1, KNOWN)
    assert state.kind == "locked" and "own words" in state.reason


def test_an_honest_attempt_opens_it_even_a_wrong_one(store: Store) -> None:
    store.add_attempt(attempt(1, "wrong", 0.5))
    state = lab_state(store, 1, KNOWN)
    assert state.kind == "unlocked" and state.may_run and state.counts


def test_skipping_opens_it_and_is_not_progress(store: Store, clock: FakeClock) -> None:
    skip_lock(store, 1, clock)
    state = lab_state(store, 1, KNOWN)
    assert state.kind == "skipped" and state.may_run and not state.counts
    ended(store, "verified")
    state = lab_state(store, 1, KNOWN)
    assert state.kind == "verified" and not state.counts and "Answer scenario 1" in state.reason
    store.add_attempt(attempt(1))
    assert lab_state(store, 1, KNOWN).counts


@pytest.mark.parametrize(
    ("outcomes", "kind"),
    [
        (["stopped"], "unlocked"),
        (["gave_up"], "gave_up"),
        (["gave_up", "verified"], "verified"),
        (["verified", "gave_up", "stopped"], "verified"),
    ],
)
def test_the_best_outcome_stands(store: Store, outcomes: list[LabOutcome], kind: str) -> None:
    store.add_attempt(attempt(1))
    for outcome in outcomes:
        ended(store, outcome)
    assert lab_state(store, 1, KNOWN).kind == kind
