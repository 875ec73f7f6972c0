"""The follow-up question: aimed at the weakest spot of an answer, as an interviewer would."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import msgspec

from tutor.grading.types import Grade, PointStatus
from tutor.scenarios.model import Misconception, Point, Scenario
from tutor.sessions.ports import Attempt, Overrule

_LACK: dict[PointStatus, float] = {"covered": 0.0, "partial": 0.4, "unsure": 0.6, "missed": 0.8, "contradicted": 1.0}
"""How much of a point is lacking."""
_MUST = 10.0
"""An interviewer asks for what must be there before anything else."""
_HELD = 8.0
"""A wrong belief comes before a point of the same weight that was only not said."""


class FollowUp(msgspec.Struct, frozen=True):
    """A question to one spot of an answer."""

    scenario: int
    target: str
    """Id of the point or misconception."""
    kind: Literal["point", "misconception"]
    question: str
    why: str
    """One sentence: why this is asked."""


def follow_up(
    scenario: Scenario, grade: Grade, overrules: Sequence[Overrule] = (), asked: Collection[str] = ()
) -> FollowUp | None:
    """The question to the weakest spot; None where nothing is left to ask.

    `overrules`: what the learner said about this attempt is believed. `asked`: targets that had their turn.
    """
    verdicts = {overrule.target: overrule.held for overrule in overrules}
    spots = [*_points(scenario, grade, verdicts), *_misconceptions(scenario, grade, verdicts)]
    left = [(weakness, spot) for weakness, spot in spots if spot.target not in asked]
    return max(left, key=lambda pair: pair[0])[1] if left else None


def asked_of(attempts: Sequence[Attempt], attempt: int) -> frozenset[str]:
    """Targets of the follow-up questions already answered for an attempt."""
    return frozenset(other.target for other in attempts if other.follow_up_to == attempt)


def _points(scenario: Scenario, grade: Grade, verdicts: dict[str, bool]) -> Iterator[tuple[float, FollowUp]]:
    status = {result.id: result.status for result in grade.points}
    for point in scenario.points:
        lack = _LACK[status.get(point.id, "missed")]
        if verdicts.get(point.id, lack == 0):
            continue
        weakness = point.weight * lack + (_MUST if point.must else 0.0)
        why = _why_point(point, status.get(point.id, "missed"))
        yield weakness, FollowUp(scenario.id, point.id, "point", point.follow_up, why)


def _why_point(point: Point, status: PointStatus) -> str:
    rank = "An answer without this point does not pass" if point.must else "This point is worth asking for"
    found = {
        "missed": "you did not mention it",
        "partial": "you said part of it",
        "unsure": "it was not clear whether you meant it",
        "contradicted": "you said the opposite",
    }
    return f"{rank}, and {found.get(status, 'you say it is not in your answer')}."


def _misconceptions(scenario: Scenario, grade: Grade, verdicts: dict[str, bool]) -> Iterator[tuple[float, FollowUp]]:
    beliefs: dict[str, Misconception] = {belief.id: belief for belief in scenario.misconceptions}
    for result in grade.misconceptions:
        belief = beliefs.get(result.id)
        if belief is None or not verdicts.get(result.id, True):
            continue
        certain = result.certain or verdicts.get(result.id, False)
        weakness = belief.penalty + (_HELD if certain else 0.0)
        why = "Your answer says something that is not so." if certain else "Your answer can be read in a wrong way."
        yield weakness, FollowUp(scenario.id, belief.id, "misconception", belief.follow_up, why)
