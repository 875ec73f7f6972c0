"""The queue of a day, a card being answered, and answers taken back; on the real store."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from tests.unit.sessions.make import START, FakeClock, attempt, grade, scenario
from tutor.errors import AnswerRefused, StoreError, UsageError
from tutor.review.cards import CardDraft, NewCard
from tutor.review.days import next_day
from tutor.review.schedule import LEECH
from tutor.sessions import review as repeating
from tutor.sessions.ports import Overrule, Store
from tutor.sessions.result import result_view
from tutor.sessions.review import CardSession, DueCard, Plan, Queue, queue
from tutor.sessions.study import StudySession

DAY = 24 * 3600.0
RIGHT = grade(statuses=dict.fromkeys(("resume", "policy", "describe", "replay"), "covered"))
WRONG = grade()


def cards(store: Store, *targets: str, number: int = 1) -> None:
    store.add_attempt(attempt(number), [NewCard(number, target, "point") for target in targets])


def today(store: Store, clock: FakeClock) -> Queue:
    return queue(store, [scenario(1), scenario(2)], clock.now(), UTC)


def targets(found: Queue) -> list[str]:
    return [due.card.target for due in found.due]


def answer(store: Store, clock: FakeClock, due: DueCard, given=RIGHT, rating: int | None = None) -> CardSession:
    session = CardSession.start(due, store, clock)
    session.type("The group resumes from its committed offset.")
    clock.move(30)
    session.accept()
    judged = session.judge(given, UTC)
    session.record(rating or judged.derived, UTC)  # type: ignore[arg-type]
    return session


def test_an_answer_to_a_scenario_makes_cards_for_tomorrow(store: Store, clock: FakeClock) -> None:
    session = StudySession.start(scenario(1), store, clock)
    session.type("The group resumes from its committed offset.")
    session.accept()
    session.submit(grade(statuses={"resume": "covered"}))
    made = store.cards()
    assert [card.target for card in made] == ["policy", "describe", "replay"]
    assert {card.schedule.due for card in made} == {next_day(clock.now())}
    assert not queue(store, [scenario(1)], clock.now()).due
    clock.move(DAY)
    assert queue(store, [scenario(1)], clock.now()).ready == 3


def test_old_ones_first_then_new_ones_within_the_limit(store: Store, clock: FakeClock) -> None:
    cards(store, "resume", "policy", "describe", "replay")
    answer(store, clock, today(store, clock).due[3], rating=4)
    clock.move(30 * DAY)
    repeating.write_plan(store, Plan(limit=2))
    found = today(store, clock)
    assert targets(found) == ["replay", "resume"] and (found.waiting, found.done) == (2, 0)
    answer(store, clock, found.due[0])
    found = today(store, clock)
    assert targets(found) == ["resume"] and (found.waiting, found.done) == (2, 1)
    answer(store, clock, found.due[0])
    assert targets(today(store, clock)) == []
    clock.move(DAY)
    assert "policy" in targets(today(store, clock))


def test_what_was_wrong_comes_once_more_today_and_first_when_its_time_has_come(store: Store, clock: FakeClock) -> None:
    cards(store, "resume", "policy")
    repeating.write_plan(store, Plan(limit=2))
    answer(store, clock, today(store, clock).due[0], WRONG)
    assert targets(today(store, clock)) == ["policy", "resume"]
    clock.move(601)
    assert targets(today(store, clock)) == ["resume", "policy"]
    answer(store, clock, today(store, clock).due[0])
    assert targets(today(store, clock)) == ["policy"]


def test_cards_whose_pack_is_gone_are_not_asked(store: Store, clock: FakeClock) -> None:
    cards(store, "resume", "renamed"), cards(store, "resume", number=9)
    assert targets(today(store, clock)) == ["resume"]
    for number, words in ((2, "no renamed"), (3, "missing"), (99, "reset")):
        with pytest.raises(UsageError) as caught:
            repeating.due_card(store, number, [scenario(1)])
        assert words in caught.value.cause


def test_a_leech_leaves_the_queue_and_a_new_answer_brings_it_back(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    for _ in range(LEECH + 1):
        clock.move(DAY)
        answer(store, clock, today(store, clock).due[0], WRONG)
    clock.move(DAY)
    assert targets(today(store, clock)) == [] and today(store, clock).leeches == 1
    cards(store, "resume")
    assert targets(today(store, clock)) == ["resume"] and today(store, clock).leeches == 0


def test_a_draft_with_its_hints_is_there_again(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    (due,) = today(store, clock).due
    session = CardSession.start(due, store, clock)
    session.type("begun")
    assert session.hint() == due.prompt.hints[0] and session.shown_hints == due.prompt.hints[:1]
    clock.move(5)
    session.save()
    again = CardSession.start(due, store, clock)
    assert (again.text, again.hints, again.elapsed(), again.resumed) == ("begun", 1, 5.0, True)
    again.type("")
    again.save()
    assert store.card_draft(due.card.id) == CardDraft(due.card.id, "", 5.0, 1, clock.now())
    assert (again.hint(), again.hint(), again.hints) == (due.prompt.hints[1], due.prompt.hints[1], 2)


def test_the_rating_is_derived_shown_with_its_interval_and_can_be_changed(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    session = CardSession.start(today(store, clock).due[0], store, clock)
    session.type("The group resumes.")
    clock.move(40)
    session.accept()
    judged = session.judge(RIGHT, UTC)
    assert judged.derived == 3 and judged.seconds == 40
    away = [judged.away(rating) for rating in (1, 2, 3, 4)]
    assert away[0] == timedelta(minutes=10) and away == sorted(away) and away[3] > timedelta(days=5)
    kept = session.record(4, UTC)
    assert (kept.rating, kept.derived, kept.answer, kept.day) == (4, 3, "The group resumes.", date(2026, 11, 23))
    assert store.cards()[0].schedule == judged.options[4]
    assert session.phase == "done" and store.card_draft(kept.card) is None


def test_an_interview_shortens_what_is_shown(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    session = CardSession.start(today(store, clock).due[0], store, clock)
    session.type("The group resumes.")
    session.accept()
    judged = session.judge(RIGHT, UTC, timed=False)
    assert judged.seconds is None and judged.away(4, date(2026, 11, 26), UTC) < timedelta(days=2)
    assert judged.away(4, date(2026, 11, 23), UTC) == judged.away(4) > timedelta(days=5)  # today: too late


def test_nothing_is_recorded_before_it_is_judged(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    session = CardSession.start(today(store, clock).due[0], store, clock)
    with pytest.raises(AnswerRefused):
        session.accept()
    with pytest.raises(RuntimeError):
        session.judge(RIGHT, UTC)
    session.type("x y z")
    session.accept()
    with pytest.raises(RuntimeError):
        session.record(3, UTC)
    session.judge(RIGHT, UTC)
    session.reopen()
    with pytest.raises(RuntimeError):
        session.record(3, UTC)
    assert store.reviews() == []


def test_two_windows_at_one_card(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    (due,) = today(store, clock).due
    answer(store, clock, due)
    with pytest.raises(StoreError, match="in the meantime"):
        answer(store, clock, due)
    assert len(store.reviews()) == 1


def test_undo_brings_the_answer_back_as_a_draft(store: Store, clock: FakeClock) -> None:
    cards(store, "resume")
    (due,) = today(store, clock).due
    answer(store, clock, due)
    assert today(store, clock).done == 1
    undone = repeating.undo(store, clock.now())
    assert undone.card == due.card.id and today(store, clock).due == (due,) and today(store, clock).done == 0
    again = CardSession.start(due, store, clock)
    assert again.text == "The group resumes from its committed offset." and again.elapsed() == 30
    with pytest.raises(UsageError, match="no review to undo"):
        repeating.undo(store, clock.now())


def test_a_clock_set_back_harms_nothing(store: Store, clock: FakeClock) -> None:
    cards(store, "resume", "policy")
    answer(store, clock, today(store, clock).due[0], WRONG)
    clock.time -= timedelta(days=40)
    assert targets(today(store, clock)) == []
    session = CardSession.start(repeating.due_card(store, 1, [scenario(1)]), store, clock)
    session.type("The group resumes.")
    session.accept()
    assert min(session.judge(RIGHT, UTC).away(rating) for rating in (1, 2, 3, 4)) >= timedelta(0)
    session.record(3, UTC)
    assert len(store.reviews()) == 2
    clock.time += timedelta(days=80)
    assert set(targets(today(store, clock))) == {"resume", "policy"}


def test_the_plan_is_kept_and_odd_values_are_the_defaults(store: Store, clock: FakeClock) -> None:
    assert repeating.read_plan(store, START, UTC) == Plan()
    wanted = Plan(7, date(2026, 11, 23))
    repeating.write_plan(store, wanted)
    assert repeating.read_plan(store, START, UTC) == wanted
    assert repeating.read_plan(store, START + timedelta(days=1), UTC) == Plan(7)
    for limit, day in (("many", "soon"), ("0", ""), ("-3", "2026-02-30"), ("²", "x")):
        store.set_setting(repeating.LIMIT_KEY, limit)
        store.set_setting(repeating.INTERVIEW_KEY, day)
        assert repeating.read_plan(store, START, UTC) == Plan()
    store.set_setting(repeating.LIMIT_KEY, "99999")
    assert repeating.read_plan(store, START, UTC).limit == repeating.MOST


def test_with_an_interview_ahead_cards_come_before_it_and_not_sooner(store: Store, clock: FakeClock) -> None:
    cards(store, "resume", "policy")
    for _ in range(2):
        answer(store, clock, today(store, clock).due[0], rating=4)
    before = store.cards()
    repeating.write_plan(store, Plan(interview=date(2026, 11, 26)))
    clock.move(DAY)
    assert targets(today(store, clock)) == []
    clock.move(DAY)
    assert sorted(targets(today(store, clock))) == ["policy", "resume"]
    assert store.cards() == before  # nothing of it is written
    answer(store, clock, today(store, clock).due[0])
    assert today(store, clock).ready == 1
    answer(store, clock, today(store, clock).due[0])
    assert targets(today(store, clock)) == []  # once on that day is enough
    repeating.write_plan(store, Plan())
    assert targets(today(store, clock)) == []


def test_the_learners_verdict_on_a_result_moves_the_card(store: Store, clock: FakeClock) -> None:
    session = StudySession.start(scenario(1), store, clock)
    session.type("The group resumes from its committed offset.")
    session.accept()
    kept = session.submit(grade(statuses={"resume": "covered"}))

    def say(target: str, held: bool) -> set[str]:
        repeating.overrule(store, scenario(1), Overrule(kept.id, target, held, clock.now()))
        assert result_view(scenario(1), kept, store.overrules(kept.id))
        return {card.target for card in store.cards()}

    assert say("policy", True) == {"describe", "replay"}
    assert say("resume", False) == {"describe", "replay", "resume"}
    assert say("m_always", True) == {"describe", "replay", "resume", "m_always"}
    assert say("m_always", False) == {"describe", "replay", "resume"}
