"""Which cards a graded answer makes: what it lacked, not the whole scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from tutor.grading.types import Grade
from tutor.review.cards import NewCard
from tutor.scenarios.model import Scenario


def cards_of(
    scenario: Scenario,
    grade: Grade,
    verdicts: Mapping[str, bool] | None = None,
    target: str = "",
    due: datetime | None = None,
) -> tuple[NewCard, ...]:
    """Points that are not covered and misconceptions that are held for certain, in the order of the rubric.

    `verdicts`: what the learner said of a target, which comes before the grade. `target`: the answer was to a question
    about this one only. `due`: when they are first asked. What was no real attempt makes no cards: nothing is known from it.
    """
    if not grade.honest:
        return ()
    found = _lacking(scenario, grade, verdicts or {})
    return tuple(msgspec.structs.replace(card, due=due) for card in found if target in ("", card.target))


def card_of(scenario: Scenario, target: str) -> NewCard | None:
    """A card for one point or misconception; None where the scenario has none of that name."""
    if any(point.id == target for point in scenario.points):
        return NewCard(scenario.id, target, "point")
    if any(belief.id == target for belief in scenario.misconceptions):
        return NewCard(scenario.id, target, "misconception")
    return None


def _lacking(scenario: Scenario, grade: Grade, verdicts: Mapping[str, bool]) -> Iterator[NewCard]:
    covered = {result.id: result.status == "covered" for result in grade.points} | dict(verdicts)
    held = {result.id: result.certain for result in grade.misconceptions} | dict(verdicts)
    for point in scenario.points:
        if not covered.get(point.id, False):
            yield NewCard(scenario.id, point.id, "point")
    for belief in scenario.misconceptions:
        if held.get(belief.id, False):
            yield NewCard(scenario.id, belief.id, "misconception")
