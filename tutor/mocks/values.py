"""The values of a mock interview. Everything that happens in one is only ever added; how it stands follows from that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from tutor.grading.types import Grade

Level = Literal["junior", "mid", "senior", "staff"]
LEVELS: tuple[Level, ...] = ("junior", "mid", "senior", "staff")
Mark = Literal["closed", "debriefed", "abandoned"]
"""`closed`: the learner ended the questions early. `debriefed`: graded and shown. `abandoned`: given up, nothing shown."""

LEAST_MINUTES, MOST_MINUTES = 5, 240
USUAL_MINUTES = 45
USUAL_LEVEL: Level = "senior"
BEST_SELF = 10
"""Top of the learner's own mark; its bottom is 0."""


class Chosen(msgspec.Struct, frozen=True):
    """A question of the interview."""

    position: int
    """1, 2, 3 …; a question that was reset leaves a gap."""
    scenario: int
    minutes: float
    """Its share of the time, follow-ups included."""
    reasons: tuple[str, ...]
    """Why it was chosen, a sentence each."""


class Answer(msgspec.Struct, frozen=True):
    """One answer: to the question, to a follow-up, or the second try after the debrief."""

    position: int
    turn: int
    """0: the question itself; 1, 2, 3: its follow-ups."""
    question: str
    """As it was put."""
    text: str
    """As typed."""
    grade: Grade
    """Of all that was said to this question so far, this answer included; of a redo: of the redo alone."""
    at: datetime
    """UTC."""
    seconds: float
    target: str = ""
    """Point or misconception that a follow-up aimed at."""
    redo: bool = False


class Assessment(msgspec.Struct, frozen=True):
    """The learner's own mark for a question, given before any grade was shown."""

    position: int
    score: int
    """0 to 10."""
    at: datetime


class MockDraft(msgspec.Struct, frozen=True):
    """An answer being written."""

    mock: int
    position: int
    turn: int
    redo: bool
    text: str
    seconds: float
    at: datetime


class Mock(msgspec.Struct, frozen=True):
    """A mock interview as it stands. `id` is 0 until it is stored."""

    id: int
    level: Level
    minutes: int
    started: datetime
    """UTC."""
    questions: tuple[Chosen, ...]
    """In the order in which they are asked."""
    answers: tuple[Answer, ...] = ()
    """In the order in which they were given."""
    assessments: tuple[Assessment, ...] = ()
    marks: dict[Mark, datetime] = {}

    def of(self, position: int) -> tuple[Answer, ...]:
        """Answers to a question and its follow-ups, in their order."""
        return tuple(answer for answer in self.answers if answer.position == position and not answer.redo)

    def said(self, position: int) -> str:
        """All that was said to a question, as one text: what its last grade is about."""
        return joined(answer.text for answer in self.of(position))

    def grade(self, position: int) -> Grade | None:
        """Of all that was said to a question; None where nothing was."""
        answers = self.of(position)
        return answers[-1].grade if answers else None

    @property
    def answered(self) -> tuple[Chosen, ...]:
        """The questions that have an answer."""
        return tuple(question for question in self.questions if self.of(question.position))

    @property
    def redo(self) -> Answer | None:
        """The second try, if there was one."""
        return next((answer for answer in self.answers if answer.redo), None)

    @property
    def is_finished(self) -> bool:
        """Whether the debrief has been held."""
        return "debriefed" in self.marks

    @property
    def is_open(self) -> bool:
        """Whether it can be gone on with."""
        return not self.is_finished and "abandoned" not in self.marks

    @property
    def seconds(self) -> float:
        """Time spent on answers that were handed in, the second try left out."""
        return sum(answer.seconds for answer in self.answers if not answer.redo)

    def self_score(self, position: int) -> int | None:
        """The learner's own mark."""
        return next((mark.score for mark in self.assessments if mark.position == position), None)


def joined(texts: Iterable[str]) -> str:
    """Answers to one question as one text."""
    return "\n\n".join(texts)
