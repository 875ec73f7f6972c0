"""A mock interview being held: one turn after the other, the learner's own marks, the debrief, one second try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tutor.clock import Clock
from tutor.errors import AnswerRefused, UsageError
from tutor.grading.types import Grade
from tutor.mocks.timing import Timing
from tutor.mocks.values import BEST_SELF, Answer, Assessment, Mock, MockDraft, joined
from tutor.review.days import next_day
from tutor.review.making import cards_of
from tutor.scenarios.model import Scenario
from tutor.sessions import answers
from tutor.sessions.answers import Accepted
from tutor.sessions.mock import Scenarios, Turn, mock_of, order_of, to_mark
from tutor.sessions.ports import Attempt, GradedAnswer, Store
from tutor.sessions.sitting import Sitting


class MockSession(Sitting):
    """One turn being answered: `type`, `save` from a worker, `accept`, then `submit` with the grade."""

    def __init__(self, mock: Mock, turn: Turn, store: Store, clock: Clock, draft: MockDraft | None) -> None:
        super().__init__(clock, draft.text if draft else None, draft.seconds if draft else 0.0)
        self.mock = mock
        self.turn = turn
        self._store = store

    @classmethod
    def start(cls, mock: Mock, turn: Turn, store: Store, clock: Clock) -> MockSession:
        """Begin, or go on where the draft stopped. Raises StoreError."""
        place = (turn.question.position, turn.turn, turn.redo)
        found = (one for one in store.mock_drafts(mock.id) if (one.position, one.turn, one.redo) == place)
        return cls(mock, turn, store, clock, next(found, None))

    @property
    def said(self) -> str:
        """What was said to this question before."""
        return "" if self.turn.redo else self.mock.said(self.turn.question.position)

    @property
    def number(self) -> int:
        """Which question it is, as the learner counts."""
        return order_of(self.mock, self.turn.question.position)

    def timing(self) -> Timing:
        """Where the time has gone, now."""
        now, position = self.elapsed(), self.turn.question.position
        if self.turn.redo:
            return Timing(now, self.turn.question.minutes, now, self.turn.question.minutes)
        before = sum(answer.seconds for answer in self.mock.of(position))
        return Timing(self.mock.seconds + now, self.mock.minutes, before + now, self.turn.question.minutes)

    def accept(self) -> Accepted:
        """Hand in the answer; returned is all that was said to the question, for the grader. Raises AnswerRefused."""
        own = super().accept()
        if not self.said:
            return own
        whole = joined((self.said, own.kept))
        try:
            return answers.accept(whole)
        except AnswerRefused:
            self.reopen()
            raise

    def submit(self, grade: Grade) -> None:
        """Store the answer and drop its draft. Raises StoreError; then it can be called again."""
        with self._disk:
            with self._lock:
                if self._accepted is None or self._phase != "submitted":
                    raise RuntimeError("submit() before accept()")
                answer = self._answer(self._accepted.kept, grade)
            also = graded_answer(self.turn.scenario, answer.text, [answer]) if answer.redo else None
            self._store.add_mock_answer(self.mock.id, answer, also)
            self._phase = "done"

    def _answer(self, text: str, grade: Grade) -> Answer:
        return Answer(
            position=self.turn.question.position,
            turn=self.turn.turn,
            question=self.turn.text,
            text=text,
            grade=grade,
            at=self._clock.now(),
            seconds=self.elapsed(),
            target=self.turn.target,
            redo=self.turn.redo,
        )

    def _keep(self, text: str) -> None:
        place = (self.mock.id, self.turn.question.position, self.turn.turn, self.turn.redo)
        self._store.save_mock_draft(MockDraft(*place, text, self.elapsed(), self._clock.now()))

    def _drop(self) -> None:
        self._keep("")  # the time spent stays


def assess(store: Store, mock: Mock, position: int, score: int, now: datetime) -> None:
    """Keep the learner's own mark. Raises UsageError where it is none, StoreError where there is one already."""
    if not 0 <= score <= BEST_SELF:
        raise UsageError(f"{score} is no mark", "Marks go from 0 to 10.", "Type a whole number from 0 to 10.")
    store.assess(mock.id, Assessment(position, score, now))


def close(store: Store, mock: Mock, now: datetime) -> None:
    """End the questions early; what was answered is marked and debriefed. Raises StoreError."""
    store.mark_mock(mock.id, "closed", now)


def abandon(store: Store, mock: int, now: datetime) -> None:
    """Give an interview up, a damaged one too: it is never graded or compared. Raises StoreError."""
    store.mark_mock(mock, "abandoned", now)


def debrief(store: Store, mock: Mock, scenarios: Scenarios, now: datetime) -> Mock:
    """The grades come out: every answered question becomes an attempt with its cards. Raises StoreError, RuntimeError.

    Until now nothing outside the interview knew of them: neither Home nor a lab's lock gives anything away. Without an
    answer there is nothing to debrief, and the interview is given up.
    """
    if to_mark(mock):
        raise RuntimeError("debrief() before every question is marked")
    if not mock.answered:
        store.mark_mock(mock.id, "abandoned", now)
        return mock_of(store, mock.id)
    known = {scenario.id: scenario for scenario in scenarios}
    found = [
        graded_answer(known[question.scenario], mock.said(question.position), mock.of(question.position))
        for question in mock.answered
        if question.scenario in known
    ]
    store.mark_mock(mock.id, "debriefed", now, found)
    return mock_of(store, mock.id)


def graded_answer(scenario: Scenario, said: str, given: Sequence[Answer]) -> GradedAnswer:
    """All that was said to a question as one attempt at its scenario."""
    last = given[-1]
    attempt = Attempt(0, scenario.id, said, last.grade, last.at, sum(answer.seconds for answer in given))
    return GradedAnswer(attempt, cards_of(scenario, last.grade, due=next_day(last.at)))
