"""A mock interview beside the earlier ones, and the learner's own marks beside the grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from tutor.mocks.signal import Signal
from tutor.mocks.values import Level, Mock
from tutor.scenarios.model import DIMENSIONS, Dimension


class Summary(msgspec.Struct, frozen=True):
    """A finished mock interview in one line."""

    mock: int
    at: datetime
    """UTC; when it began."""
    level: Level
    minutes: int
    questions: int
    answered: int
    score: float
    signal: Signal
    self_score: float | None
    """Mean of the learner's own marks; None where there are none."""
    difference: float | None
    """Grade minus own mark, on average: below 0 the learner thinks too well of the answers."""
    dimensions: dict[Dimension, float] = {}
    scores: dict[int, float] = {}
    """By scenario."""


class DimensionChange(msgspec.Struct, frozen=True):
    """One dimension now and in the mock before."""

    dimension: Dimension
    now: float
    before: float | None
    """None where the mock before did not ask for it."""


class Repeated(msgspec.Struct, frozen=True):
    """A scenario that an earlier mock had asked too."""

    scenario: int
    now: float
    then: float
    mock: int
    """The latest earlier one."""


class Comparison(msgspec.Struct, frozen=True):
    """A mock beside the earlier ones."""

    earlier: tuple[Summary, ...]
    """Oldest first."""
    score_change: float | None
    """Against the one before; None for the first."""
    dimensions: tuple[DimensionChange, ...]
    repeated: tuple[Repeated, ...]


def difference(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Mean of grade minus own mark; None without any."""
    return round(sum(grade - own for grade, own in pairs) / len(pairs), 1) if pairs else None


def marks(mock: Mock) -> list[tuple[float, float]]:
    """Grade and own mark of every question that has both."""
    found = [(mock.grade(mark.position), mark.score) for mark in mock.assessments]
    return [(grade.score, float(own)) for grade, own in found if grade is not None]


def compare(now: Summary, earlier: Sequence[Summary]) -> Comparison:
    """Beside those that were held before."""
    last = earlier[-1] if earlier else None
    return Comparison(
        earlier=tuple(earlier),
        score_change=round(now.score - last.score, 1) if last else None,
        dimensions=tuple(
            DimensionChange(dimension, now.dimensions[dimension], last.dimensions.get(dimension) if last else None)
            for dimension in DIMENSIONS
            if dimension in now.dimensions
        ),
        repeated=_repeated(now.scores, earlier),
    )


def _repeated(scores: Mapping[int, float], earlier: Sequence[Summary]) -> tuple[Repeated, ...]:
    then = {scenario: (score, one.mock) for one in earlier for scenario, score in one.scores.items()}
    return tuple(Repeated(scenario, score, *then[scenario]) for scenario, score in scores.items() if scenario in then)


def calibration_text(value: float | None) -> str:
    """What the difference means."""
    if value is None:
        return "You gave no marks of your own."
    if abs(value) < 0.5:
        return "You judge your answers as the grader does."
    if value < 0:
        return f"You judge your answers {-value:.1f} points too well: an interviewer would hear less than you think."
    return f"You judge your answers {value:.1f} points too low: you say more than you think."
