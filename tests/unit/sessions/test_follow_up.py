"""The follow-up goes to the weakest spot."""

from __future__ import annotations

import pytest

from tests.unit.sessions.make import START, attempt, grade, scenario
from tutor.grading.types import MisconceptionResult, PointStatus
from tutor.sessions.follow_up import asked_of, follow_up
from tutor.sessions.ports import Attempt, Overrule

ALL: dict[str, PointStatus] = {"resume": "covered", "policy": "covered", "describe": "covered", "replay": "covered"}
CERTAIN = MisconceptionResult("m_always", certain=True)
MAYBE = MisconceptionResult("m_deleted", certain=False)


@pytest.mark.parametrize(
    ("statuses", "held", "target"),
    [
        ({}, (), "resume"),
        ({"resume": "covered"}, (), "policy"),
        ({"resume": "partial", "policy": "missed"}, (), "policy"),
        ({"resume": "covered", "policy": "covered"}, (), "replay"),
        (ALL | {"describe": "contradicted"}, (), "describe"),
        (ALL, (CERTAIN,), "m_always"),
        (ALL | {"replay": "missed"}, (CERTAIN,), "m_always"),
        (ALL | {"replay": "missed"}, (MAYBE,), "m_deleted"),
        ({"resume": "contradicted"}, (CERTAIN, MAYBE), "resume"),
        (ALL, (MisconceptionResult("m_of_another_release", certain=True),), None),
        (ALL, (), None),
    ],
)
def test_target(statuses: dict[str, PointStatus], held: tuple[MisconceptionResult, ...], target: str | None) -> None:
    found = follow_up(scenario(), grade(statuses=statuses, held=held))
    assert (found.target if found else None) == target


def test_question_and_reason_are_those_of_the_target() -> None:
    missed = follow_up(scenario(), grade())
    assert missed is not None and missed.kind == "point" and missed.question == "What about resume?"
    assert "does not pass" in missed.why and "did not mention" in missed.why
    held = follow_up(scenario(), grade(statuses=ALL, held=(CERTAIN,)))
    assert held is not None and held.kind == "misconception" and held.question == "Always?"


def verdict(target: str, held: bool) -> Overrule:
    return Overrule(1, target, held, START)


def test_the_learners_verdict_is_believed() -> None:
    found = follow_up(scenario(), grade(), [verdict("resume", True)])
    assert found is not None and found.target == "policy"
    assert follow_up(scenario(), grade(statuses=ALL, held=(CERTAIN,)), [verdict("m_always", False)]) is None
    admitted = follow_up(scenario(), grade(statuses=ALL), [verdict("replay", False)])
    assert admitted is not None and admitted.target == "replay"


def test_what_was_asked_is_not_asked_again() -> None:
    answered = [
        Attempt(2, 1, "x", grade(), START, 1.0, 1, "What about resume?", "resume"),
        Attempt(3, 1, "x", grade(), START, 1.0, 9, "What about policy?", "policy"),
        attempt(1),
    ]
    found = follow_up(scenario(), grade(), asked=asked_of(answered, 1))
    assert found is not None and found.target == "policy"
