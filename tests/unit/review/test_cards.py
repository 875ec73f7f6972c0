"""From a grade to cards, from a card to its question, from an answer to its rating."""

from __future__ import annotations

import pytest

from tests.unit.sessions.make import START, grade, scenario
from tutor.grading.types import Grade, MisconceptionResult, Span
from tutor.review.cards import Card, Kind, NewCard, Schedule
from tutor.review.making import card_of, cards_of
from tutor.review.question import prompt_of
from tutor.review.verdict import QUICK, SLOW, TYPING, rating_of, restricted
from tutor.scenarios.packs import load_all

SURE = MisconceptionResult("m_always", (Span(0, 3),), 0.9, True)
DOUBT = MisconceptionResult("m_deleted", (), 0.4, False)


def card(target: str, kind: Kind = "point") -> Card:
    return Card(1, 1, target, kind, START, 1, Schedule(START))


def test_what_was_missed_and_what_was_held_becomes_a_card_each() -> None:
    given = grade(statuses={"resume": "covered", "policy": "contradicted", "describe": "partial"}, held=(SURE, DOUBT))
    found = cards_of(scenario(), given)
    assert [(c.target, c.kind) for c in found] == [
        ("policy", "point"),
        ("describe", "point"),
        ("replay", "point"),
        ("m_always", "misconception"),
    ]


def test_the_learners_verdict_comes_before_the_grade() -> None:
    given = grade(statuses={"resume": "covered"}, held=(SURE, DOUBT))
    said = {"resume": False, "policy": True, "m_always": False, "m_deleted": True}
    assert [c.target for c in cards_of(scenario(), given, said)] == ["resume", "describe", "replay", "m_deleted"]


def test_a_follow_up_is_about_its_own_point_only() -> None:
    assert cards_of(scenario(), grade(), target="policy") == (NewCard(1, "policy", "point"),)
    assert cards_of(scenario(), grade(statuses={"policy": "covered"}), target="policy") == ()


def test_no_real_attempt_makes_no_cards() -> None:
    assert cards_of(scenario(), grade(honest=False)) == ()


def test_a_card_by_its_name() -> None:
    assert card_of(scenario(), "policy") == NewCard(1, "policy", "point")
    assert card_of(scenario(), "m_always") == NewCard(1, "m_always", "misconception")
    assert card_of(scenario(), "gone") is None


def test_a_point_is_asked_for_by_its_follow_up_and_a_belief_by_its_own() -> None:
    found = prompt_of(scenario(), card("resume"))
    assert found is not None
    assert (found.question, found.right, found.lab) == ("What about resume?", "You did not say resume.", 1)
    assert len(found.hints) == 2 and "resume" in found.hints[1] and "resume" not in found.hints[0]
    belief = prompt_of(scenario(), card("m_always", "misconception"))
    assert belief is not None and belief.question == "Always?" and belief.lab is None
    assert prompt_of(scenario(), card("gone")) is None


def test_every_target_of_every_pack_can_be_asked() -> None:
    for pack in load_all().packs:
        for item in (*pack.scenario.points, *pack.scenario.misconceptions):
            new = card_of(pack.scenario, item.id)
            assert new is not None
            found = prompt_of(pack.scenario, card(item.id, new.kind))
            assert found is not None and found.question and found.right and all(found.hints)


@pytest.mark.parametrize(
    ("given", "right", "rating"),
    [
        (grade(statuses={"resume": "covered"}), True, 3),
        (grade(statuses={"resume": "partial"}), False, 2),
        (grade(statuses={"resume": "unsure"}), False, 1),
        (grade(statuses={"resume": "contradicted"}), False, 1),
        (grade(statuses={"policy": "covered"}), False, 1),  # another point is not what was asked
    ],
)
def test_a_point_is_judged_by_itself(given: Grade, right: bool, rating: int) -> None:
    verdict = restricted(given, "resume", "point")
    assert verdict.right is right and rating_of(verdict, 0, None, 20) == rating


@pytest.mark.parametrize(
    ("given", "right", "rating"),
    [
        (grade(held=(SURE,)), False, 1),
        (grade(statuses={"resume": "covered"}, held=(SURE,)), False, 1),
        (grade(held=(MisconceptionResult("m_always", (), 0.4, False),)), False, 1),
        (grade(statuses={"resume": "covered"}), True, 3),
        (grade(statuses={"resume": "covered"}, held=(DOUBT,)), True, 3),  # another belief is not what was asked
        (grade(), False, 2),  # not held, and nothing right either
        (grade(honest=False), False, 1),
    ],
)
def test_a_belief_is_given_up_only_where_something_right_is_said(given: Grade, right: bool, rating: int) -> None:
    verdict = restricted(given, "m_always", "misconception")
    assert verdict.right is right and rating_of(verdict, 0, None, 20) == rating


@pytest.mark.parametrize(
    ("status", "hints", "thinking", "rating"),
    [
        ("covered", 0, QUICK, 4),
        ("covered", 0, QUICK + 1, 3),
        ("covered", 0, SLOW, 3),
        ("covered", 0, SLOW + 1, 2),
        ("covered", 1, 1.0, 2),
        ("covered", 2, 1.0, 2),
        ("covered", 0, None, 3),
        ("partial", 1, 1.0, 2),
        ("partial", 2, 1.0, 1),
        ("missed", 0, 1.0, 1),
    ],
)
def test_hints_and_time_change_the_rating(status: str, hints: int, thinking: float | None, rating: int) -> None:
    verdict = restricted(grade(statuses={"resume": status}), "resume", "point")  # type: ignore[dict-item]
    seconds = None if thinking is None else thinking + 20 * TYPING
    assert rating_of(verdict, hints, seconds, 20) == rating
