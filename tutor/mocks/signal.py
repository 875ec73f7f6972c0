"""From grades to what an interviewer would say, and the points that would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from tutor.grading.scoring import CENTRAL
from tutor.grading.types import Grade
from tutor.mocks.levels import STANDARDS, Standard
from tutor.mocks.values import Level
from tutor.scenarios.model import DIMENSIONS, Dimension, Scenario

Signal = Literal["strong hire", "hire", "lean no", "no hire"]
NEAR = 1.5
"""So far below the bar it is still a `lean no`."""
MOST_CHANGES = 6
A_QUESTION = 2
"""So many changes of one question at most come before those of the next one."""


class Judged(msgspec.Struct, frozen=True):
    """A question with the grade of all that was said to it."""

    position: int
    scenario: Scenario
    grade: Grade


class Condition(msgspec.Struct, frozen=True):
    """One thing that the signal asks for."""

    text: str
    met: bool
    of: Literal["hire", "strong hire"]


class Change(msgspec.Struct, frozen=True):
    """A point to say, or a belief to drop, that would move the signal up."""

    position: int
    scenario: int
    target: str
    kind: Literal["point", "misconception"]
    must: bool
    text: str
    """What to say, second person."""


class Verdict(msgspec.Struct, frozen=True):
    """What an interviewer would say."""

    signal: Signal
    score: float
    """Mean over the questions that were answered, 0 to 10."""
    conditions: tuple[Condition, ...]
    changes: tuple[Change, ...]
    """The weakest question's first; empty for a strong hire."""


def verdict(judged: Sequence[Judged], level: Level, unanswered: int = 0) -> Verdict:
    """The signal of a level. `unanswered`: questions of the plan that were not asked any more."""
    standard, score = STANDARDS[level], mean_score(judged)
    conditions = (*_for_hire(judged, standard, score), *_for_strong(judged, standard, score, unanswered))
    hire = all(condition.met for condition in conditions if condition.of == "hire")
    strong = hire and all(condition.met for condition in conditions)
    near = score >= standard.hire - NEAR and not _central(judged)
    signal: Signal = "strong hire" if strong else "hire" if hire else "lean no" if near else "no hire"
    return Verdict(signal, score, conditions, () if strong else changes(judged))


def mean_score(judged: Sequence[Judged]) -> float:
    """Mean over the questions; 0 where there are none."""
    return round(sum(one.grade.score for one in judged) / len(judged), 1) if judged else 0.0


def dimension_means(judged: Sequence[Judged]) -> dict[Dimension, float]:
    """Mean score of each dimension over the questions that have points for it."""
    found: dict[Dimension, float] = {}
    for dimension in DIMENSIONS:
        scores = [one.grade.dimensions[dimension] for one in judged if dimension in one.grade.dimensions]
        if scores:
            found[dimension] = round(sum(scores) / len(scores), 1)
    return found


def _for_hire(judged: Sequence[Judged], standard: Standard, score: float) -> Iterator[Condition]:
    yield Condition(f"The mean is at least {standard.hire:.1f}: it is {score:.1f}.", score >= standard.hire, "hire")
    enough = sum(one.grade.score >= standard.hire for one in judged)
    yield Condition(
        f"At least half of the questions reach {standard.hire:.1f}: {enough} of {len(judged)} do.",
        bool(judged) and 2 * enough >= len(judged),
        "hire",
    )
    yield Condition("No belief is held at which an interviewer would stop.", not _central(judged), "hire")
    means = dimension_means(judged)
    for dimension, floor in standard.floors.items():
        if dimension in means:
            got = means[dimension]
            yield Condition(f"{dimension} is at least {floor:.1f}: it is {got:.1f}.", got >= floor, "hire")


def _for_strong(judged: Sequence[Judged], standard: Standard, score: float, unanswered: int) -> Iterator[Condition]:
    yield Condition(
        f"The mean is at least {standard.strong:.1f}: it is {score:.1f}.", score >= standard.strong, "strong hire"
    )
    low = min((one.grade.score for one in judged), default=0.0)
    yield Condition(
        f"No question is below {standard.hire:.1f}: the lowest is {low:.1f}.", low >= standard.hire, "strong hire"
    )
    if unanswered:
        lacking = f"{unanswered} {'was' if unanswered == 1 else 'were'} not"
        yield Condition(f"Every question was answered: {lacking}.", False, "strong hire")


def _central(judged: Sequence[Judged]) -> bool:
    return any(
        belief.penalty >= CENTRAL and belief.id in _held(one.grade)
        for one in judged
        for belief in one.scenario.misconceptions
    )


def _held(grade: Grade) -> frozenset[str]:
    return frozenset(result.id for result in grade.misconceptions if result.certain)


def changes(judged: Sequence[Judged]) -> tuple[Change, ...]:
    """What to say or to drop: two of the weakest question, two of the next, then what is left."""
    ordered = [list(_changes_of(one)) for one in sorted(judged, key=lambda one: one.grade.score)]
    first = [change for found in ordered for change in found[:A_QUESTION]]
    rest = [change for found in ordered for change in found[A_QUESTION:]]
    return tuple([*first, *rest][:MOST_CHANGES])


def _changes_of(one: Judged) -> Iterator[Change]:
    """Beliefs held, then missing points that must be there, then what would have raised the score most."""
    held, lacking = _held(one.grade), _lacking(one.grade)
    for belief in sorted(one.scenario.misconceptions, key=lambda belief: -belief.penalty):
        if belief.id in held:
            yield Change(one.position, one.scenario.id, belief.id, "misconception", False, belief.correction)
    rank = {name: number for number, name in enumerate(one.grade.raise_most)}
    wanted = [point for point in one.scenario.points if point.id in lacking and (point.must or point.id in rank)]
    for point in sorted(wanted, key=lambda point: (not point.must, rank.get(point.id, len(rank)), -point.weight)):
        yield Change(one.position, one.scenario.id, point.id, "point", point.must, point.missed)


def _lacking(grade: Grade) -> Mapping[str, str]:
    return {result.id: result.status for result in grade.points if result.status != "covered"}
