"""What a grader says about an answer. Values only; spans are character offsets into the answer as the learner typed it."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from tutor.scenarios.model import Dimension, Scenario

PointStatus = Literal["covered", "partial", "contradicted", "missed", "unsure"]
PASS_SCORE = 6.0
"""An answer at or above would pass an interview (scale in `grading/points.yaml`)."""


class Span(msgspec.Struct, frozen=True):
    """A stretch of the answer: `answer[start:end]`."""

    start: int
    end: int


class PointResult(msgspec.Struct, frozen=True):
    """One rubric point."""

    id: str
    status: PointStatus
    evidence: tuple[Span, ...] = ()
    confidence: float = 0.0
    """0 to 1: how sure the grader is of the status."""


class MisconceptionResult(msgspec.Struct, frozen=True):
    """One misconception that the answer holds, or seems to."""

    id: str
    evidence: tuple[Span, ...] = ()
    confidence: float = 0.0
    certain: bool = False
    """False: put it to the learner as a question ("this sounds like …, do you mean that?")."""


class GraderId(msgspec.Struct, frozen=True):
    """Which grader made a grade."""

    name: str
    """`model`, `keywords`, …"""
    version: str
    """Changes whenever the same answer could get another grade: model hash and calibration hash, shortened."""


class Grade(msgspec.Struct, frozen=True):
    """A graded answer."""

    scenario: int
    score: float
    """0 to 10, one decimal."""
    dimensions: dict[Dimension, float]
    """0 to 10 for every dimension that the rubric of this scenario has points for."""
    points: tuple[PointResult, ...]
    """All points of the scenario, in its order."""
    misconceptions: tuple[MisconceptionResult, ...]
    """Only those held or suspected."""
    grader: GraderId
    honest: bool
    """A real attempt, right or wrong: it unlocks the lab."""
    notes: tuple[str, ...] = ()
    """What the learner must know about this grade: the stand-in grader was used, part of the text made no sentences, …"""
    raise_most: tuple[str, ...] = ()
    """Ids of the points (or misconceptions to drop) that would have raised the score most, best first, three at most."""


class Grader(Protocol):
    """Grades answers. Not required to be thread-safe."""

    @property
    def id(self) -> GraderId:
        """Name and version, on every grade."""

    def grade(self, scenario: Scenario, answer: str) -> Grade:
        """Grade one answer. Raises AnswerRefused for what is not text or too long."""
