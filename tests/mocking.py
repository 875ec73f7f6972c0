"""Mock interviews held in a test: through the same functions as the app and the command line, with grades given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tutor.clock import Clock
from tutor.grading.types import Grade
from tutor.mocks.values import Chosen, Level, Mock
from tutor.scenarios.model import Scenario
from tutor.sessions.mock import mock_of, next_turn, to_mark
from tutor.sessions.mock_plan import begin
from tutor.sessions.mock_session import MockSession, assess, debrief
from tutor.sessions.ports import Store

Grading = Callable[[Scenario, str], Grade]


def begun(
    store: Store, scenarios: Sequence[Scenario], now: datetime, level: Level = "senior", minutes: int = 45
) -> Mock:
    """A mock that asks these scenarios in this order."""
    share = minutes / len(scenarios)
    questions = tuple(Chosen(n, one.id, share, ("You have never answered it.",)) for n, one in enumerate(scenarios, 1))
    return begin(store, level, minutes, questions, now)


def session(store: Store, mock: Mock, scenarios: Sequence[Scenario], clock: Clock) -> MockSession:
    """The answer that is to be written now."""
    turn = next_turn(mock_of(store, mock.id), scenarios)
    assert turn is not None
    return MockSession.start(mock_of(store, mock.id), turn, store, clock)


def say(one: MockSession, text: str, grading: Grading) -> str:
    """Answer a turn; returns what the grader got."""
    one.type(text)
    accepted = one.accept()
    one.submit(grading(one.turn.scenario, accepted.graded))
    return accepted.graded


def answered(
    store: Store, mock: Mock, scenarios: Sequence[Scenario], clock: Clock, grading: Grading, text: str = "It goes on."
) -> Mock:
    """Answer everything that is asked."""
    while next_turn(mock_of(store, mock.id), scenarios) is not None:
        say(session(store, mock, scenarios, clock), text, grading)
    return mock_of(store, mock.id)


def finished(store: Store, mock: Mock, scenarios: Sequence[Scenario], clock: Clock, *marks: int) -> Mock:
    """Give own marks (the last one again where there are too few) and hold the debrief."""
    for number, question in enumerate(to_mark(mock)):
        assess(store, mock, question.position, marks[min(number, len(marks) - 1)], clock.now())
    return debrief(store, mock_of(store, mock.id), scenarios, clock.now())
