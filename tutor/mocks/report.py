"""The report of a mock interview, as values. Texts are terminal-safe; what the learner typed is in no way escaped yet."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from tutor.grading.types import PointStatus
from tutor.mocks.comparing import Comparison, Summary
from tutor.mocks.signal import Verdict
from tutor.scenarios.model import Dimension
from tutor.text import shortened


class Spoken(msgspec.Struct, frozen=True):
    """A question and what was said to it."""

    question: str
    answer: str
    follow_up: bool
    seconds: float


class PointLine(msgspec.Struct, frozen=True):
    """A rubric point in all that was said."""

    id: str
    text: str
    dimension: Dimension
    must: bool
    status: PointStatus
    evidence: tuple[str, ...]
    """The learner's own words."""
    feedback: str
    """What was missed; empty where it is covered."""


class BeliefLine(msgspec.Struct, frozen=True):
    """A wrong belief that was heard."""

    id: str
    text: str
    certain: bool
    evidence: tuple[str, ...]
    correction: str


class DimensionScore(msgspec.Struct, frozen=True):
    """One dimension of one question."""

    dimension: Dimension
    score: float


class QuestionReport(msgspec.Struct, frozen=True):
    """One question with its follow-ups."""

    number: int
    """As it was counted."""
    scenario: int
    title: str
    reasons: tuple[str, ...]
    minutes: float
    """Its share of the time."""
    seconds: float
    transcript: tuple[Spoken, ...]
    """Empty where it was not asked any more."""
    unsent: tuple[str, ...]
    """Begun and not handed in: kept, not graded."""
    score: float | None
    """Of all that was said; None where nothing was."""
    reached: bool
    """Whether it reaches the level's bar."""
    self_score: int | None
    difference: float | None
    """Grade minus own mark."""
    dimensions: tuple[DimensionScore, ...]
    points: tuple[PointLine, ...]
    beliefs: tuple[BeliefLine, ...]
    notes: tuple[str, ...]
    grader: str


class Redo(msgspec.Struct, frozen=True):
    """The second try at the weakest question."""

    number: int
    scenario: int
    answer: str
    before: float
    score: float
    seconds: float
    still_missing: tuple[str, ...]
    """Points that must be there and are in neither."""


class NextThing(msgspec.Struct, frozen=True):
    """What to do after this interview."""

    kind: Literal["study", "lab", "review", "redo"]
    action: str
    reason: str
    command: str
    scenario: int | None = None
    lab: int | None = None


SCREEN = 12_000
"""Characters of an answer that a screen shows: as much as is graded."""


class MockReport(msgspec.Struct, frozen=True):
    """Everything there is to say about one finished interview."""

    summary: Summary
    ended: datetime
    """UTC."""
    seconds: float
    """Spent on answers, pauses not counted."""
    closed_early: bool
    questions: tuple[QuestionReport, ...]
    verdict: Verdict
    comparison: Comparison
    calibration: str
    """What the difference between grade and own marks means."""
    next: tuple[NextThing, ...]
    redo: Redo | None

    @property
    def title(self) -> str:
        """`Mock interview 3 · senior · 45 minutes`."""
        return f"Mock interview {self.summary.mock} · {self.summary.level} · {self.summary.minutes} minutes"


def for_screen(report: MockReport) -> MockReport:
    """The same with very long answers cut: a screen is for reading, the files have everything."""
    questions = tuple(_cut(question) for question in report.questions)
    redo = report.redo
    if redo is not None:
        redo = msgspec.structs.replace(redo, answer=shortened(redo.answer, SCREEN))
    return msgspec.structs.replace(report, questions=questions, redo=redo)


def _cut(question: QuestionReport) -> QuestionReport:
    spoken = (msgspec.structs.replace(one, answer=shortened(one.answer, SCREEN)) for one in question.transcript)
    unsent = (shortened(one, SCREEN) for one in question.unsent)
    return msgspec.structs.replace(question, transcript=tuple(spoken), unsent=tuple(unsent))
