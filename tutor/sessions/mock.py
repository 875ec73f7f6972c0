"""Where a mock interview stands: what is asked next, what the learner has to mark, what is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from tutor import text as texts
from tutor.errors import StoreError, UsageError
from tutor.grading.types import Grade
from tutor.mocks.levels import STANDARDS
from tutor.mocks.values import Chosen, Level, Mock
from tutor.scenarios.model import Scenario
from tutor.sessions.follow_up import FollowUp, follow_up
from tutor.sessions.ports import MockStore

Scenarios = Sequence[Scenario]
Stage = Literal["asking", "marking", "ready", "finished", "abandoned"]
"""`marking`: the learner gives the own marks. `ready`: only the debrief is missing."""


class Unfinished(msgspec.Struct, frozen=True):
    """A mock interview to go on with."""

    mock: int
    level: Level
    minutes: int
    started: datetime
    """UTC."""
    stage: Stage
    question: int
    """The one it stands at, counted from 1."""
    questions: int
    draft_words: int

    @property
    def where(self) -> str:
        """Where it stands, as a sentence."""
        if self.stage != "asking":
            return "Every question is asked; your own marks and the debrief are left."
        at = f"You are at question {self.question} of {self.questions}"
        return f"{at}, with a draft of {texts.counted(self.draft_words, 'word')}." if self.draft_words else f"{at}."


class Turn(msgspec.Struct, frozen=True):
    """What is asked now."""

    question: Chosen
    scenario: Scenario
    turn: int
    """0: the question itself; 1, 2, 3: its follow-ups."""
    text: str
    """As it is put."""
    target: str = ""
    redo: bool = False


def readable(store: MockStore) -> list[Mock]:
    """Every interview that is not damaged, oldest first."""
    found = []
    for number in store.mock_ids():
        try:
            mock = store.mock(number)
        except StoreError:
            continue  # said where it is asked for; the others must not suffer
        if mock is not None:
            found.append(mock)
    return found


def mock_of(store: MockStore, number: int) -> Mock:
    """One interview. Raises UsageError where there is none of that number, StoreError where it is damaged."""
    found = store.mock(number)
    if found is None:
        raise UsageError(
            f"There is no mock interview {number}", "It may have been reset.", "kafka-tutor mock list shows them."
        )
    return found


def unfinished(store: MockStore, scenarios: Scenarios) -> Unfinished | None:
    """The mock interview to go on with, for Home; None where there is none, or it is damaged. Raises StoreError."""
    for number in store.open_mocks():
        try:
            mock = store.mock(number)
        except StoreError:
            continue
        if mock is not None:
            return _unfinished(store, mock, scenarios)
    return None


def _unfinished(store: MockStore, mock: Mock, scenarios: Scenarios) -> Unfinished:
    turn = next_turn(mock, scenarios)
    place = (turn.question.position, turn.turn) if turn else None
    draft = next((one for one in store.mock_drafts(mock.id) if (one.position, one.turn) == place), None)
    number = order_of(mock, turn.question.position) if turn else len(mock.questions)
    return Unfinished(
        mock=mock.id,
        level=mock.level,
        minutes=mock.minutes,
        started=mock.started,
        stage=stage(mock, scenarios),
        question=number,
        questions=len(mock.questions),
        draft_words=len(draft.text.split()) if draft else 0,
    )


def order_of(mock: Mock, position: int) -> int:
    """The number of a question as the learner counts it."""
    return 1 + sum(question.position < position for question in mock.questions)


def stage(mock: Mock, scenarios: Scenarios) -> Stage:
    """How far it has come."""
    if mock.is_finished:
        return "finished"
    if not mock.is_open:
        return "abandoned"
    if next_turn(mock, scenarios) is not None:
        return "asking"
    return "marking" if to_mark(mock) else "ready"


def next_turn(mock: Mock, scenarios: Scenarios) -> Turn | None:
    """What is asked next; None once everything is, or the learner has ended it early.

    A question whose pack cannot be read any more is passed over.
    """
    if "closed" in mock.marks or not mock.is_open:
        return None
    known = {scenario.id: scenario for scenario in scenarios}
    for question in mock.questions:
        scenario = known.get(question.scenario)
        turn = _turn_of(mock, question, scenario) if scenario else None
        if turn is not None:
            return turn
    return None


def _turn_of(mock: Mock, question: Chosen, scenario: Scenario) -> Turn | None:
    given, standard = mock.of(question.position), STANDARDS[mock.level]
    if not given:
        return Turn(question, scenario, 0, scenario.question)
    if len(given) > standard.follow_ups:
        return None
    asked = {answer.target for answer in given}
    found = weakest_spot(scenario, given[-1].grade, asked, musts_only=standard.musts_only)
    return Turn(question, scenario, len(given), found.question, found.target) if found else None


def weakest_spot(scenario: Scenario, grade: Grade, asked: Collection[str], *, musts_only: bool) -> FollowUp | None:
    """The follow-up of a level: any weak spot, or only what must be there and beliefs that are held."""
    if not musts_only:
        return follow_up(scenario, grade, (), asked)
    wanted = {point.id for point in scenario.points if point.must}
    wanted |= {result.id for result in grade.misconceptions if result.certain}
    known = {point.id for point in scenario.points} | {belief.id for belief in scenario.misconceptions}
    return follow_up(scenario, grade, (), {*asked, *(known - wanted)})


def to_mark(mock: Mock) -> tuple[Chosen, ...]:
    """The answered questions that the learner has not marked yet."""
    return tuple(question for question in mock.answered if mock.self_score(question.position) is None)


def weakest_question(mock: Mock) -> Chosen | None:
    """The one to answer a second time: the lowest grade; None before the debrief and after the second try."""
    if not mock.is_finished or mock.redo is not None:
        return None
    graded = [(question, mock.grade(question.position)) for question in mock.answered]
    found = [(grade.score, question.position, question) for question, grade in graded if grade is not None]
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def redo_turn(mock: Mock, scenarios: Scenarios) -> Turn:
    """The second try. Raises UsageError where there is none (any more)."""
    question = weakest_question(mock)
    scenario = next((one for one in scenarios if question and one.id == question.scenario), None)
    if question is None or scenario is None:
        why = "You have had it." if mock.redo else "It comes after the debrief, for one question."
        raise UsageError("There is no second try", why, "kafka-tutor mock")
    return Turn(question, scenario, 0, scenario.question, redo=True)
