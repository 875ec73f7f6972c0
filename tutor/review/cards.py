"""The values of spaced repetition: cards, their schedule, and reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from tutor.grading.types import GraderId, PointStatus, Span

Kind = Literal["point", "misconception"]
Rating = Literal[1, 2, 3, 4]
"""1 again, 2 hard, 3 good, 4 easy."""
RATINGS: tuple[Rating, ...] = (1, 2, 3, 4)
RATING_NAMES: dict[Rating, str] = {1: "again", 2: "hard", 3: "good", 4: "easy"}
LEARNING, REVIEW, RELEARNING = 1, 2, 3
"""The states of FSRS."""


class Schedule(msgspec.Struct, frozen=True):
    """When a card comes back, and what FSRS knows of it."""

    due: datetime
    """UTC."""
    state: int = LEARNING
    step: int | None = 0
    """Of the learning steps; None in the state REVIEW."""
    stability: float | None = None
    """Days until recall has fallen to 90 %; None before the first answer."""
    difficulty: float | None = None
    """1 to 10."""
    last_review: datetime | None = None
    """UTC."""
    answered: int = 0
    """Reviews so far, those undone left out."""
    failed: int = 0
    """Times it was rated `again` after the first answer."""
    suspended: bool = False
    """A leech: it fails again and again, and is not asked until the learner has worked on it."""


class NewCard(msgspec.Struct, frozen=True):
    """What a graded answer asks to be repeated."""

    scenario: int
    target: str
    """Id of the point or misconception."""
    kind: Kind
    due: datetime | None = None
    """When it is first asked, UTC; None: at once."""


class Card(msgspec.Struct, frozen=True):
    """A rubric point that was missed, or a misconception that was held."""

    id: int
    scenario: int
    target: str
    """Id of the point or misconception; a scenario has one card of each at most."""
    kind: Kind
    created: datetime
    """UTC."""
    attempt: int | None
    """The answer that made it; None once that is gone."""
    schedule: Schedule


class Verdict(msgspec.Struct, frozen=True):
    """What the grader says about the one point or misconception that a card asks for."""

    right: bool
    """The point is there; the belief is not."""
    status: PointStatus
    """Of a point as graded; of a misconception `contradicted` where held, `unsure` where suspected."""
    evidence: tuple[Span, ...]
    """In the answer as typed."""
    confidence: float
    honest: bool
    """Enough of an answer to be graded."""
    grader: GraderId
    notes: tuple[str, ...] = ()


class Review(msgspec.Struct, frozen=True):
    """One answer to a card. `id` is 0 until it is stored; it is never changed afterwards."""

    id: int
    card: int
    at: datetime
    """UTC."""
    day: date
    """The learner's own day."""
    rating: Rating
    derived: Rating
    """What grade, hints and time gave; another `rating` is the learner's."""
    seconds: float | None
    """None: not measured."""
    hints: int
    answer: str
    verdict: Verdict
    before: Schedule
    """The card's schedule before, for undo."""


class CardDraft(msgspec.Struct, frozen=True):
    """An unfinished answer to a card."""

    card: int
    text: str
    seconds: float
    hints: int
    at: datetime
    """UTC."""


class DayCount(msgspec.Struct, frozen=True):
    """The reviews of one of the learner's days."""

    day: date
    reviews: int
    asked: int
    """Reviews of cards that were to be remembered (state REVIEW): what recall is measured on."""
    recalled: int
    """Those of them not rated `again`."""
