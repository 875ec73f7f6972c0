"""The grader that stands in where the model cannot be loaded: the rubric's keywords, tolerant of typos. No numpy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.grading import resources, scoring
from tutor.grading.calibration import load
from tutor.grading.gates import Verdict
from tutor.grading.keywords import keyword_hits, says_the_same
from tutor.grading.limits import graded_part
from tutor.grading.resources import Resources
from tutor.grading.types import Grade, GraderId, MisconceptionResult, PointResult, Span
from tutor.grading.windows import Unit, units
from tutor.scenarios.model import Misconception, Point, Scenario

NAME = "keywords"
NOTE = "Graded by keywords alone, which is far less exact than the model: it cannot tell a claim from its denial."
ACCEPTED = 0.95
NOT_FOUND = 0.04
"""Probability of what no keyword was found for."""
HELD = 0.5
_DENIAL = re.compile(r"\b(?:not|never|no|none|neither|nor|cannot|wrong|myth|false)\b|n['’]t\b", re.IGNORECASE)


class KeywordGrader:
    """Grades by keywords. Thread-safe."""

    def __init__(self, files: Resources | None = None, reason: str = "") -> None:
        """Load it; `reason`: why it stands in for the model. Raises GraderUnavailable."""
        found = resources.shipped() if files is None else files
        self._gates = found.gates()
        self._calibration = load(found.calibration)
        self._id = GraderId(NAME, resources.digest(found.calibration, found.word_order))
        self._notes = (f"{NOTE} Reason: {reason}" if reason else NOTE,)

    @property
    def id(self) -> GraderId:
        """`keywords`, and the hash of what was fitted."""
        return self._id

    def grade(self, scenario: Scenario, answer: str) -> Grade:
        """Grade one answer. Raises AnswerRefused."""
        text, notes = graded_part(answer)
        found = units(text)
        verdict = self._gates.judge(scenario, found)
        hits = hits_of(scenario, found, verdict)
        return self._grade(scenario, found, verdict, hits, notes)

    def _grade(
        self,
        scenario: Scenario,
        found: Sequence[Unit],
        verdict: Verdict,
        hits: Sequence[int | None],
        notes: tuple[str, ...],
    ) -> Grade:
        fitted = self._calibration.keywords
        count = len(scenario.points)
        result = findings_of(scenario, [hit is not None for hit in hits], fitted.point, fitted.misconception)
        score = scoring.raw_score(scenario, result, fitted.score)
        covered = [hit is not None for hit in hits[:count]]
        return Grade(
            scenario=scenario.id,
            score=scoring.limited(score, passes=scoring.may_pass(scenario, result, HELD, HELD), most=verdict.most),
            dimensions=scoring.dimension_scores(
                scenario, [float(value) for value in covered], self._calibration.dimension_power
            ),
            points=tuple(
                PointResult(point.id, "missed" if hit is None else "covered", _spans(found, hit), 0.5)
                for point, hit in zip(scenario.points, hits[:count], strict=True)
            ),
            misconceptions=tuple(
                MisconceptionResult(item.id, _spans(found, hit), fitted.misconception, certain=False)
                for item, hit in zip(scenario.misconceptions, hits[count:], strict=True)
                if hit is not None
            ),
            grader=self._id,
            honest=verdict.honest,
            notes=(*self._notes, *verdict.notes, *notes),
            raise_most=scoring.raise_most(scenario, result, fitted.score),
        )


def hits_of(scenario: Scenario, found: Sequence[Unit], verdict: Verdict) -> list[int | None]:
    """For every point, then every misconception: the sentence that has most of its keywords."""
    items: tuple[Point | Misconception, ...] = (*scenario.points, *scenario.misconceptions)
    return [_best_unit(item, found, verdict) for item in items]


def findings_of(scenario: Scenario, hits: Sequence[bool], point: float, misconception: float) -> scoring.Findings:
    """Hits as probabilities."""
    count = len(scenario.points)
    return scoring.Findings(
        tuple(point if hit else NOT_FOUND for hit in hits[:count]),
        tuple(misconception if hit else NOT_FOUND for hit in hits[count:]),
        0.0,
    )


def _spans(found: Sequence[Unit], hit: int | None) -> tuple[Span, ...]:
    return () if hit is None else (Span(found[hit].start, found[hit].end),)


def _best_unit(item: Point | Misconception, found: Sequence[Unit], verdict: Verdict) -> int | None:
    """The sentence with most keywords, none where there is no keyword in any."""
    best, most = None, 0
    for index, (unit, flag) in enumerate(zip(found, verdict.flags, strict=True)):
        count = 0 if flag else _hits(item, unit.text)
        if count > most:
            best, most = index, count
    return best


def _hits(item: Point | Misconception, text: str) -> int:
    if says_the_same(text, item.accept):
        return 100
    if says_the_same(text, item.reject) or (isinstance(item, Misconception) and _DENIAL.search(text)):
        return 0
    return keyword_hits(text, item.keywords)
