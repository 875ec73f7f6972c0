"""A mock interview from the plan to the second try, on the real store."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from tests.mocking import answered, begun, finished, say, session
from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade, lab, scenario
from tutor.errors import AnswerRefused, StoreError, UsageError
from tutor.grading.types import Grade, MisconceptionResult
from tutor.mocks.values import Level
from tutor.review.days import next_day
from tutor.scenarios.model import Scenario
from tutor.sessions.home import next_step, overview
from tutor.sessions.mock import mock_of, next_turn, readable, redo_turn, stage, to_mark, unfinished
from tutor.sessions.mock_plan import begin, plan, standings
from tutor.sessions.mock_report import report, summaries
from tutor.sessions.mock_session import MockSession, abandon, assess, close, debrief
from tutor.sessions.progress import calibration, progress
from tutor.store.sqlite import SqliteStore

KNOWN = [scenario(number) for number in (1, 2, 3)]
LONG = EVERYTHING + " and more" * 60
HELD = (MisconceptionResult("m_always", (), 0.9, True),)


@dataclass
class Grader:
    """Points that are named in the text are covered; `always` holds a belief."""

    seen: list[str] = field(default_factory=list)

    def __call__(self, one: Scenario, text: str) -> Grade:
        self.seen.append(text)
        statuses = {point.id: "covered" for point in one.points if point.id in text}
        held = HELD if "always" in text else ()
        score = 2.0 * len(statuses)
        return grade(score, one.id, statuses=statuses, held=held, dimensions={"cause": score})  # type: ignore[arg-type]


@pytest.fixture
def grader() -> Grader:
    return Grader()


# --- beginning -------------------------------------------------------------------------------------------------------


def test_the_plan_knows_answers_cards_and_the_last_mock(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    mock = answered(store, begun(store, KNOWN[:1], START), KNOWN, clock, grader)
    finished(store, mock, KNOWN, clock, 5)
    store.add_attempt(attempt(2, score=9.0))
    after = next_day(START)
    found = {one.scenario: one for one in standings(store, KNOWN, after)}
    assert (found[1].last, found[1].due, found[1].asked_last) == (0.0, 4, True)
    assert (found[2].last, found[2].due, found[2].asked_last) == (9.0, 0, False)
    assert (found[3].last, found[3].due, found[3].asked_last) == (None, 0, False)
    assert {one.due for one in standings(store, KNOWN, START)} == {0}  # first due tomorrow
    chosen = plan(store, KNOWN, after, "senior", 30, random.Random(1))
    assert {one.scenario for one in chosen} == {2, 3}


def test_one_interview_at_a_time(store: SqliteStore) -> None:
    first = begun(store, KNOWN, START)
    with pytest.raises(UsageError, match="unfinished") as caught:
        begun(store, KNOWN, START)
    assert "mock --resume" in caught.value.next_step
    with pytest.raises(StoreError, match="changed in the meantime"):
        store.add_mock(first)  # two windows that begin at the same moment
    abandon(store, first.id, START)
    assert unfinished(store, KNOWN) is None and begun(store, KNOWN, START).id == 2
    with pytest.raises(UsageError, match="nothing to ask"):
        abandon(store, 2, START), begin(store, "senior", 45, (), START)


# --- turns -----------------------------------------------------------------------------------------------------------


def asked(store: SqliteStore, clock: FakeClock, grader: Grader, level: Level, *said: str) -> list[str]:
    """Targets of the questions that one scenario leads to, the last one after `said`."""
    mock, found = begun(store, KNOWN[:1], START, level), []
    for text in (*said, None):
        turn = next_turn(mock_of(store, mock.id), KNOWN)
        found.append("–" if turn is None else turn.target or "question")
        if turn is None or text is None:
            break
        say(session(store, mock, KNOWN, clock), text, grader)
    abandon(store, mock.id, START)
    return found


def test_follow_ups_go_to_the_weakest_must_or_belief_as_often_as_the_level_asks(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    nothing = ["hm", "hm", "hm", "hm"]
    assert asked(store, clock, grader, "junior", *nothing) == ["question", "resume", "–"]
    assert asked(store, clock, grader, "mid", *nothing) == ["question", "resume", "–"]
    assert asked(store, clock, grader, "senior", *nothing) == ["question", "resume", "policy", "–"]
    assert asked(store, clock, grader, "staff", *nothing) == ["question", "resume", "policy", "replay", "–"]
    assert asked(store, clock, grader, "mid", "resume policy always") == ["question", "m_always"]
    assert asked(store, clock, grader, "junior", "resume policy always") == ["question", "m_always"]
    assert asked(store, clock, grader, "mid", "resume policy") == ["question", "replay"]
    assert asked(store, clock, grader, "junior", "resume policy") == ["question", "–"]
    assert asked(store, clock, grader, "staff", "resume policy replay describe") == ["question", "–"]


def test_a_follow_up_is_graded_with_all_that_was_said_before(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = begun(store, KNOWN[:1], START)
    say(session(store, mock, KNOWN, clock), "resume first", grader)
    one = session(store, mock, KNOWN, clock)
    assert (one.turn.text, one.said) == ("What about policy?", "resume first")
    assert say(one, "policy then", grader) == "resume first\n\npolicy then"
    now = mock_of(store, mock.id)
    assert [answer.text for answer in now.of(1)] == ["resume first", "policy then"]
    assert now.grade(1) is not None and now.grade(1).score == 4.0 and now.said(1) == "resume first\n\npolicy then"  # type: ignore[union-attr]


def test_all_of_it_together_may_not_be_too_long(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    mock = begun(store, KNOWN[:1], START)
    say(session(store, mock, KNOWN, clock), "x" * 600_000, grader)
    one = session(store, mock, KNOWN, clock)
    one.type("y" * 600_000)
    with pytest.raises(AnswerRefused, match="too long"):
        one.accept()
    assert one.phase == "writing"


def test_after_a_crash_it_goes_on_with_every_word_and_second(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = begun(store, KNOWN[:2], START)
    clock.move(60)
    one = session(store, mock, KNOWN, clock)
    clock.move(30)
    one.type(LONG)
    one.save()
    clock.move(86_400)  # killed; the next day
    found = unfinished(store, KNOWN)
    assert found is not None and (found.question, found.questions, found.stage) == (1, 2, "asking")
    assert found.where == f"You are at question 1 of 2, with a draft of {len(LONG.split())} words."
    again = session(store, mock, KNOWN, clock)
    assert (again.text, again.elapsed(), again.resumed) == (LONG, 30, True)
    again.pause()
    clock.move(500)
    again.resume()
    clock.move(10)
    timing = again.timing()
    assert (timing.used, timing.question_used, timing.minutes, timing.question_minutes) == (40, 40, 45, 22.5)
    say(again, LONG, grader)
    assert [draft.text for draft in store.mock_drafts(mock.id)] == []
    follow = session(store, mock, KNOWN, clock)
    clock.move(5)
    assert follow.timing().used == follow.timing().question_used == 45


def test_time_without_a_word_is_kept_too(store: SqliteStore, clock: FakeClock) -> None:
    mock = begun(store, KNOWN, START)
    one = session(store, mock, KNOWN, clock)
    clock.move(77)
    one.save()
    assert session(store, mock, KNOWN, clock).elapsed() == 77


def test_a_turn_answered_in_another_window_is_not_answered_twice(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = begun(store, KNOWN, START)
    here, there = session(store, mock, KNOWN, clock), session(store, mock, KNOWN, clock)
    say(there, "theirs", grader)
    here.type("mine")
    with pytest.raises(StoreError, match="changed in the meantime"):
        here.save()
    with pytest.raises(StoreError, match="changed in the meantime"):
        say(here, "mine", grader)
    assert [answer.text for answer in mock_of(store, mock.id).answers] == ["theirs"]


# --- nothing before the debrief --------------------------------------------------------------------------------------


def test_nothing_outside_knows_of_a_grade_before_the_debrief(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = answered(store, begun(store, KNOWN[:2], START), KNOWN, clock, grader, "resume and always")
    assert (store.attempts(), store.cards(), stage(mock, KNOWN)) == ([], [], "marking")
    with pytest.raises(UsageError, match="no report") as caught:
        report(store, mock.id, KNOWN, [])
    assert "debrief" in caught.value.cause
    with pytest.raises(RuntimeError):
        debrief(store, mock, KNOWN, clock.now())
    view = overview(KNOWN, store, [lab()])
    assert next_step(view).kind == "mock" and {row.lab_state.kind for row in view.scenarios} == {"locked"}
    mock = finished(store, mock, KNOWN, clock, 8)
    assert [one.scenario for one in store.attempts()] == [1, 2]
    assert store.attempts()[0].answer == mock.said(1) and store.attempts()[0].grade == mock.grade(1)
    assert {card.target for card in store.cards(1)} == {"policy", "describe", "replay", "m_always"}
    assert next_step(overview(KNOWN, store, [lab()])).kind == "lab" and unfinished(store, KNOWN) is None


def test_own_marks_come_first_one_each_and_are_never_changed(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = answered(store, begun(store, KNOWN[:1], START), KNOWN, clock, grader)
    for wrong in (-1, 11):
        with pytest.raises(UsageError, match="is no mark"):
            assess(store, mock, 1, wrong, START)
    assess(store, mock, 1, 7, START)
    with pytest.raises(StoreError):
        assess(store, mock, 1, 2, START)
    now = mock_of(store, mock.id)
    assert now.self_score(1) == 7 and to_mark(now) == () and stage(now, KNOWN) == "ready"
    assert unfinished(store, KNOWN) is not None  # a crash before the debrief: it is held on the next start


def test_a_debrief_twice_stores_nothing_twice(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    mock = answered(store, begun(store, KNOWN[:1], START), KNOWN, clock, grader)
    finished(store, mock, KNOWN, clock, 5)
    debrief(store, mock_of(store, mock.id), KNOWN, clock.now())
    assert len(store.attempts()) == 1


def test_ended_early_what_was_begun_stays_and_is_not_graded(
    store: SqliteStore, clock: FakeClock, grader: Grader
) -> None:
    mock = begun(store, KNOWN, START, "junior")
    say(session(store, mock, KNOWN, clock), "resume policy", grader)
    one = session(store, mock, KNOWN, clock)
    one.type("half a thou")
    one.save()
    close(store, mock, clock.now())
    mock = finished(store, mock_of(store, mock.id), KNOWN, clock, 4)
    found = report(store, mock.id, KNOWN, [])
    assert (found.closed_early, found.summary.answered, found.summary.questions) == (True, 1, 3)
    assert found.questions[1].unsent == ("half a thou",) and found.questions[1].score is None
    assert found.questions[2].transcript == () and len(store.attempts()) == 1


def test_without_any_answer_there_is_nothing_to_debrief(store: SqliteStore, clock: FakeClock) -> None:
    mock = begun(store, KNOWN, START)
    close(store, mock, clock.now())
    mock = finished(store, mock_of(store, mock.id), KNOWN, clock)
    assert not mock.is_open and not mock.is_finished and unfinished(store, KNOWN) is None
    assert summaries(store, KNOWN) == [] and progress(store, START).mocks == ()


# --- the report ------------------------------------------------------------------------------------------------------


def test_the_report(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    first = answered(store, begun(store, KNOWN[:1], START), KNOWN, clock, grader, "resume")
    finished(store, first, KNOWN, clock, 9)
    clock.move(86_400)
    mock = begun(store, KNOWN[:2], clock.now(), "mid", 30)
    clock.move(60)
    for text in ("resume policy describe replay", "always", "always"):
        one = session(store, mock, KNOWN, clock)
        clock.move(45)
        say(one, text, grader)
    mock = finished(store, mock_of(store, mock.id), KNOWN, clock, 6, 3)
    found = report(store, mock.id, KNOWN, [lab()])
    assert (found.summary.score, found.summary.self_score, found.summary.difference) == (4.0, 4.5, -0.5)
    assert found.verdict.signal == "lean no" and found.seconds == 135
    one, two = found.questions
    assert (one.score, one.self_score, one.difference, one.reached) == (8.0, 6, 2.0, True)
    assert (two.score, two.self_score, two.difference, two.reached) == (0.0, 3, -3.0, False)
    assert [(s.question, s.answer, s.follow_up) for s in two.transcript] == [
        ("What happens in 2?", "always", False),
        ("What about resume?", "always", True),
    ]
    assert [point.status for point in one.points] == ["covered"] * 4 and two.beliefs[0].certain
    assert found.verdict.changes[0].target == "m_always"
    assert [(r.scenario, r.then, r.now) for r in found.comparison.repeated] == [(1, 2.0, 8.0)]
    assert [e.mock for e in found.comparison.earlier] == [1] and found.comparison.score_change == 2.0
    kinds = [thing.kind for thing in found.next]
    assert kinds == ["redo", "lab", "review", "study"] and found.next[1].lab == 1 and found.next[3].scenario == 2
    marks = progress(store, clock.now()).mocks
    assert [(m.mock, m.score, m.self_score, m.difference) for m in marks] == [(1, 2.0, 9.0, -7.0), (2, 4.0, 4.5, -0.5)]
    assert "-7.0, -0.5" in calibration(marks)


def test_one_second_try_at_the_weakest_question(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    mock = begun(store, KNOWN[:2], START, "junior")
    for text in ("resume policy", "resume", "hm"):
        say(session(store, mock, KNOWN, clock), text, grader)
    with pytest.raises(UsageError, match="no second try"):
        redo_turn(mock_of(store, mock.id), KNOWN)
    mock = finished(store, mock_of(store, mock.id), KNOWN, clock, 5)
    turn = redo_turn(mock, KNOWN)
    assert (turn.scenario.id, turn.text) == (2, "What happens in 2?")
    one = MockSession.start(mock, turn, store, clock)
    one.type("begun and kil")
    one.save()
    one = MockSession.start(mock, turn, store, clock)
    assert (one.text, one.said) == ("begun and kil", "")
    say(one, "resume policy describe", grader)
    mock = mock_of(store, mock.id)
    assert (mock.redo is not None, mock.grade(2).score) == (True, 2.0)  # type: ignore[union-attr]
    found = report(store, mock.id, KNOWN, []).redo
    assert found is not None and (found.before, found.score, found.still_missing) == (2.0, 6.0, ())
    assert [(a.scenario, a.grade.score) for a in store.attempts()] == [(1, 4.0), (2, 2.0), (2, 6.0)]
    with pytest.raises(UsageError, match="no second try"):
        redo_turn(mock, KNOWN)


# --- bad input and damage --------------------------------------------------------------------------------------------


def test_a_report_of_a_mock_that_is_not_there(store: SqliteStore) -> None:
    with pytest.raises(UsageError, match="no mock interview 7") as caught:
        report(store, 7, KNOWN, [])
    assert caught.value.exit_code == 2
    mock = begun(store, KNOWN, START)
    abandon(store, mock.id, START)
    with pytest.raises(UsageError, match="no report"):
        report(store, mock.id, KNOWN, [])


def test_a_pack_that_is_gone_is_passed_over(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    mock = begun(store, KNOWN, START, "junior")
    say(session(store, mock, KNOWN, clock), "resume policy", grader)
    left = [KNOWN[2]]
    turn = next_turn(mock_of(store, mock.id), left)
    assert turn is not None and turn.scenario.id == 3
    mock = finished(store, answered(store, mock, left, clock, grader, "resume policy"), left, clock, 5)
    found = report(store, mock.id, left, [])
    assert "cannot be read" in found.questions[0].title and found.questions[0].score == 4.0
    assert found.questions[0].transcript and [a.scenario for a in store.attempts()] == [3]


def test_one_damaged_mock_does_not_take_the_others_along(store: SqliteStore, clock: FakeClock, grader: Grader) -> None:
    for _ in range(2):
        mock = answered(store, begun(store, KNOWN[:1], START), KNOWN, clock, grader)
        finished(store, mock, KNOWN, clock, 5)
    with store.database.write() as connection:
        connection.execute("DROP TRIGGER mock_answers_stay")
        connection.execute('UPDATE mock_answers SET grade = \'{"score": "high"}\' WHERE mock = 1')
    with pytest.raises(StoreError, match="Mock interview 1 cannot be read") as caught:
        report(store, 1, KNOWN, [])
    assert caught.value.exit_code == 2
    assert [one.id for one in readable(store)] == [2] and report(store, 2, KNOWN, []).comparison.earlier == ()
    assert [mark.mock for mark in progress(store, START).mocks] == [2]


def test_a_damaged_unfinished_mock_does_not_stop_home_and_can_be_given_up(store: SqliteStore) -> None:
    mock = begun(store, KNOWN, START)
    with store.database.write() as connection:
        connection.execute("UPDATE mock_questions SET reasons = 'x'")
    assert unfinished(store, KNOWN) is None and next_step(overview(KNOWN, store, [])).kind == "study"
    with pytest.raises(StoreError):
        mock_of(store, mock.id)
    abandon(store, mock.id, START)
    assert begun(store, KNOWN, START).id == 2
