"""Home: the state of each scenario, and one next step with its reason."""

from __future__ import annotations

import pytest

from tests.unit.sessions.make import START, FakeClock, attempt, grade, lab, scenario
from tutor.grading.types import MisconceptionResult
from tutor.sessions.home import HomeView, NextStep, ScenarioView, WeakSpot, next_step, overview
from tutor.sessions.placement import PlacementSession
from tutor.sessions.ports import Attempt, Draft, LabRecord, Store

SCENARIOS = (scenario(2, lab=2), scenario(1), scenario(3, lab=None))
"""In the order of a track that does not begin with 1; of the labs only number 1 exists."""


def home(store: Store) -> HomeView:
    return overview(SCENARIOS, store, [lab(1)])


def test_what_is_due_comes_before_everything_else(store: Store) -> None:
    store.save_draft(Draft(1, "three words here", 1.0, START))
    view = overview(SCENARIOS, store, [lab(1)], due=12)
    found = next_step(view)
    assert (view.due, found.kind, found.scenario, found.action) == (12, "review", None, "Review 12 cards")
    assert next_step(overview(SCENARIOS, store, [lab(1)], due=1)).action == "Review 1 card"


def row(store: Store, number: int) -> ScenarioView:
    return next(row for row in home(store).scenarios if row.scenario == number)


def step(store: Store) -> NextStep:
    return next_step(home(store))


def verified(store: Store, number: int = 1) -> None:
    store.add_lab_record(LabRecord(number, "verified", START, 1.0, 0, 0, 0, "{}"))


def test_a_new_learner(store: Store) -> None:
    view = home(store)
    assert [r.scenario for r in view.scenarios] == [2, 1, 3]
    assert {r.state for r in view.scenarios} == {"new"}
    assert [r.lab_state.kind for r in view.scenarios] == ["missing", "locked", "missing"]
    assert (view.passed, view.labs_verified, view.labs) == (0, 0, 1)


@pytest.mark.parametrize(
    ("score", "state"), [(0.0, "weak"), (5.9, "weak"), (6.0, "passed"), (7.9, "passed"), (8.0, "strong")]
)
def test_the_last_score_makes_the_state(store: Store, score: float, state: str) -> None:
    store.add_attempt(attempt(1, score=10.0 - score))
    store.add_attempt(attempt(1, score=score))
    found = row(store, 1)
    assert found.state == state
    assert (found.attempts, found.best, found.last, found.last_at) == (2, max(score, 10.0 - score), score, START)


def test_a_draft_is_a_state_only_before_the_first_grade(store: Store) -> None:
    store.save_draft(Draft(1, "three words here", 1.0, START))
    assert (row(store, 1).state, row(store, 1).draft_words) == ("draft", 3)
    parent = store.add_attempt(attempt(1))
    store.save_draft(Draft(1, "follow", 1.0, START, parent.id))
    found = row(store, 1)
    assert found.state == "weak" and found.has_draft and found.draft_words == 1


def test_follow_ups_do_not_move_the_score_of_the_scenario(store: Store) -> None:
    parent = store.add_attempt(attempt(1, score=7.0))
    store.add_attempt(attempt(1, score=1.0, follow_up_to=parent.id))
    found = row(store, 1)
    assert (found.attempts, found.best, found.last, found.state) == (1, 7.0, 7.0, "passed")


def test_the_weakest_dimensions_weakest_first(store: Store) -> None:
    scores = {"cause": 9.0, "internals": 5.0, "debugging": 2.0, "fixes": 3.0, "judgement": 6.0}
    store.add_attempt(attempt(1, dimensions=scores))
    assert row(store, 1).weak == (WeakSpot("debugging", 2.0), WeakSpot("fixes", 3.0))


def test_counts_of_what_is_done(store: Store) -> None:
    store.add_attempt(attempt(1, score=6.5))
    verified(store)
    view = home(store)
    assert (view.passed, view.labs_verified) == (1, 1)


def test_a_lab_verified_behind_a_skipped_lock_is_not_counted(store: Store) -> None:
    store.skip_lab_lock(1, START)
    verified(store)
    assert home(store).labs_verified == 0


def test_first_of_all_the_next_new_scenario_of_the_track(store: Store) -> None:
    found = step(store)
    assert (found.kind, found.scenario, found.lab) == ("study", 2, None)


def test_what_the_placement_found_known_is_proposed_last_and_says_so(store: Store, clock: FakeClock) -> None:
    for number in (2, 1):
        session = PlacementSession.start(scenario(number), store, clock)
        session.type("The group resumes."), session.accept()
        session.record(grade(number=number, statuses={"resume": "covered"}))
    assert row(store, 2).known and row(store, 2).state == "new" and not row(store, 3).known
    found = step(store)
    assert (found.kind, found.scenario) == ("study", 3) and "come last" in found.reason
    store.add_attempt(attempt(3, score=9.0))
    found = step(store)
    assert (found.kind, found.scenario) == ("study", 2) and "placement" in found.reason


def test_an_unfinished_draft_comes_first(store: Store) -> None:
    store.add_attempt(attempt(1))
    store.save_draft(Draft(3, "half an answer", 1.0, START))
    found = step(store)
    assert (found.kind, found.scenario) == ("resume", 3)
    assert "3 words" in found.reason


def test_an_unfinished_follow_up_leads_back_to_its_question(store: Store) -> None:
    parent = store.add_attempt(attempt(1))
    store.save_draft(Draft(1, "because", 1.0, START, parent.id))
    found = step(store)
    assert (found.kind, found.scenario, found.follow_up_to) == ("resume", 1, parent.id)
    assert "follow-up of 1 word." in found.reason


def test_a_draft_of_a_scenario_that_cannot_be_read_is_passed_over(store: Store) -> None:
    store.save_draft(Draft(99, "kept for later", 1.0, START))
    assert step(store).kind == "study"


def test_then_the_lab_that_was_opened_and_not_run(store: Store) -> None:
    store.add_attempt(attempt(1, score=2.0))
    found = step(store)
    assert (found.kind, found.scenario, found.lab) == ("lab", 1, 1)
    assert "Lab 1" in found.action
    verified(store)
    assert step(store).kind == "retry"


def test_a_lab_behind_a_skipped_lock_is_never_pressed_on_anybody(store: Store) -> None:
    store.skip_lab_lock(1, START)
    assert step(store).kind == "study"


def test_then_the_weakest_answer_that_would_not_pass(store: Store) -> None:
    verified(store)
    store.add_attempt(attempt(2, score=4.0))
    store.add_attempt(attempt(1, score=3.0, dimensions={"cause": 2.0}))
    found = step(store)
    assert (found.kind, found.scenario) == ("retry", 1)
    assert "3.0 of 10" in found.reason and "weakest in cause" in found.reason


def test_a_passed_answer_leads_on_to_the_next_new_one(store: Store) -> None:
    store.add_attempt(attempt(2, score=7.0))
    found = step(store)
    assert (found.kind, found.scenario) == ("study", 1)


def test_at_the_end_the_one_that_could_be_stronger(store: Store) -> None:
    verified(store)
    for number, score in ((1, 8.0), (2, 6.5), (3, 9.0)):
        store.add_attempt(attempt(number, score=score))
    found = step(store)
    assert (found.kind, found.scenario) == ("improve", 2)


def test_without_scenarios_there_is_still_a_step(store: Store) -> None:
    found = next_step(overview((), store, ()))
    assert found.kind == "none" and "kafka-tutor check" in found.reason


def test_every_reason_is_a_sentence(store: Store, clock: FakeClock) -> None:
    held = (MisconceptionResult("m_always"),)
    steps = [step(store)]
    store.add_attempt(Attempt(0, 1, "x", grade(3.0, held=held), START, 1.0))
    steps.append(step(store))
    verified(store)
    steps.append(step(store))
    store.save_draft(Draft(2, "x", 1.0, START))
    steps.append(step(store))
    assert [s.kind for s in steps] == ["study", "lab", "retry", "resume"]
    assert all(s.reason.endswith(".") and s.reason[0].isupper() and s.action for s in steps)
