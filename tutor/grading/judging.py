"""From an answer that has been read to a grade, by the calibration and the authored rules of the rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tutor.grading import scoring
from tutor.grading.calibration import Calibration
from tutor.grading.keywords import keyword_hits
from tutor.grading.passing import obstacles
from tutor.grading.reading import Marks, Reading
from tutor.grading.scoring import BELOW_PASS
from tutor.grading.signals import UNKNOWN, Signals, evidence_window, signals
from tutor.grading.types import Grade, GraderId, MisconceptionResult, PointResult, PointStatus, Span
from tutor.scenarios.model import Point, Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CLAIMS = 3
"""A sentence is credited for so many points at most."""
OVER_CLAIMED = 0.2
"""Probability of the points beyond that."""
NEAR_ENOUGH = 0.75
"""A shorter stretch with this share of the sureness is left out instead of a longer one: what stands beside it stays."""
BRIEF = 2
"""A misconception is certain only where so many units show it."""
SUSPECTED = 0.75
"""Share of the threshold of misconceptions from which one is suspected: where no point is covered it earns nothing either."""
AUTHORED = 0.95
"""Probability of what an authored statement decides."""
REJECTED = 0.05
DENIED = 0.6
"""Probability from which a point is contradicted."""
UNSURE = 0.4
"""Word score from which a point in a flagged sentence is 'unsure' instead of 'missed'."""
OFF_TOPIC = -2.0
"""Log odds of this scenario below which an answer without a covered point is about another one."""
OFF_TOPIC_MOST = 1.0
"""Highest score of such an answer."""
NOTE_OFF_TOPIC = "This seems to answer another question."
NOTE_LOWERED = "What holds a misconception earns nothing, so the score is that of the rest of your answer."


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities after all rules, and where they come from."""

    points: Floats
    misconceptions: Floats
    signals: Signals
    authored: frozenset[int]
    """Columns of misconceptions whose authored statement or keyword agrees."""


def judge(scenario: Scenario, reading: Reading, calibration: Calibration) -> Judged:
    """How likely every point and misconception is."""
    count = len(scenario.points)
    found = signals(reading, count)
    chances = _chances(found, reading, calibration, count)
    authored = _apply_authored(reading.marks, chances)
    _limit_claims(reading, chances, count)
    return Judged(chances[:count], chances[count:], found, authored)


def _chances(found: Signals, reading: Reading, calibration: Calibration, count: int) -> Floats:
    values = np.zeros(len(reading.known))
    for column, row in enumerate(found.features):
        family = calibration.trained if reading.known[column] else calibration.untrained
        linear = family.points if column < count else family.misconceptions
        values[column] = linear.probability(list(row) if reading.known[column] else list(row[:UNKNOWN]))
    return values


def _apply_authored(marks: Sequence[Marks], chances: Floats) -> frozenset[int]:
    """Accept and reject statements decide; returns the columns that an authored rule agrees to."""
    accepted = {column for mark in marks for column in mark.accepted}
    for column in {column for mark in marks for column in mark.rejected} - accepted:
        chances[column] = min(chances[column], REJECTED)
    for column in accepted:
        chances[column] = max(chances[column], AUTHORED)
    return frozenset(accepted.union(*(mark.keywords for mark in marks)))


def _limit_claims(reading: Reading, chances: Floats, count: int) -> None:
    """The fourth point and further ones that rest on one and the same sentence are not credited."""
    by_unit: dict[int, list[int]] = {}
    for column in np.argsort(-chances[:count]):
        window = evidence_window(reading, int(column))
        if window is not None and len(reading.windows[window].units) == 1 and chances[column] > OVER_CLAIMED:
            by_unit.setdefault(reading.windows[window].units[0], []).append(int(column))
    for columns in by_unit.values():
        for column in columns[CLAIMS:]:
            chances[column] = OVER_CLAIMED


def findings(judged: Judged, reading: Reading) -> scoring.Findings:
    """As the score needs them."""
    return scoring.Findings(
        tuple(float(value) for value in judged.points),
        tuple(float(value) for value in judged.misconceptions),
        reading.topic_margin,
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with what decided it."""

    score: float
    """0 to 10, one decimal."""
    away: bool
    """The answer is about something else."""
    against: tuple[str, ...]
    """Why it cannot pass whatever its score."""
    lowered: bool = False
    """It is the score of the rest, without what holds a misconception."""


def scored(scenario: Scenario, reading: Reading, judged: Judged, calibration: Calibration) -> Scored:
    """The score of an answer, by all rules. What holds a misconception never earns more than it costs."""
    own = _scored(scenario, reading, judged, calibration)
    if reading.again is None:
        return own
    scores = [own.score]
    for wrong in wrong_units(reading, judged, calibration):
        rest = _as_attempt(reading.without(wrong))
        scores.append(_scored(scenario, rest, judge(scenario, rest, calibration), calibration).score)
    held = bool((judged.misconceptions >= calibration.thresholds.held).any())
    return replace(own, score=min(scores), lowered=held and min(scores) < own.score)


def _as_attempt(rest: Reading) -> Reading:
    """A rest that is no attempt for nothing but its length is none of the learner's making."""
    if any(rest.verdict.flags):
        return rest
    return replace(rest, verdict=msgspec.structs.replace(rest.verdict, honest=True))


def _scored(scenario: Scenario, reading: Reading, judged: Judged, calibration: Calibration) -> Scored:
    limits, found = calibration.thresholds, findings(judged, reading)
    covered = [value >= limits.covered for value in found.points]
    away = bool(reading.units) and reading.topic_margin < OFF_TOPIC and not any(covered)
    most = min(reading.verdict.most, OFF_TOPIC_MOST) if away else reading.verdict.most
    against = obstacles(reading, covered, calibration)
    passes = scoring.may_pass(scenario, found, limits.covered, limits.held) and not against
    raw = scoring.raw_score(scenario, found, calibration.score)
    return Scored(scoring.limited(raw, passes=passes, most=most), away, against)


def wrong_units(reading: Reading, judged: Judged, calibration: Calibration) -> set[frozenset[int]]:
    """What can be left out: the units of each misconception that is held, and of all of them; never the whole answer.

    They are those that show it, and the others of their paragraphs that show no covered point.
    """
    limits, count = calibration.thresholds, len(judged.points)
    good = frozenset[int]().union(*(_shown(reading, int(c)) for c in np.flatnonzero(judged.points >= limits.covered)))
    least = limits.held if good else limits.held * SUSPECTED
    held = [_shown(reading, count + int(index)) for index in np.flatnonzero(judged.misconceptions >= least)]
    groups = {_with_talk(reading, units, good) for units in [*held, frozenset[int]().union(*held)] if units}
    return {group for group in groups if len(group) < len(reading.units)}


def _with_talk(reading: Reading, wrong: frozenset[int], good: frozenset[int]) -> frozenset[int]:
    """With the units of the same paragraphs that show no covered point."""
    blocks = {reading.units[index].block for index in wrong}
    return wrong | {i for i, unit in enumerate(reading.units) if unit.block in blocks and i not in good}


def _shown(reading: Reading, column: int) -> frozenset[int]:
    """The units that show a definition best."""
    window = evidence_window(reading, column, NEAR_ENOUGH)
    return frozenset() if window is None else frozenset(reading.windows[window].units)


def grade(scenario: Scenario, reading: Reading, calibration: Calibration, grader: GraderId) -> Grade:
    """The whole grade."""
    judged = judge(scenario, reading, calibration)
    result = scored(scenario, reading, judged, calibration)
    points = tuple(_point(scenario, reading, judged, calibration, index) for index in range(len(scenario.points)))
    return Grade(
        scenario=scenario.id,
        score=result.score,
        dimensions=scoring.dimension_scores(scenario, _credits(points, judged), calibration.dimension_power),
        points=points,
        misconceptions=_misconceptions(scenario, reading, judged, calibration),
        grader=grader,
        honest=reading.verdict.honest and not result.away,
        notes=_notes(reading, result),
        raise_most=scoring.raise_most(scenario, findings(judged, reading), calibration.score),
    )


def _notes(reading: Reading, result: Scored) -> tuple[str, ...]:
    if not reading.verdict.honest:
        return reading.verdict.notes
    away = (NOTE_OFF_TOPIC,) if result.away else ()
    lowered = (NOTE_LOWERED,) if result.lowered else ()
    against = result.against if result.score >= BELOW_PASS else ()
    return (*reading.verdict.notes, *away, *lowered, *against)


def _credits(points: Sequence[PointResult], judged: Judged) -> list[float]:
    credit = {"covered": 1.0, "partial": 0.5}
    return [credit.get(point.status, 0.0) for point in points] if len(judged.points) else []


def _point(scenario: Scenario, reading: Reading, judged: Judged, calibration: Calibration, index: int) -> PointResult:
    chance = float(judged.points[index])
    denied = float(judged.signals.denied[index])
    name = scenario.points[index].id
    if chance >= calibration.thresholds.covered:
        return PointResult(name, "covered", _spans(reading, index), round(chance, 3))
    if denied >= DENIED:
        return PointResult(name, "contradicted", _denial(reading, index), round(denied, 3))
    if chance >= calibration.thresholds.partial:
        return PointResult(name, "partial", _spans(reading, index), round(1.0 - chance, 3))
    return _missed(name, reading, scenario.points[index], chance)


def _missed(name: str, reading: Reading, point: Point, chance: float) -> PointResult:
    """Missed; or unsure, where a flagged sentence has its keywords."""
    for unit, flag in zip(reading.units, reading.verdict.flags, strict=True):
        if flag in ("list", "shuffled") and keyword_hits(unit.text, point.keywords):
            return PointResult(name, "unsure", (Span(unit.start, unit.end),), 0.5)
    status: PointStatus = "missed"
    return PointResult(name, status, (), round(1.0 - chance, 3))


def _spans(reading: Reading, column: int) -> tuple[Span, ...]:
    window = evidence_window(reading, column)
    return () if window is None else reading.windows[window].spans


def _denial(reading: Reading, column: int) -> tuple[Span, ...]:
    return reading.windows[int(reading.denies[:, column].argmax())].spans


def _misconceptions(
    scenario: Scenario, reading: Reading, judged: Judged, calibration: Calibration
) -> tuple[MisconceptionResult, ...]:
    limits = calibration.thresholds
    count = len(scenario.points)
    results = []
    for index, item in enumerate(scenario.misconceptions):
        chance = float(judged.misconceptions[index])
        if chance >= limits.held:
            sure = chance >= limits.certain and _said_briefly(reading, count + index)
            certain = sure or count + index in judged.authored
            results.append(MisconceptionResult(item.id, _spans(reading, count + index), round(chance, 3), certain))
    return tuple(results)


def _said_briefly(reading: Reading, column: int) -> bool:
    """Whether two sentences at most show it: what only a longer stretch seems to say is asked, not stated."""
    window = evidence_window(reading, column)
    return window is not None and len(reading.windows[window].units) <= BRIEF
