"""A question being answered: drafts, time, what is frozen while graded, and what is stored at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade, scenario
from tutor.errors import AnswerRefused, StoreError
from tutor.sessions.follow_up import FollowUp
from tutor.sessions.ports import Draft, Store
from tutor.sessions.study import StudySession
from tutor.store.sqlite import SqliteStore

ANSWER = "The group resumes from its committed offset."
FOLLOW_UP = FollowUp(1, "policy", "point", "What about policy?", "You did not mention it.")


def begin(store: Store, clock: FakeClock) -> StudySession:
    return StudySession.start(scenario(), store, clock)


def test_what_is_typed_and_saved_is_there_after_a_restart(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    assert not session.resumed and session.question == "What happens in 1?"
    clock.move(30)
    session.type(EVERYTHING)
    assert session.unsaved
    session.save()
    assert not session.unsaved
    again = begin(store, clock)
    assert again.resumed and again.text == EVERYTHING


def test_time_goes_on_where_it_stopped(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    clock.move(30)
    session.type("a")
    session.save()
    clock.move(10_000)  # the app was closed meanwhile
    again = begin(store, clock)
    assert again.elapsed() == 30
    clock.move(12)
    assert again.elapsed() == 42


def test_a_wall_clock_set_back_takes_no_time_away(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    clock.move(5)
    clock.time = START.replace(year=2020)
    assert session.elapsed() == 5


def test_pauses_do_not_count(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    clock.move(10)
    session.pause()
    session.pause()
    clock.move(100)
    session.resume()
    session.resume()
    clock.move(5)
    assert session.elapsed() == 15


def test_an_emptied_answer_leaves_no_draft(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type("x")
    session.save()
    session.type("")
    session.save()
    assert store.draft(1) is None


def test_submitting_stores_the_answer_as_typed_and_drops_the_draft(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER + " \x1b")
    session.save()
    clock.move(90)
    taken = session.accept()
    assert taken.graded == ANSWER + "  "
    clock.move(3)  # the grader works
    stored = session.submit(grade(6.5))
    assert stored.id and stored.answer == ANSWER + " \x1b" and stored.seconds == 90
    assert store.attempts(1) == [stored]
    assert store.draft(1) is None and session.phase == "done"


def test_while_it_is_graded_nothing_changes_the_answer(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    session.accept()
    session.type("something else")
    assert session.submit(grade()).answer == ANSWER


def test_a_late_save_brings_no_draft_back(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    session.accept()
    session.submit(grade())
    session.save()
    session.type("more")
    session.save()
    assert store.draft(1) is None and not session.unsaved


def test_a_refused_answer_stays_open_and_in_its_draft(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type("x" * 1_000_001)
    session.save()
    with pytest.raises(AnswerRefused):
        session.accept()
    assert session.phase == "writing"
    assert store.draft(1) is not None
    session.type(ANSWER)
    assert session.accept().kept == ANSWER


def test_when_grading_fails_the_learner_writes_on(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    session.accept()
    session.reopen()
    clock.move(7)
    assert session.phase == "writing" and session.elapsed() == 7
    session.type(ANSWER + " More.")
    session.accept()
    assert session.submit(grade()).answer == ANSWER + " More."


def test_nothing_is_stored_that_was_not_handed_in(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    with pytest.raises(RuntimeError):
        session.submit(grade())
    session.accept()
    session.submit(grade())
    with pytest.raises(RuntimeError):
        session.submit(grade())
    assert len(store.attempts()) == 1


def test_a_store_that_fails_can_be_tried_again(store: SqliteStore, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    session.save()
    session.accept()
    connection = store._database._connection
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError):
        session.submit(grade())
    assert session.phase == "submitted"
    connection.execute("PRAGMA query_only = OFF")
    assert session.submit(grade()).answer == ANSWER


def test_a_follow_up_has_its_own_draft_and_question(store: Store, clock: FakeClock) -> None:
    parent = store.add_attempt(attempt(1))
    store.save_draft(Draft(1, "the scenario's own", 1.0, START))
    session = StudySession.start_follow_up(scenario(), parent, FOLLOW_UP, store, clock)
    assert session.question == "What about policy?" and session.text == ""
    session.type("It applies without an offset.")
    session.save()
    again = StudySession.start_follow_up(scenario(), parent, FOLLOW_UP, store, clock)
    assert again.text == "It applies without an offset."
    again.accept()
    stored = again.submit(grade())
    assert (stored.follow_up_to, stored.question, stored.target) == (parent.id, "What about policy?", "policy")
    assert [d.text for d in store.drafts()] == ["the scenario's own"]


def test_discarding_takes_the_draft_with_it(store: Store, clock: FakeClock) -> None:
    session = begin(store, clock)
    session.type(ANSWER)
    session.save()
    session.discard()
    session.save()
    assert store.draft(1) is None


class SlowStore(SqliteStore):
    """Holds every draft until it is let go, as a slow disk does."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store._database)
        self.writing = threading.Event()
        self.let_go = threading.Event()

    def save_draft(self, draft: Draft) -> None:
        self.writing.set()
        assert self.let_go.wait(30)
        super().save_draft(draft)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_slow_disk_never_holds_up_typing(store: SqliteStore, clock: FakeClock) -> None:
    slow = SlowStore(store)
    session = begin(slow, clock)
    session.type("first")
    saving = in_thread(session.save)
    assert slow.writing.wait(30)
    session.type("first and second")
    assert session.text == "first and second" and session.elapsed() == 0 and session.unsaved
    session.accept()
    submitting = in_thread(lambda: session.submit(grade()))
    slow.let_go.set()
    for thread in (saving, submitting):
        thread.join(30)
    assert [a.answer for a in store.attempts()] == ["first and second"]
    assert store.draft(1) is None
