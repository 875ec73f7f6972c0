"""The placement round: what is asked, what is kept, what comes of it, and what is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sessions.make import EVERYTHING, START, FakeClock, attempt, grade, scenario
from tutor.errors import UsageError
from tutor.review.days import next_day
from tutor.scenarios.packs import load_all
from tutor.sessions.placement import (
    LATER,
    PlacementSession,
    Round,
    asked,
    begin_again,
    key_point,
    new_cards,
    placement,
    skip,
)
from tutor.sessions.ports import Store
from tutor.sessions.study import StudySession
from tutor.store.sqlite import SqliteStore
from tutor.store.transfer import export, import_, is_empty, parse

SCENARIOS = [scenario(number) for number in (2, 1, 3)]


def answer(store: Store, clock: FakeClock, number: int, status: str, text: str = "The group resumes.") -> None:
    session = PlacementSession.start(scenario(number), store, clock)
    session.type(text), session.accept()
    session.record(grade(number=number, statuses={"resume": status}))  # type: ignore[dict-item]


def states(found: Round) -> list[str]:
    return [one.state for one in found.asked]


def test_every_scenario_is_asked_for_the_heaviest_point_without_which_none_passes() -> None:
    assert key_point(scenario()).id == "resume"
    for pack in load_all().packs:
        point = key_point(pack.scenario)
        assert point.must and point.weight == max(p.weight for p in pack.scenario.points if p.must)


def test_known_not_known_and_skipped_are_kept_apart_and_the_round_goes_on_where_it_stopped(
    store: SqliteStore, clock: FakeClock
) -> None:
    answer(store, clock, 2, "covered"), answer(store, clock, 1, "partial")
    found = placement(store, SCENARIOS)
    assert states(found) == ["known", "not known", "open"] and [one.scenario.id for one in found.left] == [3]
    skip(store, scenario(3), START)
    assert states(placement(store, SCENARIOS)) == ["known", "not known", "skipped"]
    answer(store, clock, 3, "covered")  # a skipped one may still be answered
    assert placement(store, SCENARIOS).count("known") == 2


def test_a_draft_is_kept_with_its_time_and_every_character(store: SqliteStore, clock: FakeClock) -> None:
    session = PlacementSession.start(scenario(), store, clock)
    clock.move(30)
    session.type(EVERYTHING), session.save()
    again = PlacementSession.start(scenario(), store, clock)
    assert (again.text, again.elapsed(), again.one.state) == (EVERYTHING, 30.0, "open")
    again.type(""), again.save()
    assert not PlacementSession.start(scenario(), store, clock).resumed
    again.type("half"), again.save()
    skip(store, scenario(), START)
    assert PlacementSession.start(scenario(), store, clock).text == "half"


def test_it_is_no_answer_makes_no_card_and_opens_no_lab(store: SqliteStore, clock: FakeClock) -> None:
    answer(store, clock, 1, "missed")
    assert store.attempts() == [] and store.cards() == [] and store.drafts() == []


def test_a_known_point_that_an_answer_leaves_out_comes_back_a_week_later_than_others(
    store: SqliteStore, clock: FakeClock
) -> None:
    answer(store, clock, 1, "covered"), answer(store, clock, 2, "missed")
    for number in (1, 2):
        session = StudySession.start(scenario(number), store, clock)
        session.type("Something else."), session.accept(), session.submit(grade(number=number))
    due = {(card.scenario, card.target): card.schedule.due for card in store.cards()}
    assert due[1, "resume"] == due[1, "policy"] + LATER == next_day(START) + timedelta(days=7)
    assert due[2, "resume"] == due[2, "policy"] == next_day(START)


def test_a_follow_up_makes_its_one_card(store: SqliteStore) -> None:
    assert [card.target for card in new_cards(store, scenario(), grade(), START, target="policy")] == ["policy"]


def test_what_was_answered_is_not_asked_again_until_the_round_is_begun_anew(
    store: SqliteStore, clock: FakeClock
) -> None:
    answer(store, clock, 1, "covered")
    with pytest.raises(UsageError, match="placement question"):
        PlacementSession.start(scenario(), store, clock)
    begin_again(store, SCENARIOS)
    assert states(placement(store, SCENARIOS)) == ["open"] * 3


def test_another_key_point_or_a_value_that_cannot_be_read_is_asked_again(store: SqliteStore, clock: FakeClock) -> None:
    answer(store, clock, 1, "covered")
    kept = store.setting("placement.1") or ""
    for value in (kept.replace('"resume"', '"other"'), kept[:-5], "[]", '{"target": 3}'):
        store.set_setting("placement.1", value)
        assert asked(store, scenario()).state == "open"


def test_it_is_reset_with_its_scenario_and_travels_with_an_export(store: SqliteStore, clock: FakeClock) -> None:
    for number in (1, 2, 3):
        answer(store, clock, number, "covered")
    store.set_setting("theme", "dark")
    document = parse(export(store, START))
    assert not is_empty(store), "there is something to lose"
    store.reset(2, 2)
    assert states(placement(store, SCENARIOS)) == ["open", "known", "known"]
    store.reset()
    assert states(placement(store, SCENARIOS)) == ["open"] * 3 and store.setting("theme") == "dark" and is_empty(store)
    import_(store, document, START)
    assert states(placement(store, SCENARIOS)) == ["known"] * 3


def test_record_before_accept_is_a_fault_of_the_caller(store: SqliteStore, clock: FakeClock) -> None:
    with pytest.raises(RuntimeError):
        PlacementSession.start(scenario(), store, clock).record(attempt().grade)
